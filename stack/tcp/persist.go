package tcp

import (
	"time"

	wire "github.com/netdev-go/netdev/wire/tcp"
)

// armPersist starts the timer that asks a closed window (RFC 9293 §3.8.6.1).
func (c *Conn) armPersist(now time.Duration) {
	if c.loss == lossPersist && c.lossAt != 0 {
		return
	}
	if c.loss != lossPersist {
		c.asked = 0
	}
	wait := c.rtt.RTO(c.e.cfg.MinRTO, c.e.cfg.MaxRTO)
	for i := uint8(0); i < c.asked && wait < c.e.cfg.MaxRTO; i++ {
		wait *= 2
	}
	c.loss, c.lossAt = lossPersist, now+min(wait, c.e.cfg.MaxRTO)
	c.wait()
}

// expirePersist sends a probe. A peer that answers may keep its window closed for ever,
// unless nobody waits for it.
func (c *Conn) expirePersist(now time.Duration) {
	if c.unsentLen() <= 0 || !c.tx.flight.Empty() {
		c.loss = lossNone
		return
	}
	if c.asked == 0 {
		c.progressAt = now
	} else if c.heardAt > c.progressAt && !c.is(isOrphan) {
		c.progressAt = c.heardAt
	} else if now-c.progressAt >= c.timeout() {
		c.giveUp()
		return
	}
	if c.asked < 255 {
		c.asked++
	}
	c.flags |= sendProbe
	c.armPersist(now)
	c.output()
}

// emitProbe sends what the window has room for, or one byte, or FIN, beyond it. That one
// does not count as sent until the peer takes it.
func (c *Conn) emitProbe(now time.Duration, b []byte) int {
	if c.unsentLen() <= 0 || !c.tx.flight.Empty() {
		return 0
	}
	c.startSending(now)
	c.e.Counters.WindowProbes++
	head := c.startSegment(now)
	n := min(c.sndUna.Add(int(c.sndWnd)).Diff(c.sndNxt), c.unsentLen(), c.room(b, head))
	if n > 0 {
		return c.sendNew(now, b, head, n, n+1)
	}
	flags, data := wire.ACK, 1
	if c.snd.Len() == 0 {
		flags, data = wire.ACK|wire.FIN, 0
	}
	c.flags |= probedWindow
	c.tx.next = c.snd.Seek(0)
	c.e.Counters.OutSegs++
	return c.finishSegment(b, c.sndNxt, flags, head, data)
}

// takeProbe counts the byte of a probe, or FIN, as sent: the peer has taken it.
func (c *Conn) takeProbe(now time.Duration) {
	c.flags &^= probedWindow
	if !c.tx.flight.Empty() || c.unsentLen() <= 0 {
		return
	}
	if c.snd.Len() == 0 {
		c.flags |= sentFIN
	}
	c.tx.flight.Attach(&c.e.records)
	c.tx.flight.Sent(now, c.sndNxt, 1)
	c.tx.next = c.snd.Seek(min(1, c.snd.Len()))
	c.sndNxt++
}
