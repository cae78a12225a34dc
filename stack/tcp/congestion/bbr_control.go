package congestion

import "time"

// startPacing sets the rate of a connection that knows no other yet (draft §5.6.2).
func (b *bbr) startPacing(rtt time.Duration) {
	b.pacingRate = perSecond(int(b.initial), rtt) * bbrStartup.pacingGain() / gainOne
}

// setPacingRate is draft §5.6.2.
func (b *bbr) setPacingRate(gain uint64) {
	rate := b.rate * gain / gainOne * (100 - pacingMargin) / 100
	if rate > 0 && (b.fullReached || rate > b.pacingRate) {
		b.pacingRate = rate
	}
}

// quantum is what is sent at once (draft §5.6.3).
func (b *bbr) quantum() int32 {
	return max(int32(min(within(b.pacingRate, time.Millisecond), 64<<10)), 2*b.mss)
}

// inflightFor is what has to be in flight for a rate times a gain (draft §5.6.4.2).
func (b *bbr) inflightFor(rate, gain uint64) int32 { return b.budget(b.bdp(rate, gain)) }

func (b *bbr) budget(inFlight int32) int32 {
	inFlight = max(inFlight, 3*b.quantum(), minPipe*b.mss)
	if b.state == bbrUp {
		inFlight += 2 * b.mss
	}
	return inFlight
}

// setWindow is draft §5.6.4.6, for n bytes delivered.
func (b *bbr) setWindow(n int32) {
	extra := max(b.extra[0], b.extra[1])
	most := b.budget(sum(b.bdp(b.rate, b.state.windowGain()), extra))
	grown := sum(b.cwnd, n)
	switch {
	case b.fullReached:
		b.cwnd = min(grown, most)
	case b.cwnd < most || !b.warm:
		b.cwnd = grown
	}
	least := minPipe * b.mss
	b.cwnd = max(b.cwnd, least)
	if b.state == bbrProbeRTT {
		b.cwnd = min(b.cwnd, b.probeRTTWindow())
	}
	b.cwnd = min(b.cwnd, max(b.volumeCap(), least))
}

// volumeCap is draft §5.6.4.7. Startup has none.
func (b *bbr) volumeCap() int32 {
	switch b.state {
	case bbrStartup:
		return noBound
	case bbrCruise, bbrProbeRTT:
		return min(b.withHeadroom(), b.shortterm)
	case bbrDrain:
		return b.shortterm
	}
	return min(b.longterm, b.shortterm)
}

func sum(n, m int32) int32 { return int32(min(int64(n)+int64(m), maxWindow)) }
