package congestion

import (
	"testing"
	"time"
)

// rounds delivers a round of n acknowledgements for each of the times.
func (p *path) rounds(n int, rtts ...time.Duration) {
	for _, rtt := range rtts {
		for i := range n {
			p.now += rtt / time.Duration(n)
			p.ack(100, func(a *Ack) { a.RoundStart, a.RTT = i == 0, rtt })
		}
	}
}

func conservative(p *path) bool {
	switch c := p.c.(type) {
	case *newReno:
		return c.hystart.conservative
	case *cubic:
		return c.hystart.conservative
	}
	return false
}

func TestThresholdOfTheDelayIsAnEighthBetweenItsBounds(t *testing.T) {
	for _, tc := range []struct{ last, want time.Duration }{
		{8 * ms, 4 * ms}, {32 * ms, 4 * ms}, {80 * ms, 10 * ms}, {128 * ms, 16 * ms}, {800 * ms, 16 * ms},
	} {
		if got := time.Duration(threshold(uint32(tc.last/time.Microsecond))) * time.Microsecond; got != tc.want {
			t.Errorf("last round %v: %v, want %v", tc.last, got, tc.want)
		}
	}
}

func TestLongerRoundTripsMakeSlowStartConservative(t *testing.T) {
	both(t, func(t *testing.T, a Algorithm) {
		p := newPath(a, 80*ms)
		p.rounds(8, 80*ms, 89999*time.Microsecond)
		if conservative(p) {
			t.Fatal("conservative below the threshold")
		}
		p = newPath(a, 80*ms)
		p.rounds(8, 80*ms)
		p.rounds(7, 90*ms)
		if conservative(p) {
			t.Fatal("conservative after seven samples")
		}
		p.ack(100, func(a *Ack) { a.RTT = 90 * ms })
		if !conservative(p) {
			t.Fatal("not conservative after eight samples")
		}
		w := p.c.Window()
		p.ack(mss, func(a *Ack) { a.RTT = 90 * ms })
		p.want(t, "growth", w+mss/4)
	})
}

func TestConservativeSlowStartEndsAfterFiveRounds(t *testing.T) {
	both(t, func(t *testing.T, a Algorithm) {
		p := newPath(a, 80*ms)
		p.rounds(8, 80*ms, 90*ms) // the rest of this round is the first
		p.rounds(8, 90*ms, 90*ms, 90*ms, 90*ms)
		if p.c.Threshold() != Unlimited || !conservative(p) {
			t.Fatal("over after the fourth round")
		}
		w := p.c.Window()
		p.ack(100, func(a *Ack) { a.RoundStart, a.RTT = true, 90*ms })
		if p.c.Threshold() != w || conservative(p) {
			t.Errorf("after five rounds: threshold %d, window was %d", p.c.Threshold(), w)
		}
	})
}

func TestShorterRoundTripsResumeSlowStart(t *testing.T) {
	both(t, func(t *testing.T, a Algorithm) {
		p := newPath(a, 80*ms)
		p.rounds(8, 80*ms, 90*ms, 90*ms, 89*ms)
		if conservative(p) || p.c.Threshold() != Unlimited {
			t.Error("conservative though the round trip is below the baseline")
		}
		w := p.c.Window()
		p.ack(mss)
		p.want(t, "growth", w+mss)
	})
}

func TestSlowStartAfterALossDoesNotListenToDelay(t *testing.T) {
	both(t, func(t *testing.T, a Algorithm) {
		p := newPath(a, 80*ms)
		p.c.OnTimeout(p.now, 1000*mss)
		p.c.OnRecovered(p.now)
		p.rounds(8, 80*ms, 200*ms, 400*ms)
		if conservative(p) {
			t.Error("conservative")
		}
	})
}
