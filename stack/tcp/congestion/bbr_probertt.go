package congestion

import (
	"math"
	"time"
)

// The constants of draft §2.14.
const (
	minRTTFilter     = 10 * time.Second
	probeRTTInterval = 5 * time.Second
	probeRTTDuration = 200 * time.Millisecond
)

const noDelay = time.Duration(math.MaxInt64)

// A bbrDelay is the least round-trip time, and when it is looked for (draft §2.14).
type bbrDelay struct {
	minRTT       time.Duration
	minRTTAt     time.Duration // min_rtt_stamp
	probeDelay   time.Duration // probe_rtt_min_delay
	probeDelayAt time.Duration // probe_rtt_min_stamp
	probeDone    time.Duration // probe_rtt_done_stamp, 0 for none
	probeExpired bool
	probeRound   bool // probe_rtt_round_done

	// What was sent with so small a window says nothing of the rate: what is sent with
	// so much delivered is limited.
	limitedFrom, limitedTill uint32
}

// updateMinRTT is the first half of draft §5.3.4.3.
func (b *bbr) updateMinRTT(rtt time.Duration) {
	b.probeExpired = b.now > b.probeDelayAt+probeRTTInterval
	if rtt > 0 && (rtt < b.probeDelay || b.probeExpired) {
		b.probeDelay, b.probeDelayAt = rtt, b.now
	}
	if b.probeDelay < b.minRTT || b.now > b.minRTTAt+minRTTFilter {
		b.minRTT, b.minRTTAt = b.probeDelay, b.probeDelayAt
	}
}

// checkProbeRTT is the second half.
func (b *bbr) checkProbeRTT(a *Ack) {
	if b.state != bbrProbeRTT && b.probeExpired && !b.idleRestart {
		b.saveWindow()
		b.state = bbrProbeRTT
		b.probeDone = 0
		b.phase = acksProbeStopping
		b.startRound()
		if !b.samplesLimited {
			b.samplesLimited, b.limitedFrom = true, b.delivered
		}
	}
	if b.state == bbrProbeRTT {
		b.limitedTill = b.delivered + uint32(b.inFlight)
		b.handleProbeRTT()
	}
	if a.Delivered > 0 {
		b.idleRestart = false
	}
}

func (b *bbr) handleProbeRTT() {
	switch {
	case b.probeDone == 0:
		if b.inFlight <= b.probeRTTWindow() {
			b.probeDone = b.now + probeRTTDuration
			b.probeRound = false
			b.startRound()
		}
	case b.roundStart, b.probeRound:
		b.probeRound = true
		b.checkProbeRTTDone()
	}
}

// checkProbeRTTDone is draft §5.3.4.3 and §5.3.4.4.
func (b *bbr) checkProbeRTTDone() {
	if b.probeDone == 0 || b.now <= b.probeDone {
		return
	}
	b.probeDelayAt = b.now
	b.restoreWindow()
	b.resetShortTerm()
	if !b.fullReached {
		b.enterStartup()
		return
	}
	b.startDown()
	b.startCruise()
}

// probeRTTWindow is draft §5.6.4.5.
func (b *bbr) probeRTTWindow() int32 {
	return max(b.bdp(b.rate, bbrProbeRTT.windowGain()), minPipe*b.mss)
}
