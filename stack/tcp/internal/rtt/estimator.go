package rtt

import "time"

// Bounds of the retransmission timeout where an Estimator has none of its own.
const (
	DefaultMinRTO = 200 * time.Millisecond
	DefaultMaxRTO = 120 * time.Second
	InitialRTO    = time.Second
)

// An Estimator keeps the smoothed round-trip time, its variation and the
// timeout. The zero value has no sample and a timeout of InitialRTO.
type Estimator struct {
	srtt, rttvar uint32
	min          [2]uint32
	minAt        [2]uint32
	backoff      uint8
}

// Sample takes a measured round-trip time. Of a retransmitted segment only one
// that timestamps gave may be handed in (Karn).
// granularity is that of the clock it was measured with, 0 for an exact one.
// inFlight is how many samples a round trip may bring, 0 or 1 for one
// (RFC 7323 appendix G weighs each the less the more there are).
// It ends a back-off.
func (e *Estimator) Sample(now, rtt, granularity time.Duration, perRound int) {}

// SRTT returns the smoothed round-trip time, 0 where there is no sample yet.
func (e *Estimator) SRTT() time.Duration { return 0 }

// Var returns the variation of the round-trip time.
func (e *Estimator) Var() time.Duration { return 0 }

// MinRTT returns the least round-trip time of the last ten seconds or so, 0
// where there is no sample.
func (e *Estimator) MinRTT() time.Duration { return 0 }

// RTO returns the timeout with the back-off, from lo (DefaultMinRTO where that
// is 0) to hi (DefaultMaxRTO where that is 0).
func (e *Estimator) RTO(lo, hi time.Duration) time.Duration { return InitialRTO }

// Backoff doubles the timeout (RFC 6298 §5.5).
func (e *Estimator) Backoff() {}

// Backoffs returns how often the timeout was doubled since data was last acknowledged.
func (e *Estimator) Backoffs() int { return 0 }

// ResetBackoff takes the timeout back to what the samples give, as an
// acknowledgement of new data may (RFC 6298 §5.7 leaves when to the sender).
func (e *Estimator) ResetBackoff() {}

// Restart takes away the samples and sets the timeout of a connection whose SYN
// was lost: 3 s (RFC 6298 §5.7).
func (e *Estimator) RestartAfterSYN() {}
