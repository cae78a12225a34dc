package tcp

import "time"

// timers is a heap of the connections that wait for a time, four children to a node.
// It is lazy: an entry moves only when its connection needs an earlier time. One that
// needs a later one, or none, is looked at when it comes up and put back.
type timers struct {
	heap []timer
}

type timer struct {
	at time.Duration
	c  *Conn
}

const timerFanout = 4

// next returns the earliest time, 0 if there is none.
func (t *timers) next() time.Duration {
	if len(t.heap) == 0 {
		return 0
	}
	return t.heap[0].at
}

// set has c come up at the given time or before.
func (t *timers) set(c *Conn, at time.Duration) {
	i := int(c.timer) - 1
	if i < 0 {
		t.heap = append(t.heap, timer{})
		i = len(t.heap) - 1
	} else if t.heap[i].at <= at {
		return
	}
	t.up(i, timer{at, c})
}

// expired takes out a connection whose time has come, or returns nil.
func (t *timers) expired(now time.Duration) *Conn {
	if len(t.heap) == 0 || t.heap[0].at > now {
		return nil
	}
	c := t.heap[0].c
	t.remove(c)
	return c
}

// remove takes c out, if it is in.
func (t *timers) remove(c *Conn) {
	i := int(c.timer) - 1
	if i < 0 {
		return
	}
	c.timer = 0
	last := len(t.heap) - 1
	moved := t.heap[last]
	t.heap[last] = timer{}
	t.heap = t.heap[:last]
	if i == last {
		return
	}
	if i > 0 && moved.at < t.heap[(i-1)/timerFanout].at {
		t.up(i, moved)
	} else {
		t.down(i, moved)
	}
}

func (t *timers) put(i int, x timer) {
	t.heap[i] = x
	x.c.timer = int32(i) + 1
}

func (t *timers) up(i int, x timer) {
	for i > 0 {
		parent := (i - 1) / timerFanout
		if t.heap[parent].at <= x.at {
			break
		}
		t.put(i, t.heap[parent])
		i = parent
	}
	t.put(i, x)
}

func (t *timers) down(i int, x timer) {
	for {
		first := i*timerFanout + 1
		if first >= len(t.heap) {
			break
		}
		least := first
		for j := first + 1; j < min(first+timerFanout, len(t.heap)); j++ {
			if t.heap[j].at < t.heap[least].at {
				least = j
			}
		}
		if x.at <= t.heap[least].at {
			break
		}
		t.put(i, t.heap[least])
		i = least
	}
	t.put(i, x)
}
