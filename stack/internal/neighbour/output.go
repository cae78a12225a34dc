package neighbour

import (
	"net/netip"
	"time"
)

// Kind says what an [Action] is.
type Kind uint8

const (
	// Nothing is left to do.
	Nothing Kind = iota
	// Request asks for a request for Addr to be sent: to HW, or to everybody if HW
	// is zero.
	Request
	// Packet is a packet that waited and can go to HW now.
	Packet
	// Unreachable is a packet that waited, and nobody has the address it is for.
	Unreachable
)

// Action is something for the owner of a [Cache] to do.
type Action struct {
	Kind Kind
	Addr netip.Addr
	HW   [6]byte
	Len  int // of the packet
}

// Output returns the next thing to be done. A packet is copied to b, and dropped
// if b is too short.
func (c *Cache) Output(now time.Duration, b []byte) Action {
	for c.ready.oldest != none {
		i := c.ready.oldest
		e := &c.entries[i]
		a := Action{Kind: Packet, Addr: e.addr, HW: e.hw}
		if e.state == failed {
			a.Kind = Unreachable
		}
		a.Len = c.dequeue(e, b)
		if e.waiting == 0 {
			c.ready.remove(c.entries, i, toSend)
			if e.state == failed {
				c.remove(i)
			}
		}
		if a.Len > 0 {
			return a
		}
		c.Counters.Dropped++
	}
	if c.next == 0 || now < c.next {
		return Action{}
	}
	return c.timers(now, b)
}

// timers lets one request come of those that are due. It looks at all entries,
// which happens no more often than requests are sent.
func (c *Cache) timers(now time.Duration, b []byte) Action {
	next := time.Duration(0)
	for i := range c.entries {
		e := &c.entries[i]
		if e.state != Incomplete && e.state != Delay && e.state != Probe {
			continue
		}
		if e.when > now {
			if next == 0 || e.when < next {
				next = e.when
			}
			continue
		}
		if e.state == Delay {
			e.state, e.tries = Probe, 0
		}
		if int(e.tries) >= c.config.Tries {
			c.giveUp(int16(i))
			continue
		}
		e.tries++
		e.when = now + c.config.Retry
		c.Counters.Requests++
		// c.next stays: others may be due.
		return Action{Kind: Request, Addr: e.addr, HW: e.hw}
	}
	c.next = next
	if c.ready.oldest != none {
		return c.Output(now, b)
	}
	return Action{}
}

// giveUp ends the asking for entry i.
func (c *Cache) giveUp(i int16) {
	e := &c.entries[i]
	if e.state == Probe {
		// RFC 1122 §2.3.2.1: the next packet has it asked for from the beginning.
		c.Counters.Lost++
		c.remove(i)
		return
	}
	c.Counters.Unresolved++
	e.state = failed
	if e.waiting == 0 {
		c.remove(i)
	} else {
		c.release(i)
	}
}

// Deadline returns when Output, having returned Nothing, will have something to do
// if nothing happens until then. It may be too early, and is 0 for never.
func (c *Cache) Deadline() time.Duration { return c.next }

// wake sets e's timer.
func (c *Cache) wake(e *entry, when time.Duration) {
	e.when = when
	if c.next == 0 || when < c.next {
		c.next = when
	}
}
