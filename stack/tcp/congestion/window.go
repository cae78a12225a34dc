package congestion

import "time"

// maxWindow keeps sums of a window and an acknowledgement within an int of 32 bits.
const maxWindow = 1 << 30

// A window is what NewReno and CUBIC have in common.
type window struct {
	mss, initial   int
	cwnd, ssthresh int
	credit         int // bytes acknowledged and not yet turned into growth (RFC 3465)

	hystart hystart

	episode  bool // between OnCongestion and OnRecovered
	timeout  bool // between OnTimeout and OnRecovered
	timedOut bool // nothing was delivered since a timeout
}

func (w *window) Init(mss, initial int) {
	w.mss = max(1, mss)
	w.initial = min(max(initial, w.mss), maxWindow)
	w.cwnd, w.ssthresh = w.initial, Unlimited
}

func (w *window) SetMSS(mss int) {
	w.mss = max(1, mss)
	w.cwnd = max(w.cwnd, w.mss)
	w.initial = max(w.initial, w.mss)
}

func (w *window) Window() int        { return w.cwnd }
func (w *window) Threshold() int     { return w.ssthresh }
func (w *window) PacingRate() uint64 { return 0 }

func (w *window) OnRecovered(now time.Duration) { w.episode, w.timeout = false, false }

// mayGrow notes an acknowledgement, and reports whether the window may grow by it.
func (w *window) mayGrow(a *Ack) bool {
	if a.Delivered <= 0 {
		return false
	}
	w.timedOut = false
	return a.CwndLimited && (!a.Recovery || w.timeout)
}

// slowStart grows the window below the threshold, and returns how many of the
// bytes delivered are left for congestion avoidance.
func (w *window) slowStart(a *Ack) (rest int) {
	if w.cwnd >= w.ssthresh {
		return a.Delivered
	}
	// RFC 9406 §4.2: L is 8 where nothing paces.
	n := min(a.Delivered, 8*w.mss)
	if w.hystart.conservative {
		n /= cssGrowthDivisor
	}
	if room := w.ssthresh - w.cwnd; n > room {
		w.cwnd = w.ssthresh
		return n - room
	}
	w.cwnd = min(w.cwnd+n, maxWindow)
	return 0
}

// listen lets HyStart++ have the round-trip time of an acknowledgement. It is
// for the first slow start only (RFC 9406 §4.3).
func (w *window) listen(a *Ack) {
	if w.ssthresh == Unlimited && !a.Recovery && w.hystart.onAck(a) {
		w.ssthresh = w.cwnd
	}
}

// reduced is the threshold after a loss, for a factor of num/den.
func (w *window) reduced(inFlight, num, den int) int {
	return max(scale(min(w.cwnd, inFlight), num, den), 2*w.mss)
}

// beginTimeout takes the window down, and reports whether the threshold has to
// follow, and the state before be kept.
func (w *window) beginTimeout() (first bool) {
	first = !w.timedOut
	w.timedOut, w.timeout = true, true
	return first
}

// restart is RFC 5681 §4.1, and reports whether the window is a smaller one. As in
// RFC 2861 the threshold remembers what it was, so that it comes back soon.
func (w *window) restart(idle, rto time.Duration) bool {
	if idle <= rto || w.cwnd <= w.initial {
		return false
	}
	if w.ssthresh != Unlimited {
		w.ssthresh = max(w.ssthresh, scale(w.cwnd, 3, 4))
	}
	w.cwnd = w.initial
	w.credit = 0
	w.hystart = hystart{}
	return true
}

// scale returns n·num/den for n up to maxWindow and small factors.
func scale(n, num, den int) int { return int(int64(n) * int64(num) / int64(den)) }
