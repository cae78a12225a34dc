package tcp

import (
	"time"

	"github.com/netdev-go/netdev"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// CloseWrite sends what was written and then FIN. Later writes take nothing.
func (c *Conn) CloseWrite(now time.Duration) {
	if c.is(wantsFIN) {
		return
	}
	switch c.state {
	case StateSynSent:
		c.finish(nil) // RFC 9293 §3.10.4
		return
	case StateEstablished:
		c.state = StateFinWait1
	case StateCloseWait:
		c.state = StateLastAck
	case StateSynReceived:
		// The FIN goes out once the connection is established.
	default:
		return
	}
	c.flags |= wantsFIN
	c.predict()
	c.output()
}

// CloseRead drops what was received, and what will be.
func (c *Conn) CloseRead(now time.Duration) {
	c.flags |= readShut
	c.rcv.Free(c.e.pool)
	if c.early.Held() > 0 {
		c.early.Free(&c.e.early)
	}
	c.predict()
	c.wake()
}

// Close ends the connection in order and gives it to the Engine: what was written is
// sent, then FIN. Unread data makes it a reset (RFC 9293 §3.6.1), as does a linger of 0.
func (c *Conn) Close(now time.Duration) {
	if c.is(isOrphan) {
		return
	}
	c.flags |= isOrphan
	c.posting = nil
	c.Recall()
	c.predict()
	switch {
	case c.state == StateClosed:
		c.die()
		return
	case c.is(isUnanswered), c.opt.LingerOn && c.opt.Linger <= 0:
		c.reset(nil)
		return
	case c.rcv.Len() > 0 || c.early.Held() > 0:
		c.e.Counters.AbortOnClose++
		c.reset(nil)
		return
	}
	c.CloseWrite(now)
	switch {
	case c.state == StateClosed, c.state == StateTimeWait:
		return
	case c.opt.LingerOn:
		c.flags |= wasLinger
		c.lifeAt = now + c.opt.Linger
	case c.state == StateFinWait2:
		c.lifeAt = now + c.e.cfg.FinWait2
	}
	c.wait()
}

// Abort ends the connection with a reset and gives it to the Engine.
func (c *Conn) Abort(now time.Duration) {
	if c.is(isOrphan) {
		return
	}
	c.flags |= isOrphan
	c.posting = nil
	if c.state == StateClosed {
		c.die()
		return
	}
	c.reset(nil)
}

// reset ends c and tells the peer, if it knows of c.
func (c *Conn) reset(err error) {
	tell := c.state != StateSynSent && c.state != StateTimeWait
	if tell {
		c.flags |= sendRST
		c.output()
	}
	c.finish(err)
}

// peerReset takes the peer's reset.
func (c *Conn) peerReset() {
	err := error(netdev.ErrConnReset)
	if c.state == StateSynReceived {
		err = netdev.ErrConnRefused
	}
	if c.state == StateClosing || c.state == StateLastAck {
		err = nil // RFC 9293 §3.10.7.4: both directions are over
	}
	c.finish(err)
}

// finish ends c, for good or for err. What was received can still be read.
func (c *Conn) finish(err error) {
	if c.state == StateClosed {
		return
	}
	ctr := &c.e.Counters
	switch c.state {
	case StateSynSent, StateSynReceived:
		ctr.AttemptFails++
	case StateEstablished, StateCloseWait:
		if err != nil || c.is(sendRST) {
			ctr.EstabResets++
		}
	}
	c.leaveHalfOpen()
	c.e.unlist(c)
	c.state, c.err = StateClosed, err
	c.predicted, c.lossAt, c.ackAt, c.lifeAt = 0, 0, 0, 0
	c.unqueue(c.snd.Len())
	if c.early.Held() > 0 {
		c.early.Free(&c.e.early)
	}
	c.stopSending()
	if !c.is(isOwned) {
		c.flags |= isOrphan // in an accept queue, or never seen
	}
	if c.is(isOrphan) {
		c.die()
		return
	}
	c.wake()
}

// die has the Engine use c again as soon as nothing holds it.
func (c *Conn) die() {
	c.rcv.Free(c.e.pool)
	c.flags |= isDead
	c.e.conns--
	c.e.collect(c)
}

// peerFIN takes the peer's FIN, everything before which has come.
func (c *Conn) peerFIN(now time.Duration) {
	c.flags |= gotFIN
	c.rcvNxt++
	if c.rcvEdge.Less(c.rcvNxt) {
		c.rcvEdge = c.rcvNxt
	}
	c.ackNow()
	switch c.state {
	case StateEstablished:
		c.state = StateCloseWait
	case StateFinWait1:
		c.state = StateClosing // the FIN of ours would have been acknowledged before
	case StateFinWait2:
		c.enterTimeWait(now)
	}
	c.predict()
	c.wake()
}

// finAcknowledged takes the acknowledgement of our FIN, and returns false where that
// ends c.
func (c *Conn) finAcknowledged(now time.Duration) bool {
	switch c.state {
	case StateFinWait1:
		c.state = StateFinWait2
		// An owner may wait as long as it likes, if only with keep-alive.
		if c.is(isOrphan) {
			c.flags &^= wasLinger
			c.lifeAt = now + c.e.cfg.FinWait2
		}
		c.wake()
	case StateClosing:
		c.enterTimeWait(now)
	case StateLastAck:
		c.finish(nil)
		return false
	}
	return true
}

// emitRST writes the reset of a connection that has ended.
func (c *Conn) emitRST(now time.Duration, b []byte) int {
	h := &c.e.hdr
	h.SrcPort, h.DstPort = c.Local.Port(), c.Remote.Port()
	h.Seq, h.Ack, h.Flags, h.Window = c.sndNxt, c.rcvNxt, wire.RST|wire.ACK, 0
	h.Options.Has = 0
	if c.is(isUnanswered) {
		h.Seq = 0 // as if nobody had listened
	} else if c.is(useTimestamps) {
		h.Options.Has, h.Options.TSVal, h.Options.TSEcr = wire.HasTimestamps, tick(now)+c.tsOffset, c.tsRecent
	}
	if h.Len() > len(b) {
		return 0
	}
	n := h.Emit(b)
	wire.Segment(b[:n]).FillChecksumParts(c.pseudo.Add(checksumLen(n)), 0)
	c.e.Counters.OutRsts++
	c.e.Counters.OutSegs++
	return n
}
