package congestion

import "time"

// ackPhase is what the acknowledgements that come in tell of (draft §2.12).
type ackPhase uint8

const (
	acksInit ackPhase = iota
	acksRefilling
	acksProbeStarting
	acksProbeFeedback
	acksProbeStopping
)

// A bbrCycle is where ProbeBW is in its cycle (draft §2.12).
type bbrCycle struct {
	cycleStart   time.Duration
	probeWait    time.Duration // bw_probe_wait
	sinceProbe   uint32        // rounds_since_probe_up
	upRounds     uint8         // bw_probe_up_rounds
	upAcked      int32         // bw_probe_up_acked
	perIncrease  int32         // probe_up_acked_per_inc
	drainFrom    uint32        // drain_start_round
	cruiseFrom   uint32        // the round in which ProbeBW_CRUISE began
	limitedRound uint32        // when the window was last what limits
	limited      bool          // is_cwnd_limited
}

// renoRounds bounds how long a cycle is in round trips, so that Reno and CUBIC get on
// beside it; probeWaitLeast and the second after it bound it in time (draft §5.3.3.6).
const (
	renoRounds     = 63
	probeWaitLeast = 2 * time.Second
)

func (b *bbr) startDown() {
	b.resetCongestion()
	b.perIncrease = noBound
	r := b.random()
	b.sinceProbe = r & 1
	b.probeWait = probeWaitLeast + time.Duration(uint64(r>>1)*uint64(time.Second)>>31)
	b.cycleStart = b.now
	b.phase = acksProbeStopping
	b.startRound()
	b.state = bbrDown
}

func (b *bbr) startCruise() {
	b.state = bbrCruise
	b.cruiseFrom = b.round
}

func (b *bbr) startRefill() {
	b.resetShortTerm()
	b.upRounds, b.upAcked = 0, 0
	b.precautionary = false
	b.phase = acksRefilling
	b.startRound()
	b.state = bbrRefill
}

func (b *bbr) startUp(s *bbrSample) {
	b.phase = acksProbeStarting
	b.startRound()
	b.resetFull(s.rate)
	b.state = bbrUp
	b.raiseSlope()
}

// updateCycle is draft §5.3.3.7.
func (b *bbr) updateCycle(a *Ack, s *bbrSample) {
	if !b.fullReached || b.adaptLongTerm(a, s) {
		return
	}
	switch b.state {
	case bbrDown:
		if !b.probeWhenDue() && b.isTimeToCruise() {
			b.startCruise()
		}
	case bbrCruise:
		b.probeWhenDue()
	case bbrRefill:
		if b.roundStart {
			b.isProbeSample = true
			b.startUp(s)
		}
	case bbrUp:
		if b.isTimeToGoDown(s) {
			b.tooHigh = false
			b.startDown()
		}
	}
}

// probeWhenDue begins the next probe where it is time for that.
func (b *bbr) probeWhenDue() bool {
	rounds := min(uint32(b.targetInflight()/b.mss), renoRounds)
	if b.now <= b.cycleStart+b.probeWait && b.sinceProbe < rounds {
		return false
	}
	b.startRefill()
	return true
}

func (b *bbr) isTimeToCruise() bool {
	return b.inFlight <= b.withHeadroom() && b.inFlight <= b.inflightFor(b.maxRate(), gainOne)
}

func (b *bbr) isTimeToGoDown(s *bbrSample) bool {
	if b.tooHigh && b.inFlight >= b.longterm {
		b.precautionary = true
		return true
	}
	if b.limited && b.cwnd >= b.longterm {
		b.resetFull(s.rate) // the bound is what limits the rate
		return false
	}
	return b.fullNow
}

// adaptLongTerm follows what the acknowledgements tell of the probe, and reports
// whether it has changed the state.
func (b *bbr) adaptLongTerm(a *Ack, s *bbrSample) bool {
	if b.phase == acksProbeStarting && b.roundStart {
		b.phase = acksProbeFeedback
	}
	if b.phase == acksProbeStopping && b.roundStart {
		b.isProbeSample = false
		b.phase = acksInit
		if b.state.probesBW() && !s.limited {
			b.rates[1], b.rates[0] = b.rates[0], 0
		}
		if b.state.probesBW() && b.precautionary && !b.tooHigh {
			b.startRefill()
			return true
		}
	}
	if b.longterm == noBound || s.inflightTooHigh() {
		return false
	}
	b.longterm = max(b.longterm, s.txInFlight)
	if b.state == bbrUp {
		b.probeUpward(a)
	}
	return false
}

// raiseSlope has the bound grow twice as fast as in the round trip before.
func (b *bbr) raiseSlope() {
	b.perIncrease = max(b.cwnd>>b.upRounds, b.mss)
	b.upRounds = min(b.upRounds+1, 30)
}

// probeUpward raises the bound where it is what limits.
func (b *bbr) probeUpward(a *Ack) {
	if !b.limited || b.cwnd < b.longterm {
		return
	}
	b.upAcked += int32(a.Delivered)
	if steps := b.upAcked / b.perIncrease; steps > 0 {
		b.upAcked -= steps * b.perIncrease
		b.longterm = min(b.longterm+steps*b.mss, noBound-1)
	}
	if b.roundStart {
		b.raiseSlope()
	}
}

// withHeadroom is what leaves others room below the bound.
func (b *bbr) withHeadroom() int32 {
	if b.longterm == noBound {
		return noBound
	}
	room := max(b.mss, percent(b.longterm, headroom))
	return max(b.longterm-room, minPipe*b.mss)
}

// targetInflight is what there should be in flight.
func (b *bbr) targetInflight() int32 { return min(b.bdp(b.rate, gainOne), b.cwnd) }

// random spreads the probes of connections. What a connection has seen until now is its
// own, and there is no need for more.
func (b *bbr) random() uint32 {
	x := b.seed ^ uint32(b.now) ^ uint32(b.now>>32) ^ b.delivered ^ 0x9e3779b9
	for range [4]struct{}{} {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
	}
	b.seed = x
	return x
}
