package congestion

import (
	"testing"
	"time"
)

// Draft §5.3.3: one cycle on a path that nobody else uses.
func TestBBRGoesThroughItsCycle(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	p.wantAbout("pacing rate in Cruise", p.PacingRate(), pathRate*99/100)
	p.wantAbout("window in Cruise", uint64(p.Window()), 2*pathBDP+pathBDP/quarters)
	begin, rounds := p.cycleStart, p.bbr.round
	p.until(bbrRefill)
	if waited := p.clock - begin; waited < 2*time.Second || waited > 3*time.Second+p.rtt {
		t.Errorf("the next probe came after %v", waited)
	}
	if n := p.bbr.round - rounds; n > renoRounds {
		t.Errorf("the next probe came after %d round trips", n)
	}
	p.wantAbout("pacing rate in Refill", p.PacingRate(), pathRate*99/100)
	rounds = p.bbr.round
	p.until(bbrUp)
	if n := p.bbr.round - rounds; n != 1 {
		t.Errorf("Refill took %d round trips", n)
	}
	p.wantAbout("pacing rate in Up", p.PacingRate(), pathRate*125*99/10000)
	p.until(bbrDown)
	p.wantAbout("pacing rate in Down", p.PacingRate(), pathRate*90*99/10000)
	if p.longterm != noBound {
		t.Errorf("inflight_longterm is %d without a loss", p.longterm)
	}
}

// Draft §5.3.3.6: on a short path a cycle is no longer than Reno's sawtooth.
func TestBBRProbesSoonerOnAShortPath(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	p.rtt = ms
	p.rate, p.volume = pathRate*100, pathBDP
	p.round()
	rounds := p.bbr.round
	for p.state == bbrCruise {
		p.round()
	}
	p.wantState("then", bbrRefill)
	if n := p.bbr.round - rounds; n < renoRounds-5 || n > renoRounds {
		t.Errorf("the next probe came after %d round trips", n)
	}
}

// Draft §5.3.3.1: also where it does not get below what it estimates.
func TestBBRLeavesDownInTimeWithAQueue(t *testing.T) {
	p := newBBRPath(t)
	p.fill()
	p.until(bbrDown)
	begin := p.clock
	for p.state == bbrDown {
		p.round()
	}
	p.wantState("then", bbrRefill)
	if took := p.clock - begin; took > 3*time.Second+p.rtt {
		t.Errorf("after %v", took)
	}
}

// Draft §5.3.3.1: down to 85 in a hundred of the bound, so that others have room.
func TestBBRLeavesHeadroom(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	p.probe()
	p.lose(3, pathBDP)
	p.wantState("too many losses", bbrDown)
	bound := int(p.longterm)
	p.volume = bound * 95 / 100
	p.left = bound * 90 / 100
	p.ack(mss)
	p.wantState("above the headroom", bbrDown)
	p.left = bound * 84 / 100
	p.ack(mss)
	p.wantState("below it", bbrCruise)
	if p.Window() > bound*85/100+1 {
		t.Errorf("window %d, inflight_longterm %d", p.Window(), bound)
	}
}

// Draft §5.5.10.2: the probe ends where losses exceed two in a hundred, and the bound is
// what was in flight then.
func TestBBRProbeEndsWithLosses(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	p.probe()
	p.lose(2, pathBDP)
	p.wantState("two in a hundred", bbrUp)
	p.lose(3, pathBDP)
	p.wantState("three in a hundred", bbrDown)
	// 97 segments before, two of them lost; 2 % are reached with the third's first bytes.
	if got := int(p.longterm); got < 98*mss || got > 100*mss {
		t.Errorf("inflight_longterm is %d segments", got/mss)
	}
	bound := p.longterm
	p.lose(20, pathBDP/2)
	if p.longterm != bound {
		t.Error("it reacts twice to one probe")
	}
}

