package rtt

import "time"

// Bounds of the retransmission timeout where the connection has none of its own.
const (
	DefaultMinRTO = 200 * time.Millisecond
	DefaultMaxRTO = 120 * time.Second
)

const (
	// InitialRTO is the timeout before there is a sample (RFC 6298 §2.1).
	InitialRTO = time.Second
	// afterSYN is what it becomes where the SYN had to be sent again (§5.7).
	afterSYN = 3 * time.Second

	maxBackoff = 30 // doublings, from where there is no timeout below any bound
)

// An Estimator keeps the smoothed round-trip time, its variation and the
// timeout of one connection. The zero value has no sample and a timeout of
// InitialRTO.
type Estimator struct {
	srtt, rttvar time.Duration
	granularity  uint32 // in nanoseconds
	min          windowedMin
	backoff      uint8
	synLost      bool
}

// Sample takes a round-trip time that was measured at now. Of a retransmitted
// segment only one that timestamps gave may be handed in (Karn). granularity is
// that of the clock it was measured with, 0 for an exact one. perRound is how
// many samples a round trip brings about, 0 or 1 for one: the more there are the
// less each weighs (RFC 7323 appendix G). It ends a back-off.
func (e *Estimator) Sample(now, rtt, granularity time.Duration, perRound int) {
	if rtt <= 0 {
		return
	}
	e.backoff = 0
	e.granularity = uint32(min(granularity, 1<<32-1))
	e.min.add(now, rtt)
	if e.srtt == 0 {
		// RFC 6298 §2.2.
		e.srtt, e.rttvar = rtt, rtt/2
		return
	}
	// RFC 6298 §2.3: the variation first, with the old mean.
	off := rtt - e.srtt
	dev := max(off, -off) - e.rttvar
	if perRound <= 1 {
		e.rttvar += dev / 4
		e.srtt += off / 8
	} else {
		n := time.Duration(perRound)
		e.rttvar += dev / (4 * n)
		e.srtt += off / (8 * n)
	}
	e.srtt = max(e.srtt, 1)
}

// SampleMin takes a round-trip time for MinRTT only: one that Sample must not
// have, or that is better known than the one it got.
func (e *Estimator) SampleMin(now, rtt time.Duration) {
	if rtt > 0 {
		e.min.add(now, rtt)
	}
}

// SRTT returns the smoothed round-trip time, 0 where there is no sample yet.
func (e *Estimator) SRTT() time.Duration { return e.srtt }

// Var returns the variation of the round-trip time.
func (e *Estimator) Var() time.Duration { return e.rttvar }

// MinRTT returns the least round-trip time of the last five to ten seconds in
// which there were samples, 0 where there was none.
func (e *Estimator) MinRTT() time.Duration { return e.min.get() }

// RTO returns the timeout with the back-off, from lo (DefaultMinRTO where that
// is 0) to hi (DefaultMaxRTO where that is 0).
func (e *Estimator) RTO(lo, hi time.Duration) time.Duration {
	if lo <= 0 {
		lo = DefaultMinRTO
	}
	if hi <= 0 {
		hi = DefaultMaxRTO
	}
	rto := InitialRTO
	switch {
	case e.srtt > 0:
		rto = e.srtt + max(4*e.rttvar, time.Duration(e.granularity), lo)
	case e.synLost:
		rto = afterSYN
	}
	if rto >= hi>>e.backoff {
		return hi
	}
	return rto << e.backoff
}

// Backoff doubles the timeout (RFC 6298 §5.5).
func (e *Estimator) Backoff() {
	if e.backoff < maxBackoff {
		e.backoff++
	}
}

// Backoffs returns how often the timeout was doubled since the back-off ended.
func (e *Estimator) Backoffs() int { return int(e.backoff) }

// ResetBackoff takes the timeout back to what the samples give: an
// acknowledgement of new data without a sample may (RFC 6298 §5.7).
func (e *Estimator) ResetBackoff() { e.backoff = 0 }

// RestartAfterSYN sets the timeout for the data of a connection whose SYN timed
// out: 3 s until there is a sample (RFC 6298 §5.7).
func (e *Estimator) RestartAfterSYN() {
	e.backoff = 0
	e.synLost = true
}
