package congestion

import (
	"testing"
	"time"
)

const (
	mss = 1460
	ms  = time.Millisecond
)

// A path hands a Controller acknowledgements, one for each segment of the window
// in each round trip.
type path struct {
	c    Controller
	now  time.Duration
	rtt  time.Duration
	limd bool // the window is not what limits
}

func newPath(a Algorithm, rtt time.Duration) *path {
	p := &path{c: a.New(), now: time.Second, rtt: rtt}
	p.c.Init(mss, 10*mss)
	return p
}

// ack delivers n bytes.
func (p *path) ack(n int, mod ...func(*Ack)) {
	a := Ack{Now: p.now, Delivered: n, InFlight: p.c.Window(), RTT: p.rtt, MinRTT: p.rtt, SRTT: p.rtt, CwndLimited: !p.limd}
	for _, m := range mod {
		m(&a)
	}
	p.c.OnAck(&a)
}

// round delivers a window in one round trip.
func (p *path) round(mod ...func(*Ack)) {
	n := p.c.Window() / mss
	for i := range n {
		p.now += p.rtt / time.Duration(n)
		first := i == 0
		p.ack(mss, append([]func(*Ack){func(a *Ack) { a.RoundStart = first }}, mod...)...)
	}
}

func (p *path) want(t *testing.T, what string, window int) {
	t.Helper()
	if got := p.c.Window(); got != window {
		t.Errorf("%s: window %d (%.1f segments), want %d (%.1f)", what, got, float64(got)/mss, window, float64(window)/mss)
	}
}

func both(t *testing.T, f func(t *testing.T, a Algorithm)) {
	for _, a := range []Algorithm{NewReno, Cubic} {
		t.Run(a.Name(), func(t *testing.T) { f(t, a) })
	}
}

func TestSlowStartDoublesEachRound(t *testing.T) {
	both(t, func(t *testing.T, a Algorithm) {
		p := newPath(a, 50*ms)
		p.want(t, "at first", 10*mss)
		if p.c.Threshold() != Unlimited {
			t.Errorf("threshold %d", p.c.Threshold())
		}
		for _, want := range []int{20, 40, 80, 160} {
			p.round()
			p.want(t, "after a round", want*mss)
		}
		if p.c.PacingRate() != 0 {
			t.Error("paced")
		}
	})
}

func TestSlowStartTakesEightSegmentsOfOneAck(t *testing.T) {
	both(t, func(t *testing.T, a Algorithm) {
		p := newPath(a, 50*ms)
		p.ack(9 * mss)
		p.want(t, "after a stretched ACK", 18*mss)
		p.ack(100)
		p.want(t, "after a small ACK", 18*mss+100)
	})
}

func TestNothingGrowsThatTheWindowDoesNotLimit(t *testing.T) {
	both(t, func(t *testing.T, a Algorithm) {
		p := newPath(a, 50*ms)
		p.limd = true
		p.round()
		p.want(t, "in slow start", 10*mss)
		p.limd = false
		p.c.OnCongestion(p.now, 10*mss)
		p.c.OnRecovered(p.now)
		w := p.c.Window()
		p.limd = true
		for range 100 {
			p.round()
		}
		p.want(t, "in congestion avoidance", w)
	})
}

func TestNothingGrowsInRecovery(t *testing.T) {
	both(t, func(t *testing.T, a Algorithm) {
		p := newPath(a, 50*ms)
		p.c.OnCongestion(p.now, 10*mss)
		w := p.c.Window()
		for range 20 {
			p.round(func(a *Ack) { a.Recovery = true })
		}
		p.want(t, "in recovery", w)
	})
}

