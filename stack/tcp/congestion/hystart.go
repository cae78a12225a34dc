package congestion

import "time"

// The constants of RFC 9406 §4.3.
const (
	minRTTThresh     = 4 * time.Millisecond
	maxRTTThresh     = 16 * time.Millisecond
	minRTTDivisor    = 8
	samplesOfRound   = 8 // N_RTT_SAMPLE
	cssGrowthDivisor = 4
	cssRounds        = 5
)

// A hystart ends slow start when round trips grow longer (RFC 9406 §4.2). Its
// round-trip times are in microseconds, 0 for none.
type hystart struct {
	current, last, baseline uint32

	samples      uint8
	rounds       uint8
	conservative bool // in conservative slow start
}

// onAck takes a round-trip time, and reports whether slow start is over.
func (h *hystart) onAck(a *Ack) (over bool) {
	if a.RoundStart {
		h.last, h.current, h.samples = h.current, 0, 0
		if h.conservative {
			if h.rounds++; h.rounds >= cssRounds {
				h.conservative = false
				return true
			}
		}
	}
	if a.RTT <= 0 {
		return false
	}
	rtt := uint32(max(1, min(a.RTT/time.Microsecond, 1<<31)))
	if h.current == 0 || rtt < h.current {
		h.current = rtt
	}
	if h.samples < samplesOfRound {
		h.samples++
	}
	if h.samples < samplesOfRound {
		return false
	}
	switch {
	case h.conservative:
		if h.current < h.baseline {
			h.conservative = false
		}
	case h.last != 0 && h.current >= h.last+threshold(h.last):
		h.baseline, h.rounds, h.conservative = h.current, 0, true
	}
	return false
}

// threshold is RttThresh: how much longer than in the last round is too long.
func threshold(last uint32) uint32 {
	return max(uint32(minRTTThresh/time.Microsecond), min(last/minRTTDivisor, uint32(maxRTTThresh/time.Microsecond)))
}
