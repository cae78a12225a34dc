package stack

import "time"

// alarms is a heap of the waiters that have a deadline, for all of which the stack has
// its one timer.
type alarms []*waiter

// next returns the earliest deadline, 0 if there is none.
func (h alarms) next() time.Duration {
	if len(h) == 0 {
		return 0
	}
	return h[0].at
}

func (h *alarms) add(w *waiter) {
	*h = append(*h, w)
	h.up(len(*h)-1, w)
}

// remove takes w out, if it is in.
func (h *alarms) remove(w *waiter) {
	i := int(w.alarm) - 1
	if i < 0 {
		return
	}
	w.alarm = 0
	last := len(*h) - 1
	moved := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	if i < last {
		h.down(i, moved)
		h.up(int(moved.alarm)-1, moved)
	}
}

// expire rouses those whose deadline is over.
func (h *alarms) expire(now time.Duration) {
	for due(h.next(), now) {
		w := (*h)[0]
		h.remove(w)
		w.rouse()
	}
}

// up puts w at i, or nearer to the top.
func (h alarms) up(i int, w *waiter) {
	for i > 0 {
		parent := (i - 1) / 2
		if h[parent].at <= w.at {
			break
		}
		h.put(i, h[parent])
		i = parent
	}
	h.put(i, w)
}

// down puts w at i, or further from the top.
func (h alarms) down(i int, w *waiter) {
	for {
		child := 2*i + 1
		if child >= len(h) {
			break
		}
		if child+1 < len(h) && h[child+1].at < h[child].at {
			child++
		}
		if w.at <= h[child].at {
			break
		}
		h.put(i, h[child])
		i = child
	}
	h.put(i, w)
}

func (h alarms) put(i int, w *waiter) {
	h[i], w.alarm = w, int32(i+1)
}
