package tcp

import "time"

// Defaults of KeepAlive (RFC 9293 §3.8.4, and Linux's).
const (
	keepAliveIdle     = 2 * time.Hour
	keepAliveInterval = 75 * time.Second
	keepAliveCount    = 9
)

func (k *KeepAlive) idle() time.Duration {
	if k.Idle > 0 {
		return k.Idle
	}
	return keepAliveIdle
}

func (k *KeepAlive) interval() time.Duration {
	if k.Interval > 0 {
		return k.Interval
	}
	return keepAliveInterval
}

func (k *KeepAlive) count() int {
	if k.Count > 0 {
		return k.Count
	}
	return keepAliveCount
}

// keepAlive starts, or stops, to look after the peer's signs of life.
func (c *Conn) keepAlive(now time.Duration) {
	if c.is(isOrphan|isUnanswered) || !c.state.synchronized() || c.state == StateTimeWait {
		return
	}
	c.lifeAt = 0
	if k := &c.opt.KeepAlive; k.On {
		c.lifeAt = now + k.idle()
		c.wait()
	}
}

// expireKeepAlive asks the peer, unless it was heard of meanwhile.
func (c *Conn) expireKeepAlive(now time.Duration) {
	k := &c.opt.KeepAlive
	if !k.On || c.state == StateTimeWait {
		return
	}
	if due := c.heardAt + k.idle(); c.probes == 0 && due > now || !c.tx.flight.Empty() || c.unsentLen() > 0 {
		// What is under way, or waits for the window, finds out by itself.
		c.lifeAt = max(due, now+k.interval())
		if c.probes == 0 && due > now {
			c.lifeAt = due
		}
		return
	}
	gone := int(c.probes) >= k.count()
	if t := c.opt.UserTimeout; t > 0 && c.probes > 0 {
		gone = now-c.heardAt >= t
	}
	if gone {
		c.giveUp()
		return
	}
	c.probes++
	c.flags |= sendKeepAlive
	c.lifeAt = now + k.interval()
	c.output()
}
