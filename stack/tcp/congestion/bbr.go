package congestion

import (
	"math"
	"time"
)

// BBR is BBRv3 (draft-ietf-ccwg-bbr): instead of answering each loss it measures the
// rate at which the path delivers and its least round-trip time, and sends at that rate.
// Its Controllers are LossObservers.
var BBR Algorithm = bbrAlgorithm{}

type bbrAlgorithm struct{}

func (bbrAlgorithm) Name() string    { return "bbr" }
func (bbrAlgorithm) New() Controller { return new(bbr) }

var _ LossObserver = (*bbr)(nil)

const (
	noRate  = math.MaxUint64 // a bound on a rate that is not there
	noBound = maxWindow      // and one on what is in flight
)

// A bbr names things as the draft does in its sections 2 and 5; rates are in bytes a
// second.
type bbr struct {
	mss, initial int32
	cwnd         int32
	priorCwnd    int32 // the last good one, while recovery or ProbeRTT has a smaller one
	pacingRate   uint64

	bbrFlags
	state bbrState
	phase ackPhase
	seed  uint32 // of what is random

	now       time.Duration
	delivered uint32 // in all, it wraps around
	inFlight  int32

	bbrRounds
	bbrModel
	bbrCycle
	bbrDelay
	bbrUndo
	aggregation
}

// bbrFlags are what the draft has booleans for.
type bbrFlags struct {
	begun          bool // there was an acknowledgement
	timed          bool // there was a round-trip time
	warm           bool // an initial window was delivered
	episode        bool // in loss recovery
	isProbeSample  bool // is_bw_probe_sample
	tooHigh        bool // prev_probe_too_high
	precautionary  bool // prev_probe_precautionary
	idleRestart    bool
	samplesLimited bool // what was sent in ProbeRTT is still to be acknowledged
}

// A bbrSample is what one acknowledgement says of the rate of delivery.
type bbrSample struct {
	any        bool // there is one
	rate       uint64
	delivered  int32
	lost       int32
	txInFlight int32
	prior      uint32
	limited    bool // by the application
	noSACK     bool
}

// Init is draft §5.2.1.
func (b *bbr) Init(mss, window int) {
	*b = bbr{mss: int32(max(1, mss))}
	b.initial = max(int32(min(window, maxWindow)), b.mss)
	b.cwnd = b.initial
	b.minRTT, b.probeDelay = noDelay, noDelay
	b.longterm = noBound
	b.perIncrease = noBound
	b.resetShortTerm()
	b.startPacing(time.Millisecond)
}

// OnAck is draft §5.2.3.
func (b *bbr) OnAck(a *Ack) {
	var s bbrSample
	b.read(a, &s)
	b.updateLatest(&s)
	b.updateCongestion(&s)
	b.updateAggregation(a)
	b.checkFullRate(&s)
	b.checkStartupDone(&s)
	b.checkDrainDone()
	b.updateCycle(a, &s)
	b.updateMinRTT(a.RTT)
	b.checkProbeRTT(a)
	b.advanceLatest(&s)
	b.boundRate()
	b.setPacingRate(b.state.pacingGain())
	b.setWindow(int32(a.Delivered))
}

// read takes in what a says, and fills its sample in.
func (b *bbr) read(a *Ack, s *bbrSample) {
	r := &a.Rate
	b.now, b.inFlight, b.delivered = a.Now, int32(a.Left), r.TotalDelivered
	*s = bbrSample{
		any: r.TxInFlight > 0, delivered: int32(r.Delivered), lost: int32(r.Lost), txInFlight: int32(r.TxInFlight),
		prior: r.PriorDelivered, limited: r.AppLimited, noSACK: a.NoSACK,
	}
	if s.any && r.Interval > 0 {
		s.rate = perSecond(r.Delivered, r.Interval)
	}
	if s.any && b.samplesLimited {
		if int32(s.prior-b.limitedTill) > 0 {
			b.samplesLimited = false
		} else if int32(s.prior-b.limitedFrom) >= 0 {
			s.limited = true
		}
	}
	if !b.begun {
		b.begun = true
		b.roundEnd = b.delivered - uint32(a.Delivered)
		b.lossRoundEnd = b.roundEnd
		b.aggregationStart, b.minRTTAt, b.probeDelayAt = a.Now, a.Now, a.Now
	}
	if !b.timed && a.RTT > 0 {
		b.timed = true
		b.startPacing(a.RTT)
	}
	if !b.warm {
		b.warm = b.delivered >= uint32(b.initial)
	}
	if a.CwndLimited {
		b.limitedRound, b.limited = b.round, true
	} else if b.round-b.limitedRound > 1 {
		b.limited = false
	}
}

func (b *bbr) SetMSS(mss int) {
	b.mss = int32(max(1, mss))
	b.cwnd = max(b.cwnd, b.mss)
	b.initial = max(b.initial, b.mss)
}

func (b *bbr) Window() int        { return int(b.cwnd) }
func (b *bbr) Threshold() int     { return Unlimited }
func (b *bbr) PacingRate() uint64 { return b.pacingRate }

// OnIdle is draft §5.4.1.
func (b *bbr) OnIdle(now, idle, rto time.Duration) {
	b.now = now
	b.idleRestart = true
	b.aggregationStart = now
	switch {
	case b.state.probesBW():
		b.setPacingRate(gainOne)
	case b.state == bbrProbeRTT:
		b.checkProbeRTTDone()
	}
}
