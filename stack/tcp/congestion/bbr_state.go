package congestion

// The constants of draft §2.4 and §5.6.1: gains in hundredths.
const (
	gainOne        = 100
	lossThresh     = 2  // percent of a round trip's data
	betaPercent    = 70 // Beta
	headroom       = 15 // percent of inflight_longterm
	minPipe        = 4  // segments: MinPipeCwnd
	pacingMargin   = 1  // percent
	fullRounds     = 3  // without growth: the pipe is full
	fullLossRanges = 6  // StartupFullLossCnt
	drainRounds    = 3
)

// bbrState is the state of draft §5.1.
type bbrState uint8

const (
	bbrStartup bbrState = iota
	bbrDrain
	bbrDown
	bbrCruise
	bbrRefill
	bbrUp
	bbrProbeRTT
)

var bbrGains = [...]struct{ pacing, window uint64 }{
	bbrStartup:  {277, 200},
	bbrDrain:    {50, 200},
	bbrDown:     {90, 200},
	bbrCruise:   {gainOne, 200},
	bbrRefill:   {gainOne, 200},
	bbrUp:       {125, 225},
	bbrProbeRTT: {gainOne, 50},
}

func (s bbrState) pacingGain() uint64 { return bbrGains[s].pacing }
func (s bbrState) windowGain() uint64 { return bbrGains[s].window }

// probesBW tells whether s is one of ProbeBW's.
func (s bbrState) probesBW() bool { return bbrDown <= s && s <= bbrUp }

// accelerates tells whether losses are the price of finding out.
func (s bbrState) accelerates() bool { return s == bbrStartup || s == bbrRefill || s == bbrUp }

// resetFull begins to look for a full pipe (draft §5.3.1.2).
func (b *bbr) resetFull(baseline uint64) {
	b.fullRate, b.fullCount, b.fullNow = baseline, 0, false
}

// checkFullRate looks for a plateau of the rate (draft §5.3.1.2).
func (b *bbr) checkFullRate(s *bbrSample) {
	if b.fullNow || !b.roundStart || s.limited || s.rate == 0 {
		return
	}
	if s.rate >= b.fullRate+b.fullRate/4 {
		b.resetFull(s.rate)
		return
	}
	if b.fullCount++; b.fullCount >= fullRounds {
		b.fullNow, b.fullReached = true, true
	}
}

// checkStartupDone ends Startup at a plateau, or at losses that go on for a round trip
// (draft §5.3.1.3).
func (b *bbr) checkStartupDone(s *bbrSample) {
	if b.state != bbrStartup {
		return
	}
	if b.lossRoundStart {
		enough := b.lossRanges >= fullLossRanges && s.inflightTooHigh() || s.noSACK && b.lossRanges > 0
		b.lossRanges = 0
		if b.episode && enough && !b.fullReached {
			b.undoState = bbrStartup
			b.fullNow, b.fullReached = true, true
			b.longterm = max(b.bdp(b.maxRate(), gainOne), b.inflightLatest)
		}
	}
	if b.fullReached {
		b.state = bbrDrain
		b.drainFrom = b.round
	}
}

// checkDrainDone is draft §5.3.2.
func (b *bbr) checkDrainDone() {
	if b.state == bbrDrain && (b.inFlight <= b.inflightFor(b.maxRate(), gainOne) || b.round-b.drainFrom > drainRounds) {
		b.startDown()
	}
}

func (b *bbr) enterStartup() { b.state = bbrStartup }
