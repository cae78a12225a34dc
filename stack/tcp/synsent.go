package tcp

import (
	"time"

	"github.com/netdev-go/netdev"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// startSYN has a SYN, or SYN-ACK, go out.
func (c *Conn) startSYN(now time.Duration, isn wire.Seq) {
	c.sndUna, c.sndNxt = isn, isn+1
	c.sndSmall, c.sndWl2 = isn, isn
	c.tsOffset = c.e.timestampOffset(c.Local.Addr(), c.Remote.Addr())
	c.sentAt, c.progressAt = now, now
	c.sendSYN(now)
}

// mayReceive is the largest receive buffer that there will be.
func (e *Engine) mayReceive(o *Options) int {
	if o.RecvBuffer > 0 {
		return min(o.RecvBuffer, e.cfg.MaxRecvBuffer)
	}
	return e.cfg.MaxRecvBuffer
}

// mayQueue is how much a connection may ever hold for sending.
func (e *Engine) mayQueue(o *Options) int {
	if o.SendBuffer > 0 {
		return min(o.SendBuffer, e.cfg.MaxSendBuffer)
	}
	return e.cfg.MaxSendBuffer
}

// scaleFor returns the shift that lets 16 bits say size.
func scaleFor(size int) uint8 {
	shift := uint8(0)
	for size>>shift > 0xffff && shift < wire.MaxWindowScale {
		shift++
	}
	return shift
}

// sendSYN sends it, and starts the timer.
func (c *Conn) sendSYN(now time.Duration) {
	c.flags |= sendSYN
	c.loss, c.lossAt = lossSYN, min(now+c.rto(), c.progressAt+c.synTimeout())
	c.wait()
	c.output()
}

func (c *Conn) synTimeout() time.Duration {
	if t := c.opt.UserTimeout; t > 0 {
		return min(t, c.e.cfg.SYNTimeout)
	}
	return c.e.cfg.SYNTimeout
}

// expireSYN sends it again, or gives up.
func (c *Conn) expireSYN(now time.Duration) {
	if now-c.progressAt >= c.synTimeout() {
		c.e.Counters.AbortOnTimeout++
		err := error(netdev.ErrConnTimedOut)
		if c.err != nil {
			err = c.err
		}
		c.finish(err)
		return
	}
	c.e.Counters.Timeouts++
	c.e.Counters.RetransSegs++
	c.retries++
	c.rtt.Backoff()
	c.sendSYN(now)
}

// emitSYN writes the SYN, with ACK where the peer's has come.
func (c *Conn) emitSYN(now time.Duration, b []byte) int {
	h := &c.e.hdr
	h.SrcPort, h.DstPort = c.Local.Port(), c.Remote.Port()
	h.Seq, h.Flags, h.Ack = c.sndUna, wire.SYN, 0
	o := &h.Options
	o.SACKLen = 0
	o.Has, o.MSS = wire.HasMSS, c.advertisedMSS()
	o.TSVal, o.TSEcr = tick(now)+c.tsOffset, 0
	o.WindowScale = c.rcvScale
	if c.state == StateSynSent {
		o.Has |= wire.HasWindowScale | wire.HasSACKPermitted | wire.HasTimestamps
	} else {
		h.Flags |= wire.ACK
		h.Ack, c.ackSent = c.rcvNxt, c.rcvNxt
		o.TSEcr = c.tsRecent
		if c.is(useTimestamps) {
			o.Has |= wire.HasTimestamps
		}
		if c.is(useSACK) {
			o.Has |= wire.HasSACKPermitted
		}
		if c.is(useScale) {
			o.Has |= wire.HasWindowScale
		}
	}
	h.Window = c.announce(true)
	if h.Len() > len(b) {
		return 0
	}
	n := h.Emit(b)
	wire.Segment(b[:n]).FillChecksumParts(c.pseudo.Add(checksumLen(n)), 0)
	c.e.Counters.OutSegs++
	return n
}

// agree takes the options of the peer's SYN.
func (c *Conn) agree(now time.Duration, in *segment) {
	o := &in.opts
	c.peerMSS = defaultMSS(c.Remote.Addr())
	if o.Has&wire.HasMSS != 0 {
		c.peerMSS = o.MSS
	}
	if o.Has&wire.HasWindowScale != 0 {
		c.flags |= useScale
		c.sndScale = o.WindowScale
	} else {
		c.sndScale, c.rcvScale = 0, 0
	}
	if o.Has&wire.HasSACKPermitted != 0 {
		c.flags |= useSACK
	}
	if o.Has&wire.HasTimestamps != 0 {
		c.flags |= useTimestamps
		c.tsRecent, c.tsRecentAt = o.TSVal, tick(now)
	}
	c.setMSS()
	c.rcvMSS = min(c.advertisedMSS(), 536)
	c.rcvNxt, c.ackSent = in.seq+1, in.seq+1
	c.rcvEdge = c.rcvNxt.Add(max(0, c.rcvEdge.Diff(0)))
	c.sndWl1 = in.seq
	c.sndWnd = uint32(in.window) // a SYN's is never scaled
	c.sndWndMax = max(c.sndWnd, 1)
}

// arriveSynSent is RFC 9293 §3.10.7.3.
func (c *Conn) arriveSynSent(now time.Duration, in *segment) {
	if in.has(wire.ACK) && in.ack != c.sndNxt {
		if !in.has(wire.RST) {
			c.e.refuse(c.Local, c.Remote, in)
		}
		return
	}
	if in.has(wire.RST) {
		if in.has(wire.ACK) {
			c.finish(netdev.ErrConnRefused)
		}
		return
	}
	if !in.has(wire.SYN) {
		return
	}
	c.agree(now, in)
	c.heardAt = now
	if !in.has(wire.ACK) {
		// Both have opened at once: RFC 9293 §3.5, figure 7.
		c.state = StateSynReceived
		c.sendSYN(now)
		return
	}
	if c.is(useTimestamps) && in.opts.TSEcr != 0 && c.retries > 0 {
		if sent := c.echoed(now, in.opts.TSEcr); sent != 0 && now >= sent {
			c.rtt.Sample(now, now-sent+timestampTick, timestampTick, 1)
		}
	} else if c.retries == 0 {
		c.rtt.Sample(now, now-c.sentAt, 0, 1)
	}
	c.opened(now, in.ack)
	c.ackNow()
	if in.has(wire.FIN) || len(in.data) > 0 {
		// What comes with the SYN is taken as far as it is in the window.
		in.trim(1)
		if over := in.seq.Add(len(in.data)).Diff(c.rcvEdge); over > 0 {
			in.cut(len(in.data) - over)
		}
		c.arriveData(now, in)
	}
}

// establish takes the ACK of our SYN-ACK, and returns false where in is none.
func (c *Conn) establish(now time.Duration, in *segment) bool {
	if in.ack != c.sndNxt && !c.switchToCookie(now, in) {
		c.e.refuse(c.Local, c.Remote, in)
		return false
	}
	if l := c.listener; l != nil {
		if l.ready.n >= l.backlog {
			// As if it had been lost: the SYN-ACK goes out again, and the peer answers.
			c.e.Counters.ListenOverflows++
			return false
		}
		c.leaveHalfOpen()
		c.enter(inReady)
		l.wake()
	}
	if c.retries == 0 && c.sentAt != 0 {
		c.rtt.Sample(now, now-c.sentAt, 0, 1)
	}
	// The window of an ACK is scaled, which the SYN's was not.
	c.sndWl1 = in.seq
	c.sndWnd = uint32(in.window) << c.sndScale
	c.sndWndMax = max(c.sndWnd, 1)
	c.opened(now, in.ack)
	return true
}

// switchToCookie takes up what a cookie had begun: the SYN came again while that was on
// its way, and found room. It returns false where in acknowledges none.
func (c *Conn) switchToCookie(now time.Duration, in *segment) bool {
	if c.listener == nil {
		return false
	}
	if _, ok := c.e.passive.isCookie(c.listener, now, c.Local, c.Remote, in); !ok {
		return false
	}
	c.e.Counters.SyncookiesRecv++
	c.sndUna, c.sndNxt = in.ack-1, in.ack
	c.sentAt = 0 // it was another one that was answered
	return true
}

// opened begins ESTABLISHED.
func (c *Conn) opened(now time.Duration, ack wire.Seq) {
	c.e.heard = true
	c.state = StateEstablished
	if c.is(wantsFIN) {
		c.state = StateFinWait1
	}
	c.sndUna, c.sndSmall, c.sndWl2 = ack, ack, ack
	c.loss, c.lossAt = lossNone, 0
	if c.is(sendSYN) {
		c.flags &^= sendSYN // the peer was faster than Output, and may wait for an ACK
		c.ackNow()
	}
	if c.retries > 0 {
		c.flags |= lostSYN
		c.retries = 0
		c.rtt.RestartAfterSYN()
	}
	c.progressAt, c.sentAt = 0, now
	c.tune.since = now
	c.predict()
	c.keepAlive(now)
	c.wake()
	if c.unsentLen() > 0 {
		c.output()
	}
	c.wait()
}
