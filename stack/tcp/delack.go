package tcp

import "time"

// quickACKs is how many full segments are acknowledged at once where the peer may be
// in slow start: at the beginning, and after something came out of order.
const quickACKs = 16

// fewSegments is what makes a window a small one.
const fewSegments = 8

// noteSize takes the size of a segment from the peer. One above what we have announced
// is several that arrived as one, and tells nothing of how long they were.
func (c *Conn) noteSize(n int) {
	c.lastSize = uint16(min(n, 0xffff))
	if c.lastSize > c.rcvMSS && c.lastSize <= c.advertisedMSS() {
		c.rcvMSS = c.lastSize
	}
}

// arrived has new bytes acknowledged: at once, with every second full segment (RFC
// 9293 §3.8.6.3), or after a delay.
func (c *Conn) arrived(now time.Duration) {
	c.dataAt = tick(now)
	if c.quick > 0 && (c.lastSize >= c.rcvMSS || c.is(quickSmall)) {
		if c.quick--; c.quick == 0 {
			c.flags &^= quickSmall
		}
		c.ackNow()
		return
	}
	if c.rcvNxt.Diff(c.ackSent) >= 2*int(c.rcvMSS) {
		c.flags &^= isInteractive
		c.ackNow()
		return
	}
	if c.is(ackedLate) && c.lastSize < c.rcvMSS {
		c.ackNow() // a peer that sends such a segment may wait for its ACK
		return
	}
	if int(c.rcvLimit) < fewSegments*int(c.rcvMSS) && !c.is(isInteractive) {
		c.ackNow() // the window is what the peer waits for
		return
	}
	if c.ackAt == 0 && !c.is(sendACK) {
		c.ackAt = now + c.e.cfg.DelayedACK
		c.e.timers.set(c, c.ackAt)
	}
}

// interactive notes that data goes out after some has come in: where it answers that, the
// ACKs ride on it from now on.
func (c *Conn) interactive(now time.Duration) {
	if tick(now)-c.dataAt < tick(c.e.cfg.DelayedACK) {
		c.quick = 0
		c.flags = c.flags&^ackedLate | isInteractive
	}
}
