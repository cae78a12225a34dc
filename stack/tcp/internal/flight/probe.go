package flight

import (
	"time"

	wire "github.com/netdev-go/netdev/wire/tcp"
)

// Probed notes that what was sent just now, by Sent or Resent, is a tail loss probe.
func (f *Flight) Probed(resent bool) {
	f.tlpEnd = f.nxt
	f.state = f.state&^stateTLPResent | stateTLP | stateProbed
	if resent {
		f.state |= stateTLPResent
	}
}

// Probing reports whether the last probe stands in the way of another one: it
// has no answer yet, or no RTT was measured since (RFC 8985 §7.3).
func (f *Flight) Probing() bool { return f.is(stateTLP | stateProbed) }

// PTO returns how long after the last transmission or ACK to send a probe
// (RFC 8985 §7.2), before it is bounded by the RTO. maxAckDelay is the longest that the
// peer may delay an ACK, for a lone segment.
func (f *Flight) PTO(srtt, maxAckDelay time.Duration) time.Duration {
	if srtt <= 0 {
		return time.Second
	}
	pto := 2 * srtt
	if f.una != f.nxt && f.b.n == 1 {
		pto += maxAckDelay
	}
	return pto
}

func (f *Flight) probeAnswered() { f.state &^= stateTLP | stateTLPResent }

// probeAck looks at what an acknowledgement means for the probe.
func (f *Flight) probeAck(ack, before wire.Seq, sacks bool, res *Result) {
	if res.RTT > 0 {
		f.state &^= stateProbed
	}
	if !f.is(stateTLP) || ack.Less(f.tlpEnd) {
		return
	}
	// RFC 8985 §7.4.2. Only where more arrived than the probe, and no copy of it
	// came for nothing, had the first one been lost.
	switch {
	case !f.is(stateTLPResent):
		f.probeAnswered()
	case f.tlpEnd.Less(ack):
		f.probeAnswered()
		res.ProbeLost = true
	case ack == before && !sacks:
		f.probeAnswered()
	}
}
