package stack

import (
	"testing"

	"github.com/netdev-go/netdev"
)

func TestANumberComesBackAsLateAsItCan(t *testing.T) {
	tab := newTable(3)
	add := func() *socket {
		k := &socket{}
		if err := tab.add(k); err != nil {
			t.Fatal(err)
		}
		return k
	}
	a, b, c := add(), add(), add()
	if a.fd != 0 || b.fd != 1 || c.fd != 2 {
		t.Fatalf("the first numbers are %d, %d and %d", a.fd, b.fd, c.fd)
	}
	if err := tab.add(&socket{}); err != netdev.ErrNoMoreSockets {
		t.Errorf("a fourth of three: %v", err)
	}
	seen := map[int]bool{a.fd: true, b.fd: true, c.fd: true}
	for range 5 {
		// What is closed first comes back first, under another number.
		tab.remove(b)
		tab.remove(a)
		for _, old := range []**socket{&b, &a} {
			k := add()
			if k.slot() != (*old).slot() || seen[k.fd] {
				t.Errorf("number %d in slot %d, want a new one in slot %d", k.fd, k.slot(), (*old).slot())
			}
			if tab.get(k.fd) != k || tab.owner(int32(k.slot())) != k || tab.get((*old).fd) != nil {
				t.Errorf("number %d or %d finds the wrong socket", k.fd, (*old).fd)
			}
			seen[k.fd] = true
			*old = k
		}
	}
	for _, fd := range []int{-1, 3, 1 << 30, slotMask, -1 << 31} {
		if tab.get(fd) != nil {
			t.Errorf("%d is a socket", fd)
		}
	}
}

func TestTheRingKeepsItsOrder(t *testing.T) {
	r := newRing(4, 8, 0, 0, false)
	in, out := byte(0), byte(0)
	push := func(n int) {
		for range n {
			f := r.next(8)
			if f == nil {
				t.Fatal("no room in a ring that has some")
			}
			f.buf[0] = in
			in++
			r.push()
		}
	}
	pop := func(n int) {
		for i := range n {
			if got := r.at(i).buf[0]; got != out {
				t.Fatalf("frame %d, want %d", got, out)
			}
			out++
		}
		r.release(n)
	}
	for _, n := range []int{1, 2, 3, 4, 3, 2, 4, 1} {
		push(n)
		pop(n)
	}
	push(3)
	pop(2)
	push(3)
	if r.next(8) != nil || r.room() != 0 {
		t.Errorf("a full ring has room for %d", r.room())
	}
	pop(4)
	if r.room() != 4 {
		t.Errorf("an empty ring has room for %d", r.room())
	}
}

// A frame that was not pushed is given out again.
func TestAFrameThatIsNotSentIsNotInTheRing(t *testing.T) {
	r := newRing(2, 8, 0, 0, true)
	if a, b := r.next(8), r.next(8); a != b || r.used != 0 {
		t.Error("next takes a place")
	}
}
