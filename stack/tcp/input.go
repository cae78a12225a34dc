package tcp

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/internal/checksum"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// A segment is what is looked at where the fast path does not fit.
type segment struct {
	seq, ack wire.Seq
	flags    wire.Flags
	window   uint16
	data     []byte
	opts     wire.Options
}

func (in *segment) has(f wire.Flags) bool { return in.flags&f != 0 }

// length is SEG.LEN.
func (in *segment) length() int {
	n := len(in.data)
	if in.has(wire.SYN) {
		n++
	}
	if in.has(wire.FIN) {
		n++
	}
	return n
}

// trim drops n sequence numbers from the front.
func (in *segment) trim(n int) {
	in.seq = in.seq.Add(n)
	if in.has(wire.SYN) {
		in.flags &^= wire.SYN
		n--
	}
	if n > len(in.data) {
		in.flags &^= wire.FIN
		n = len(in.data)
	}
	in.data = in.data[n:]
}

// cut drops what lies n sequence numbers or more behind the front.
func (in *segment) cut(n int) {
	if n < len(in.data) {
		in.data = in.data[:n]
		in.flags &^= wire.FIN
	} else if n == len(in.data) {
		in.flags &^= wire.FIN
	}
}

// Input takes a segment, the payload of an IP packet from src to dst, whose checksum
// it verifies. The bytes are the caller's again when it returns. It reports whether the
// segment acknowledged something new: that we reach src (RFC 4861 §7.3.1).
func (e *Engine) Input(now time.Duration, src, dst netip.Addr, b []byte) bool {
	e.Counters.InSegs++
	s, err := wire.Parse(b)
	if err != nil {
		e.Counters.InErrs++
		return false
	}
	e.heard = false
	c := e.last
	if c == nil || !c.between(dst, src, s.DstPort(), s.SrcPort()) {
		c = e.table.find(dst, src, s.DstPort(), s.SrcPort())
	}
	if c == nil {
		e.stray(now, src, dst, s)
		return e.heard
	}
	e.last = c
	if s.Prediction()&^(wire.PredictionPSH|0xffff) == c.predicted && s.Seq() == c.rcvNxt && c.common(now, s) {
		return e.heard
	}
	if !c.pseudo.Add(checksum.Sum(len(s))).Add(checksum.Of(s)).Valid() {
		e.Counters.InCsumErrors++
		return false
	}
	e.parse(s)
	c.arrive(now, &e.in)
	return e.heard
}

// parse takes s apart.
func (e *Engine) parse(s wire.Segment) {
	in := &e.in
	in.seq, in.ack, in.flags, in.window, in.data = s.Seq(), s.Ack(), s.Flags(), s.Window(), s.Payload()
	in.opts.Has, in.opts.SACKLen = 0, 0
	if val, ecr, ok := s.Timestamps(); ok {
		in.opts.Has, in.opts.TSVal, in.opts.TSEcr = wire.HasTimestamps, val, ecr
	} else if s.HeaderLen() > wire.HeaderLen {
		// What comes before an option that cannot be read counts.
		_ = in.opts.Parse(s.OptionBytes())
	}
}

// stray takes a segment for which there is no connection.
func (e *Engine) stray(now time.Duration, src, dst netip.Addr, s wire.Segment) {
	if !s.ChecksumOK(src, dst) {
		e.Counters.InCsumErrors++
		return
	}
	local, remote := netip.AddrPortFrom(dst, s.DstPort()), netip.AddrPortFrom(src, s.SrcPort())
	if remote.Port() == 0 || local.Port() == 0 || !unicast(src) || !unicast(dst) {
		return
	}
	e.parse(s)
	if l := e.listeners.find(local); l != nil && e.passive.take(l, now, local, remote, &e.in) {
		return
	}
	e.refuse(local, remote, &e.in)
}