func TestCongestionReducesTheWindow(t *testing.T) {
	for _, tc := range []struct {
		alg                    Algorithm
		window, inFlight, want int
	}{
		{NewReno, 100, 100, 50},
		{NewReno, 100, 60, 30}, // FlightSize counts
		{NewReno, 100, 110, 50},
		{NewReno, 3, 3, 2},
		{Cubic, 100, 100, 70},
		{Cubic, 100, 60, 42},
		{Cubic, 2, 2, 2},
	} {
		c := tc.alg.New()
		c.Init(mss, tc.window*mss)
		c.OnCongestion(time.Second, tc.inFlight*mss)
		if c.Window() != tc.want*mss || c.Threshold() != tc.want*mss {
			t.Errorf("%s, %d of %d in flight: window %d, threshold %d, want %d", tc.alg.Name(), tc.inFlight, tc.window, c.Window()/mss, c.Threshold()/mss, tc.want)
		}
	}
}

func TestTimeoutsInARowLowerTheThresholdOnce(t *testing.T) {
	both(t, func(t *testing.T, a Algorithm) {
		p := newPath(a, 50*ms)
		p.c.OnTimeout(p.now, 10*mss)
		p.want(t, "after a timeout", mss)
		ssthresh := p.c.Threshold()
		if ssthresh != 5*mss && ssthresh != 7*mss {
			t.Errorf("threshold %d", ssthresh)
		}
		p.c.OnTimeout(p.now, mss)
		if p.c.Threshold() != ssthresh {
			t.Errorf("the second timeout made the threshold %d", p.c.Threshold())
		}
		// Slow start goes on in the middle of recovery.
		p.ack(mss, func(a *Ack) { a.Recovery = true })
		p.want(t, "after an ACK in recovery", 2*mss)
		p.c.OnTimeout(p.now, 4*mss)
		if p.c.Threshold() != 2*mss {
			t.Errorf("a timeout of its own left the threshold at %d", p.c.Threshold())
		}
	})
}

func TestTimeoutInAnEpisodeKeepsItsThreshold(t *testing.T) {
	both(t, func(t *testing.T, a Algorithm) {
		p := newPath(a, 50*ms)
		p.c.OnCongestion(p.now, 10*mss)
		ssthresh := p.c.Threshold()
		p.c.OnTimeout(p.now, 6*mss)
		if p.c.Threshold() != ssthresh || p.c.Window() != mss {
			t.Errorf("threshold %d, was %d", p.c.Threshold(), ssthresh)
		}
		p.c.OnRecovered(p.now)
		p.ack(mss)
		p.c.OnTimeout(p.now, 4*mss)
		if p.c.Threshold() >= ssthresh {
			t.Error("a timeout after the episode did not lower the threshold")
		}
	})
}

func TestSlowStartEndsAtTheThreshold(t *testing.T) {
	both(t, func(t *testing.T, a Algorithm) {
		p := newPath(a, 50*ms)
		p.c.OnTimeout(p.now, 20*mss)
		p.c.OnRecovered(p.now)
		ssthresh := p.c.Threshold()
		for p.c.Window() < ssthresh {
			before := p.c.Window()
			p.ack(mss)
			if got := p.c.Window(); got != min(before+mss, ssthresh) {
				t.Fatalf("window went from %d to %d, threshold %d", before, got, ssthresh)
			}
		}
		w := p.c.Window()
		p.ack(mss)
		if got := p.c.Window() - w; got >= mss {
			t.Errorf("beyond the threshold it grew by %d at once", got)
		}
	})
}

func TestUndoGoesBack(t *testing.T) {
	both(t, func(t *testing.T, a Algorithm) {
		p := newPath(a, 50*ms)
		p.c.Undo()
		p.want(t, "with nothing to undo", 10*mss)

		p.c.OnCongestion(p.now, 10*mss)
		p.c.Undo()
		p.c.OnRecovered(p.now)
		p.want(t, "an undone episode", 10*mss)
		if p.c.Threshold() != Unlimited {
			t.Errorf("threshold %d", p.c.Threshold())
		}
		p.round()
		p.want(t, "slow start goes on", 20*mss)

		for range 3 {
			p.c.OnTimeout(p.now, 20*mss)
		}
		p.c.Undo()
		p.c.OnRecovered(p.now)
		p.want(t, "undone timeouts in a row", 20*mss)

		p.c.OnCongestion(p.now, 20*mss)
		w := p.c.Window()
		p.c.Undo()
		p.c.OnCongestion(p.now, 20*mss)
		p.c.Undo()
		p.c.Undo()
		p.want(t, "undone twice", 20*mss)
		if w >= 20*mss {
			t.Error("nothing was reduced")
		}
	})
}