func TestBBRBoundIsNotBelowCubics(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	p.probe()
	p.lose(3, 20*mss)
	if got, want := int(p.longterm), pathBDP*70/100; got < want-mss || got > want+mss {
		t.Errorf("inflight_longterm is %d segments, want %d", got/mss, want/mss)
	}
}

// Draft appendix, "Exiting PROBE_UP on Loss When Application-Limited".
func TestBBRProbeEndsWithLossesOfALimitedApplication(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	p.probe()
	p.lose(3, pathBDP, func(l *Loss) { l.AppLimited = true })
	p.wantState("three in a hundred", bbrDown)
	if p.longterm != noBound {
		t.Errorf("inflight_longterm is %d: the application was the limit", p.longterm)
	}
}

func TestInflightAtLossIsWithinTheSegment(t *testing.T) {
	for _, tc := range []struct{ in, lost, size, want int32 }{
		{100_000, 3000, 1000, 99_000},  // too many before it
		{100_000, 2500, 1000, 99_489},  // 2 % of it, with half of the segment
		{100_000, 1000, 1000, 100_000}, // not even with all of it
		{1000, 1000, 1000, 0},          // the only one
		{64_000, 64_000, 64_000, 0},    // a burst, half of it
		{1_064_000, 64_000, 64_000, 1_020_408},
	} {
		s := bbrSample{txInFlight: tc.in, lost: tc.lost}
		if got := s.inflightAtLoss(tc.size); got != tc.want {
			t.Errorf("%+v: %d", tc, got)
		}
	}
}

// Draft §5.3.3.4.2: after a probe that was too much, the next ends as soon as the bound
// is reached, and if that cost nothing another follows at once.
func TestBBRProbesWithCautionAfterTooMuch(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	p.probe()
	p.lose(3, pathBDP)
	p.OnRecovered(p.clock)
	p.left = pathBDP / 2
	p.until(bbrCruise)
	p.probe()
	p.round()
	p.wantState("below the bound", bbrUp)
	p.left = int(p.longterm)
	p.ack(mss)
	p.wantState("at the bound", bbrDown)
	p.left = pathBDP / 2
	for range quarters {
		if p.state == bbrDown || p.state == bbrCruise {
			p.clock += p.rtt / quarters
			p.ack(p.volume / quarters)
		}
	}
	p.wantState("nothing was lost", bbrRefill)
	p.until(bbrUp)
	p.left = int(p.longterm)
	p.ack(mss)
	p.wantState("at the bound, which is known to be safe", bbrUp)
}

// Draft §5.3.3.4.1: 1, 2, 4, 8 segments in each round trip.
func TestBBRRaisesTheBoundFasterAndFaster(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	p.probe()
	p.lose(3, pathBDP)
	p.OnRecovered(p.clock)
	p.left = pathBDP / 2
	p.until(bbrCruise)
	p.tooHigh = false
	p.probe()
	p.volume, p.left = 80*mss, 60*mss
	before, grown := p.longterm, []int32{}
	for range 5 {
		p.wantState("the bound is the limit, not the path", bbrUp)
		p.round(cwndLimited)
		grown = append(grown, (p.longterm-before)/mss)
		before = p.longterm
	}
	for i := 1; i < len(grown); i++ {
		if grown[i] < grown[i-1] {
			t.Fatalf("it grew by %v segments", grown)
		}
	}
	if grown[0] > 4 || grown[4] < 10 {
		t.Errorf("it grew by %v segments", grown)
	}
}

// Draft §5.5.2: two cycles.
func TestBBRForgetsARateAfterTwoCycles(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	p.rate /= 2
	for cycle := range 3 {
		p.left = p.volume / 4
		p.probe()
		p.left = 0
		p.until(bbrDown)
		p.left = p.volume / 4
		for range 2 {
			p.round()
		}
		if cycle == 0 {
			p.wantAbout("after one cycle", p.maxRate(), pathRate)
		}
	}
	p.wantAbout("after three", p.maxRate(), pathRate/2)
}
