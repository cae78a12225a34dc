package tcp

import (
	"time"

	"github.com/netdev-go/netdev"
)

// lossTimer is what lossAt is for.
type lossTimer uint8

const (
	lossNone    lossTimer = iota
	lossSYN               // SYN or SYN-ACK again
	lossRTO               // retransmission timeout
	lossTLP               // tail loss probe
	lossReorder           // RACK looks again
	lossPersist           // window probe
)

// wait puts c into the heap for the earliest of its deadlines.
func (c *Conn) wait() {
	at := earlier(earlier(c.lossAt, c.ackAt), c.lifeAt)
	if c.is(isPaced) {
		at = earlier(at, c.tx.paceAt)
	}
	if at != 0 && c.in != inWait {
		c.e.timers.set(c, at)
	}
}

// expire does what the deadlines until now ask for.
func (c *Conn) expire(now time.Duration) {
	if c.ackAt != 0 && c.ackAt <= now {
		c.ackAt = 0
		c.e.Counters.DelayedACKs++
		if !c.is(isInteractive) {
			c.flags |= ackedLate
		}
		c.ackNow()
	}
	if c.is(isPaced) && c.tx.paceAt <= now {
		c.release(now)
	}
	if c.lossAt != 0 && c.lossAt <= now {
		c.lossAt = 0
		c.expireLoss(now)
	}
	if c.state != StateClosed && c.lifeAt != 0 && c.lifeAt <= now {
		c.lifeAt = 0
		c.expireLife(now)
	}
	if c.state != StateClosed {
		c.rest(now)
		c.wait()
	}
}

func (c *Conn) expireLoss(now time.Duration) {
	switch c.loss {
	case lossSYN:
		c.expireSYN(now)
	case lossRTO:
		c.expireRTO(now)
	case lossTLP:
		c.flags |= sendTLP
		c.output()
	case lossReorder:
		c.detectLoss(now)
		c.output()
	case lossPersist:
		c.expirePersist(now)
	}
}

// expireLife ends an orphan whose time is over, and otherwise looks after keep-alive.
func (c *Conn) expireLife(now time.Duration) {
	switch {
	case c.is(isUnanswered):
		c.finish(netdev.ErrConnTimedOut)
	case c.is(wasLinger):
		c.e.Counters.AbortOnLinger++
		c.reset(netdev.ErrConnTimedOut)
	case c.is(isOrphan) && c.state == StateFinWait2:
		// The peer may still send FIN; TIME-WAIT would answer it, RST does as well.
		c.finish(nil)
	default:
		c.expireKeepAlive(now)
	}
}

// orphanTimeout is how long the data of a closed connection may stay unacknowledged:
// nobody waits for it any more.
const orphanTimeout = 2 * time.Minute

// timeout is how long data may stay unacknowledged.
func (c *Conn) timeout() time.Duration {
	t := c.e.cfg.GiveUp
	if c.opt.UserTimeout > 0 {
		t = c.opt.UserTimeout
	}
	if c.is(isOrphan) {
		t = min(t, orphanTimeout)
	}
	return t
}

// giveUp ends a connection that its peer has left.
func (c *Conn) giveUp() {
	err := error(netdev.ErrConnTimedOut)
	if c.err != nil {
		err = c.err
	}
	c.e.Counters.AbortOnTimeout++
	c.reset(err)
}