func TestUndoDoesNotTakeGrowthAway(t *testing.T) {
	both(t, func(t *testing.T, a Algorithm) {
		p := newPath(a, 50*ms)
		p.c.OnCongestion(p.now, 10*mss)
		p.c.OnRecovered(p.now)
		for range 200 {
			p.round()
		}
		w := p.c.Window()
		if w <= 10*mss {
			t.Fatalf("the window did not come back: %d", w)
		}
		p.c.Undo()
		p.want(t, "a late undo", w)
	})
}

func TestIdleConnectionRestartsFromTheInitialWindow(t *testing.T) {
	both(t, func(t *testing.T, a Algorithm) {
		p := newPath(a, 50*ms)
		p.round()
		p.c.OnIdle(p.now, 300*ms, 300*ms)
		p.want(t, "a pause below the timeout", 20*mss)
		p.c.OnIdle(p.now, 301*ms, 300*ms)
		p.want(t, "a pause above the timeout", 10*mss)
		if p.c.Threshold() != Unlimited {
			t.Errorf("threshold %d", p.c.Threshold())
		}
		p.c.OnCongestion(p.now, 8*mss)
		p.c.OnRecovered(p.now)
		w := p.c.Window()
		p.c.OnIdle(p.now, time.Hour, 300*ms)
		p.want(t, "a window below the initial one", w)
	})
}

func TestIdleConnectionRemembersItsWindowAsThreshold(t *testing.T) {
	both(t, func(t *testing.T, a Algorithm) {
		p := newPath(a, 50*ms)
		for range 3 {
			p.round()
		}
		p.c.OnCongestion(p.now, 80*mss)
		p.c.OnRecovered(p.now)
		for range 300 {
			p.round()
		}
		w := p.c.Window()
		p.c.OnIdle(p.now, time.Second, 300*ms)
		p.want(t, "after the pause", 10*mss)
		if got := p.c.Threshold(); got != w*3/4 {
			t.Errorf("threshold %d, the window was %d", got, w)
		}
	})
}

func TestSegmentSizeIsTheLeastWindow(t *testing.T) {
	both(t, func(t *testing.T, a Algorithm) {
		c := a.New()
		c.Init(500, 500)
		c.OnTimeout(time.Second, 500)
		c.SetMSS(9000)
		if c.Window() != 9000 {
			t.Errorf("window %d", c.Window())
		}
		c.OnTimeout(time.Second, 9000)
		if c.Window() != 9000 {
			t.Errorf("window %d after a timeout", c.Window())
		}
	})
}

func TestAcksDoNotAllocate(t *testing.T) {
	both(t, func(t *testing.T, a Algorithm) {
		c := a.New()
		c.Init(mss, 10*mss)
		c.OnCongestion(time.Second, 10*mss)
		c.OnRecovered(time.Second)
		ack := Ack{Now: time.Second, Delivered: mss, RTT: 50 * ms, SRTT: 50 * ms, CwndLimited: true}
		if n := testing.AllocsPerRun(100, func() { ack.Now += ms; c.OnAck(&ack) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}

func BenchmarkOnAck(b *testing.B) {
	for _, a := range []Algorithm{NewReno, Cubic} {
		b.Run(a.Name(), func(b *testing.B) {
			c := a.New()
			c.Init(mss, 100*mss)
			c.OnCongestion(time.Second, 100*mss)
			c.OnRecovered(time.Second)
			ack := Ack{Now: time.Second, Delivered: mss, RTT: 50 * ms, SRTT: 50 * ms, CwndLimited: true}
			b.ReportAllocs()
			for b.Loop() {
				ack.Now += 10 * time.Microsecond
				c.OnAck(&ack)
			}
		})
	}
}
