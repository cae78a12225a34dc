package stack

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestAlarmsGoOffInTheOrderOfTheirDeadlines(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var s Stack
	var h alarms
	var all []*waiter
	for now := time.Duration(1); now < 2000; now++ {
		for range rng.IntN(4) {
			w := s.takeWaiter(readable)
			w.at = now + time.Duration(1+rng.IntN(100))
			h.add(w)
			all = append(all, w)
		}
		if n := len(all); n > 0 && rng.IntN(2) == 0 {
			i := rng.IntN(n)
			h.remove(all[i])
			h.remove(all[i]) // is in no more
			all = slices.Delete(all, i, i+1)
		}
		h.expire(now)
		next := time.Duration(0)
		all = slices.DeleteFunc(all, func(w *waiter) bool {
			over := w.at <= now
			if over != w.woken || over == (w.alarm != 0) {
				t.Fatalf("at %d a waiter until %d: woken %v, alarm %d", now, w.at, w.woken, w.alarm)
			}
			if !over {
				next = earlier(next, w.at)
			}
			return over
		})
		if h.next() != next {
			t.Fatalf("at %d the next is %d, want %d", now, h.next(), next)
		}
	}
}
