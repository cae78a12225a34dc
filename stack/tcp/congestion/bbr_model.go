package congestion

import (
	"math/bits"
	"time"
)

// bbrRounds count round trips by what is delivered (draft §5.5.1).
type bbrRounds struct {
	round      uint32
	roundEnd   uint32 // next_round_delivered
	roundStart bool
}

// A bbrModel is what the path is thought to be like (draft §2.5 and §2.6).
type bbrModel struct {
	rates     [2]uint64 // the best of this cycle and of the one before: max_bw
	rate      uint64    // bw
	shortRate uint64    // bw_shortterm
	longterm  int32     // inflight_longterm
	shortterm int32     // inflight_shortterm

	rateLatest     uint64 // bw_latest
	inflightLatest int32
	lossRoundEnd   uint32 // loss_round_delivered
	lossRoundStart bool
	lossInRound    bool
	lossRanges     uint8 // of this round, in Startup
	lostInRound    int32 // bytes

	fullCount   uint8
	fullNow     bool // full_bw_now
	fullReached bool // full_bw_reached
	fullRate    uint64
}

func (b *bbr) maxRate() uint64 { return max(b.rates[0], b.rates[1]) }

func (b *bbr) startRound() { b.roundEnd = b.delivered }

// updateRound is draft §5.5.1.
func (b *bbr) updateRound(s *bbrSample) {
	b.roundStart = s.any && int32(s.prior-b.roundEnd) >= 0
	if b.roundStart {
		b.startRound()
		b.round++
		b.sinceProbe++
	}
}

// updateLatest is the first half of draft §5.5.10.3.
func (b *bbr) updateLatest(s *bbrSample) {
	b.lossRoundStart = false
	if !s.any {
		return
	}
	b.rateLatest = max(b.rateLatest, s.rate)
	b.inflightLatest = max(b.inflightLatest, s.delivered)
	if int32(s.prior-b.lossRoundEnd) >= 0 {
		b.lossRoundEnd = b.delivered
		b.lossRoundStart = true
	}
}

// advanceLatest begins the next round of the newest signals.
func (b *bbr) advanceLatest(s *bbrSample) {
	if b.lossRoundStart {
		b.rateLatest, b.inflightLatest = s.rate, s.delivered
	}
}

func (b *bbr) resetCongestion() {
	b.lossInRound = false
	b.rateLatest, b.inflightLatest = 0, 0
}

// updateCongestion answers, once a round trip, losses that came without a probe.
func (b *bbr) updateCongestion(s *bbrSample) {
	b.updateRound(s)
	if s.rate > 0 && (s.rate >= b.maxRate() || !s.limited) {
		b.rates[0] = max(b.rates[0], s.rate)
	}
	if !b.lossRoundStart {
		return
	}
	if b.lossInRound && !b.state.accelerates() && b.tooManyLost(s) {
		b.lowerBounds()
	}
	b.lossInRound = false
}

// tooManyLost tells whether more was lost in this round trip than a probe may cost. The draft
// has any loss count here. But then each hiccup of a path, or of the machine, that comes
// with one in a hundred lost takes the rate down until the next probe.
func (b *bbr) tooManyLost(s *bbrSample) bool {
	return int64(b.lostInRound)*100 > int64(b.inflightLatest)*lossThresh || s.noSACK
}

func (b *bbr) lowerBounds() {
	if b.shortRate == noRate {
		b.shortRate = b.maxRate()
	}
	if b.shortterm == noBound {
		b.shortterm = b.cwnd
	}
	num, den := b.slowness()
	b.shortRate = max(b.rateLatest*num/den, b.shortRate*betaPercent/100)
	b.shortterm = max(int32(uint64(b.inflightLatest)*num/den), percent(b.shortterm, betaPercent))
}

// slowness is the factor by which what was delivered falls short of the model's bounds
// because it was sent that slowly. The draft takes it for the path's, and then each
// round trip with a loss costs the pacing margin besides what was lost, and one in
// ProbeBW_DOWN its whole gain.
func (b *bbr) slowness() (num, den uint64) {
	switch {
	case b.phase != acksInit || b.state != bbrDown && b.state != bbrCruise:
		return 1, 1
	case b.state == bbrDown || b.round-b.cruiseFrom <= 1:
		return gainOne * 100, bbrDown.pacingGain() * (100 - pacingMargin)
	}
	return 100, 100 - pacingMargin
}

func (b *bbr) resetShortTerm() { b.shortRate, b.shortterm = noRate, noBound }

func (b *bbr) boundRate() { b.rate = min(b.maxRate(), b.shortRate) }

// bdp returns what a rate, times a gain, delivers in the least round-trip time; the
// initial window where that is not known.
func (b *bbr) bdp(rate, gain uint64) int32 {
	if b.minRTT == noDelay {
		return b.initial
	}
	return int32(min(within(rate, b.minRTT)*gain/gainOne, maxWindow))
}

// rateMost and spanMost keep products of a rate and a time below 2⁶⁴ seconds'
// nanoseconds: about a terabyte a second, and two minutes.
const (
	rateMost = 1 << 40
	spanMost = 1 << 37
)

// within returns how many bytes rate brings in d.
func within(rate uint64, d time.Duration) uint64 {
	hi, lo := bits.Mul64(min(rate, rateMost), uint64(min(max(d, 0), spanMost)))
	n, _ := bits.Div64(hi, lo, uint64(time.Second))
	return n
}

// perSecond returns the rate of n bytes in d.
func perSecond(n int, d time.Duration) uint64 {
	return min(uint64(max(n, 0))*uint64(time.Second)/uint64(d), rateMost)
}

// percent returns p hundredths of n.
func percent(n int32, p int64) int32 { return int32(int64(n) * p / 100) }

// An aggregation is by how much acknowledgements come in lumps (draft §5.5.9): the most
// that came above the rate in the last five to ten round trips, or in one in Startup.
type aggregation struct {
	aggregationStart time.Duration
	aggregated       uint64 // extra_acked_delivered
	extra            [2]int32
	extraRound       uint32 // when extra[0] began
}

const aggregationRounds = 5

func (b *bbr) updateAggregation(a *Ack) {
	expected := within(b.rate, a.Now-b.aggregationStart)
	if b.aggregated <= expected {
		b.aggregated, b.aggregationStart, expected = 0, a.Now, 0
	}
	b.aggregated += uint64(a.Delivered)
	rounds := uint32(1)
	if b.fullReached {
		rounds = aggregationRounds
	}
	if b.round-b.extraRound >= rounds {
		b.extraRound = b.round
		b.extra[1], b.extra[0] = b.extra[0], 0
		if !b.fullReached {
			b.extra[1] = 0
		}
	}
	b.extra[0] = max(b.extra[0], int32(min(b.aggregated-expected, uint64(b.cwnd))))
}
