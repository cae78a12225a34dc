package tcp

import (
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/block"
)

// Whoever finds no memory to write is told when there is some again, though nothing
// happens on its own connection.
func TestWriterThatWaitsForMemoryIsWoken(t *testing.T) {
	p := newPair(Config{})
	p.a = newEngine(3, Config{Pool: block.NewPool(block.Config{BlockSize: 1024, Blocks: 16})})
	l := p.listen(t, 2)
	var conns []*Conn
	for i := range uint16(20) {
		c, _ := p.connect(t, 1000+i, l)
		conns = append(conns, c)
	}
	buf := make([]byte, 64<<10)
	last := conns[19]
	for _, c := range conns[:19] {
		for c.Write(p.now, buf) > 0 {
		}
	}
	if n := last.Write(p.now, buf); n != 0 || last.Ready()&netdev.PollOut != 0 {
		t.Fatalf("Write took %d with %d blocks free", n, p.a.pool.Free())
	}
	for p.carry(p.a, p.b, addrA, addrB) || p.carry(p.b, p.a, addrB, addrA) {
	}
	for p.a.Deadline() != 0 && (p.a.pool.InUse() > 0 || p.a.unfed > 0) {
		p.now = max(p.a.Deadline(), p.now)
		p.a.Advance(p.now)
		p.b.Advance(p.now)
		for p.carry(p.a, p.b, addrA, addrB) || p.carry(p.b, p.a, addrB, addrA) {
		}
	}
	woken := false
	for c, l := p.a.Woken(); c != nil || l != nil; c, l = p.a.Woken() {
		woken = woken || c == last
	}
	if !woken || last.Ready()&netdev.PollOut == 0 {
		t.Errorf("woken %v, %d blocks free", woken, p.a.pool.Free())
	}
}

// A writer that was woken is not woken again unless it finds too little room again.
func TestWriterIsWokenOnce(t *testing.T) {
	p := newPair(Config{})
	l := p.listen(t, 1)
	client, _ := p.connect(t, 1000, l)
	buf := make([]byte, 1<<20)
	client.Write(p.now, buf) // more than there is room for
	wakes := func() (n int) {
		for p.carry(p.a, p.b, addrA, addrB) || p.carry(p.b, p.a, addrB, addrA) {
			for c, _ := p.a.Woken(); c != nil; c, _ = p.a.Woken() {
				n++
			}
		}
		return n
	}
	if n := wakes(); n == 0 {
		t.Fatal("not woken")
	}
	client.Write(p.now, buf[:100])
	if n := wakes(); n != 0 {
		t.Errorf("woken %d times although it found room", n)
	}
}

// However many wait for memory, a call looks at few of them, and none is forgotten.
func TestManyThatWaitForMemoryAreLookedAtInTurn(t *testing.T) {
	e := newEngine(1, Config{Pool: block.NewPool(block.Config{BlockSize: 1024, Blocks: 64})})
	const many = 10 * feedMost
	for range many {
		c := &Conn{e: e, opt: &Options{}}
		c.starve()
	}
	var q block.Queue
	q.Append(e.pool, []byte{1})
	q.Free(e.pool)
	calls := 0
	for left := many; ; left = e.unfed {
		calls++
		if e.Advance(1); left-e.unfed > feedMost {
			t.Fatalf("%d were looked at in one call", left-e.unfed)
		}
		if e.Deadline() == 0 {
			break
		}
	}
	if calls != many/feedMost {
		t.Errorf("%d calls for %d, %d at a time", calls, many, feedMost)
	}
}
