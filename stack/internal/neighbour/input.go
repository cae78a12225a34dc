package neighbour

import (
	"net/netip"
	"time"
)

// Answer takes an answer that was sent to us: addr is at hw, and can be reached. If
// it was not asked for, it says no more than an Update.
func (c *Cache) Answer(now time.Duration, addr netip.Addr, hw [6]byte) {
	i := c.find(addr)
	if i == none || !c.plausible(hw) {
		return
	}
	e := &c.entries[i]
	if e.state != Incomplete && e.state != failed && e.state != Probe {
		c.update(i, hw)
		return
	}
	c.change(e, hw)
	c.spread()
	c.settle(i, Reachable)
	e.when = now + c.reach
}

// Learn takes what a packet to us says of its sender: addr is at hw. We are about
// to answer, so it is kept even if addr was not known; but for the sake of those
// that we did call, it is the first to be forgotten until we do.
func (c *Cache) Learn(now time.Duration, addr netip.Addr, hw [6]byte) {
	if !c.plausible(hw) || !addr.IsValid() || addr.IsUnspecified() || addr.IsMulticast() {
		return
	}
	if i := c.find(addr); i != none {
		c.tell(now, i, hw)
		return
	}
	i := c.add(addr)
	e := &c.entries[i]
	e.hw, e.state = hw, Stale
	c.known.pushOldest(c.entries, i, inUse)
}

// Update takes what a packet to others says: addr, if it is in the cache, is at hw.
func (c *Cache) Update(now time.Duration, addr netip.Addr, hw [6]byte) {
	if i := c.find(addr); i != none && c.plausible(hw) {
		c.tell(now, i, hw)
	}
}

func (c *Cache) tell(now time.Duration, i int16, hw [6]byte) {
	e := &c.entries[i]
	if e.state >= Reachable {
		c.update(i, hw)
		return
	}
	c.change(e, hw)
	if e.waiting == 0 {
		c.settle(i, Stale)
		return
	}
	c.settle(i, Delay) // by the packets that leave now
	c.wake(e, now+c.config.Delay)
}

// update gives a known neighbour another hardware address, of which nobody has
// confirmed that it can be reached.
func (c *Cache) update(i int16, hw [6]byte) {
	if e := &c.entries[i]; e.hw != hw {
		c.change(e, hw)
		e.state = Stale
	}
}

func (c *Cache) change(e *entry, hw [6]byte) {
	if e.state >= Reachable && e.hw != hw {
		c.Counters.Changed++
	}
	e.hw = hw
}

// settle puts entry i, which has a hardware address now, into a state of those that
// do.
func (c *Cache) settle(i int16, s State) {
	e := &c.entries[i]
	if e.state >= Reachable {
		e.state = s
		return
	}
	was := e.state
	c.asked.remove(c.entries, i, inUse)
	c.known.push(c.entries, i, inUse)
	e.state = s
	if was == Incomplete {
		c.release(i)
	}
}

// plausible tells whether hw can be the address of a single station. RFC 1812
// §3.3.2 forbids to believe in others.
func (c *Cache) plausible(hw [6]byte) bool {
	if hw[0]&1 != 0 || hw == [6]byte{} {
		c.Counters.Refused++
		return false
	}
	return true
}
