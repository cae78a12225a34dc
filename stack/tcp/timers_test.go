package tcp

import (
	"math/rand/v2"
	"testing"
	"time"
)

// Against the obvious: a list of all of them.
func TestTimersComeUpInOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var h timers
	conns := make([]Conn, 200)
	want := map[*Conn]time.Duration{}
	for range 20000 {
		c := &conns[r.IntN(len(conns))]
		switch r.IntN(5) {
		case 0:
			h.remove(c)
			delete(want, c)
		case 1:
			now := time.Duration(r.IntN(1000))
			for c := h.expired(now); c != nil; c = h.expired(now) {
				if want[c] > now {
					t.Fatalf("%v came up at %v", want[c], now)
				}
				delete(want, c)
			}
			for _, at := range want {
				if at <= now {
					t.Fatalf("%v did not come up at %v", at, now)
				}
			}
		default:
			at := time.Duration(1 + r.IntN(2000))
			h.set(c, at)
			if was, ok := want[c]; !ok || at < was {
				want[c] = at
			}
		}
		least := time.Duration(0)
		for _, at := range want {
			least = earlier(least, at)
		}
		if h.next() != least || len(h.heap) != len(want) {
			t.Fatalf("next is %v of %d, want %v of %d", h.next(), len(h.heap), least, len(want))
		}
	}
}

func TestALaterTimeDoesNotMoveTheTimer(t *testing.T) {
	var h timers
	c := new(Conn)
	h.set(c, 5)
	h.set(c, 9)
	if h.next() != 5 {
		t.Errorf("next is %d, want 5", h.next())
	}
}