// unicast tells whether a connection may have the address.
func unicast(a netip.Addr) bool {
	return !a.IsMulticast() && !a.IsUnspecified() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// arrive takes a segment for c: RFC 9293 §3.10.7.
func (c *Conn) arrive(now time.Duration, in *segment) {
	switch c.state {
	case StateClosed:
		return // only its reset is still to go out
	case StateSynSent:
		c.arriveSynSent(now, in)
		return
	case StateTimeWait:
		c.arriveTimeWait(now, in)
		return
	}
	if c.is(isUnanswered) {
		c.arriveUnanswered(in)
		return
	}
	if !c.acceptable(now, in) {
		return
	}
	c.heardAt, c.probes = now, 0
	if in.has(wire.RST) {
		c.peerReset()
		return
	}
	if !in.has(wire.ACK) {
		return
	}
	if c.state == StateSynReceived && !c.establish(now, in) {
		return
	}
	c.remember(in)
	if !c.arriveACK(now, in) {
		return
	}
	if c.state.receives() {
		c.arriveData(now, in)
	}
	c.wait()
}

// acceptable tells whether in lies in the window and is to be worked on, cuts off what
// does not, and answers what asks for it: RFC 9293 §3.10.7.4, RFC 5961.
func (c *Conn) acceptable(now time.Duration, in *segment) bool {
	if c.is(useTimestamps) && !in.has(wire.RST) && !c.timely(now, in) {
		return false
	}
	if c.state == StateSynReceived && in.has(wire.SYN) && in.seq == c.rcvNxt-1 {
		if !in.has(wire.ACK) {
			c.flags |= sendSYN // our SYN-ACK was lost
			c.output()
			return false
		}
		in.trim(1)               // of a simultaneous open
		in.window >>= c.sndScale // a SYN's is not scaled
	}
	if c.rcvEdge == c.rcvNxt && in.seq == c.rcvNxt && len(in.data) > 0 && !in.has(wire.RST|wire.SYN) {
		in.cut(0) // valid ACKs are taken even with a window of zero
		c.ackNow()
	}
	if !c.inWindow(in) {
		if !in.has(wire.RST) {
			c.duplicate(in)
			c.answerStray(now, in)
		}
		return false
	}
	switch {
	case in.has(wire.RST):
		if in.seq != c.rcvNxt {
			c.challengeACK(now)
			return false
		}
		return true
	case in.has(wire.SYN):
		c.e.Counters.TCPSYNChallenge++
		c.challengeACK(now)
		return false
	case in.seq.Less(c.rcvNxt):
		if len(in.data) > 0 && c.is(useSACK) {
			c.early.Duplicate(in.seq, c.rcvNxt)
			c.e.owes = true
		}
		in.trim(c.rcvNxt.Diff(in.seq))
		c.ackNow()
	}
	if over := in.seq.Add(len(in.data)).Diff(c.rcvEdge); over > 0 {
		in.cut(len(in.data) - over)
	}
	return true
}

// timely tells whether in has a timestamp, and not an old one: PAWS (RFC 7323 §5.3).
func (c *Conn) timely(now time.Duration, in *segment) bool {
	if in.opts.Has&wire.HasTimestamps == 0 {
		return false // RFC 7323 §3.2
	}
	if !c.old(now, in.opts.TSVal) {
		return true
	}
	c.e.Counters.PAWSEstab++
	if c.state != StateSynReceived || !in.has(wire.SYN) {
		c.duplicate(in)
		c.answerStray(now, in)
	}
	return false
}

// inWindow tells whether something of in is new and in the window. A segment without
// data may lie at the edge, where a peer is that has filled the window.
func (c *Conn) inWindow(in *segment) bool {
	n := in.length()
	end := in.seq.Add(n)
	switch {
	case in.seq == c.rcvNxt, n == 0 && in.seq == c.rcvEdge:
		return true
	case !in.seq.Less(c.rcvEdge), end.Less(c.rcvNxt):
		return false
	}
	return n == 0 || end != c.rcvNxt
}

// old tells whether a timestamp is older than one seen, and that one young enough to
// count (RFC 7323 §5.5).
func (c *Conn) old(now time.Duration, val uint32) bool {
	const outdated = uint32(24 * 24 * time.Hour / timestampTick)
	return int32(val-c.tsRecent) < 0 && tick(now)-c.tsRecentAt < outdated
}

// remember keeps the timestamp to echo (RFC 7323 §4.3) of a segment that PAWS let pass.
func (c *Conn) remember(in *segment) {
	if c.is(useTimestamps) && in.opts.Has&wire.HasTimestamps != 0 && in.seq.LessEq(c.ackSent) {
		c.tsRecent, c.tsRecentAt = in.opts.TSVal, tick(c.heardAt)
	}
}

// duplicate notes data that came again, for D-SACK.
func (c *Conn) duplicate(in *segment) {
	if n := len(in.data); n > 0 && c.is(useSACK) && in.seq.Add(n).LessEq(c.rcvNxt) {
		c.early.Duplicate(in.seq, in.seq.Add(n))
		c.e.owes = true
	}
}

// answerStray acknowledges a segment out of the window, data always and others as
// often as does not make two ends that disagree answer each other for ever.
func (c *Conn) answerStray(now time.Duration, in *segment) {
	if len(in.data) > 0 || in.has(wire.SYN|wire.FIN) || c.state == StateSynReceived {
		if in.has(wire.SYN) {
			c.e.Counters.TCPSYNChallenge++
			c.challengeACK(now)
			return
		}
		c.ackNow()
		return
	}
	const least = uint32(100 * time.Millisecond / timestampTick)
	if t := tick(now); t-c.strayAt >= least || c.strayAt == 0 {
		c.strayAt = t | 1
		c.ackNow()
	} else {
		c.e.Counters.ACKSkipped++
	}
}
