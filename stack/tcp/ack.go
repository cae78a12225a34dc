package tcp

import (
	"time"

	"github.com/netdev-go/netdev/stack/tcp/internal/flight"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// arriveACK takes the acknowledgement of a segment in the window: RFC 9293
// §3.10.7.4, fifth. It returns false where the rest of the segment does not count.
func (c *Conn) arriveACK(now time.Duration, in *segment) bool {
	if c.is(probedWindow) && in.ack == c.sndNxt+1 {
		c.takeProbe(now)
	}
	if c.sndNxt.Less(in.ack) || in.ack.Less(c.sndUna-wire.Seq(c.sndWndMax)) {
		c.challengeACK(now) // RFC 5961 §5.2
		return false
	}
	if in.ack.Less(c.sndUna) {
		return true
	}
	window := c.sndWnd
	c.takeWindow(now, in.seq, in.ack, in.window)
	var blocks []wire.SACKBlock
	if c.is(useSACK) {
		blocks = in.opts.Blocks()
	}
	duplicate := in.ack == c.sndUna && len(in.data) == 0 && !in.has(wire.FIN) && window == c.sndWnd && !c.tx.flight.Empty()
	if c.sends() && (in.ack != c.sndUna || len(blocks) > 0 || duplicate && !c.is(useSACK)) {
		var echo uint32
		if in.opts.Has&wire.HasTimestamps != 0 {
			echo = in.opts.TSEcr
		}
		c.acknowledged(now, in.ack, echo, blocks, duplicate)
	}
	if c.is(sentFIN) && c.sndUna == c.sndNxt {
		return c.finAcknowledged(now)
	}
	return true
}

// takeWindow takes the peer's window from a segment whose acknowledgement counts.
func (c *Conn) takeWindow(now time.Duration, seq, ack wire.Seq, field uint16) {
	// A new acknowledgement counts whatever the number: after something out of order
	// SND.WL1 is beyond what comes next.
	if !c.sndUna.Less(ack) && (seq.Less(c.sndWl1) || seq == c.sndWl1 && ack.Less(c.sndWl2)) {
		return
	}
	c.sndWl1, c.sndWl2 = seq, ack
	window := uint32(field) << c.sndScale
	edge := c.sndUna.Add(int(c.sndWnd))
	c.sndWnd = window
	if window > c.sndWndMax {
		c.sndWndMax = window
	}
	if edge.Less(ack.Add(int(window))) {
		if c.loss == lossPersist {
			c.lossAt, c.loss = 0, lossNone
		}
		if c.unsentLen() > 0 {
			c.output()
		}
	}
}

// acknowledged takes an acknowledgement up to ack, which is new, or tells of SACKed
// data, or is a duplicate where there is no SACK.
func (c *Conn) acknowledged(now time.Duration, ack wire.Seq, echo uint32, blocks []wire.SACKBlock, duplicate bool) {
	e := c.e
	pipe, before := c.tx.flight.Pipe(), c.tx.flight.Outstanding()
	was := c.tx.flight.Recovering()
	o := flight.Options{MinRTT: c.rtt.MinRTT(), NoSACK: !c.is(useSACK), Duplicate: duplicate}
	if was && c.is(useTimestamps) {
		o.Echo = c.echoed(now, echo)
	}
	r := c.tx.flight.Ack(now, ack, blocks, o)
	if ack != c.sndUna {
		c.advance(now, ack)
	}
	switch {
	case r.OldestRTT == 0:
	case !was:
		c.rtt.Sample(now, r.OldestRTT, 0, c.tx.flight.Outstanding()/(2*int(c.mss)))
	case r.Acked > 0:
		// In recovery a SACK may tell of what came long before, for the first that did
		// was lost.
		c.rtt.Sample(now, r.RTT, 0, c.tx.flight.Outstanding()/(2*int(c.mss)))
	}
	if r.RTT > 0 && r.RTT < r.OldestRTT {
		c.rtt.SampleMin(now, r.RTT)
	}
	if r.DSACK {
		e.Counters.DSACKRecv++
	}
	if r.Spurious {
		e.Counters.SpuriousRecovery++
		c.tx.congested.Undo()
		c.flags &^= recovering
	}
	if r.Recovered {
		c.tx.congested.OnRecovered(now)
		c.flags &^= recovering
	}
	srtt, least := c.rtt.SRTT(), c.rtt.MinRTT()
	lost, again := c.tx.flight.DetectLoss(now, srtt, least)
	if lost > 0 && (!was || r.Recovered) || r.ProbeLost {
		c.startRecovery(now, before)
	}
	if r.Delivered > 0 {
		a := &e.ack
		a.Now, a.Delivered, a.InFlight, a.Lost = now, r.Delivered, pipe, lost
		a.Left, a.NoSACK = c.tx.flight.Pipe(), o.NoSACK
		a.RTT, a.MinRTT, a.SRTT, a.Rate = r.RTT, least, srtt, r.Rate
		a.Rate.Lost += lost
		a.RoundStart, a.CwndLimited, a.Recovery = r.RoundStart, c.is(cwndLimited) && r.Acked > 0, c.is(recovering)
		if r.Acked > 0 {
			c.flags &^= cwndLimited
		}
		c.tx.congested.OnAck(a)
		c.tx.rate = c.tx.congested.PacingRate()
		c.growSend()
	}
	if c.is(recovering) {
		c.tx.prr.acked(r.Delivered, c.tx.flight.Pipe(), c.tx.congested.Window(), int(c.mss), r.Acked > 0 && lost == 0, r.Acked > 0 && !c.is(useSACK))
	}
	if c.tx.flight.Empty() {
		c.tx.flight.Release(&e.records)
	}
	c.armLoss(now, again)
	if c.unsentLen() > 0 || c.tx.flight.LostBytes() > 0 {
		c.output()
	}
	if c.is(writeFull) && c.roomy() {
		c.flags &^= writeFull
		c.wake()
	}
}

// advance moves SND.UNA to ack.
func (c *Conn) advance(now time.Duration, ack wire.Seq) {
	c.e.heard = true
	n := ack.Diff(c.sndUna)
	c.unqueue(min(n, c.snd.Len()))
	c.sndUna = ack
	if c.sndSmall.Less(ack) {
		c.sndSmall = ack
	}
	c.progressAt, c.sentAt = now, now
	if c.retries > 0 {
		c.retries = 0
		c.rtt.ResetBackoff()
	}
	c.err = nil
}

// echoed returns when the tick of our clock ended that the peer has echoed, 0 where
// it makes no sense.
func (c *Conn) echoed(now time.Duration, ecr uint32) time.Duration {
	ago := tick(now) + c.tsOffset - ecr
	if int32(ago) < 0 || time.Duration(ago)*timestampTick > now {
		return 0
	}
	return (now/timestampTick - time.Duration(ago) + 1) * timestampTick
}
