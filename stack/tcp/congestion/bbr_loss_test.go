package congestion

import "testing"

// Draft §5.5.10.3: without a probe a round trip with too many losses takes the rate down to
// what was delivered, at most by three in ten.
func TestBBRSlowsDownToWhatIsDelivered(t *testing.T) {
	for _, tc := range []struct{ delivered, want uint64 }{{90, 90}, {50, 70}} {
		p := newBBRPath(t)
		p.full()
		p.round()
		p.round()
		before := p.Window()
		p.rate, p.volume = p.rate*int(tc.delivered)/100, p.volume*int(tc.delivered)/100
		p.round()
		p.lose(3, pathBDP)
		p.round(recovering)
		p.round(recovering)
		// What is delivered was sent 1 % below the bound.
		want := pathRate * tc.want / 100
		if tc.want == tc.delivered {
			want = want * 100 / 99
		}
		p.wantAbout("bw_shortterm", p.shortRate, want)
		p.wantAbout("pacing rate", p.PacingRate(), want*99/100)
		if tc.want == 70 && p.Window() > before*7/10+mss {
			t.Errorf("window %d", p.Window())
		}
		p.OnRecovered(p.clock)
		p.clock += 3 * pathRTT * 10
		p.until(bbrRefill)
		if p.shortRate != noRate || p.shortterm != noBound {
			t.Error("the short-term model outlives the cycle")
		}
	}
}

// Two in a hundred are no reason to slow down, however little is delivered meanwhile.
func TestBBRToleratesAFewLosses(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	p.round()
	p.rate = pathRate * 4 / 5
	for range 10 {
		p.lose(1, pathBDP)
		p.lose(1, pathBDP)
		p.round(recovering)
	}
	p.wantState("all the time", bbrCruise)
	if p.shortRate != noRate || p.shortterm != noBound {
		t.Errorf("bw_shortterm %d, inflight_shortterm %d", p.shortRate, p.shortterm)
	}
	p.lose(3, pathBDP)
	p.round(recovering)
	p.round(recovering)
	p.wantAbout("bw_shortterm after more", p.shortRate, pathRate*4/5*100/99)
}

// Without SACK more than one loss does not show.
func TestBBRAnswersEachLossWithoutSACK(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	p.round()
	p.rate = pathRate * 4 / 5
	p.round()
	p.lose(1, pathBDP)
	noSACK := func(a *Ack) { a.NoSACK = true }
	p.round(recovering, noSACK)
	p.round(recovering, noSACK)
	p.wantAbout("bw_shortterm", p.shortRate, pathRate*4/5*100/99)
}

// More on a path that delivers all else are none either: the margin of pacing is not the
// path's.
func TestBBRDoesNotTakeItsMarginForThePaths(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	for range 15 {
		p.rate = int(p.PacingRate())
		p.lose(3, pathBDP)
		p.round(recovering)
	}
	p.wantState("all the time", bbrCruise)
	p.wantAbout("pacing rate", p.PacingRate(), pathRate*99/100)
}

func TestBBRDoesNotTakeItsOwnSlowingDownForThePaths(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	p.probe()
	p.left = 2 * pathBDP
	p.until(bbrDown)
	p.rate = int(p.PacingRate())
	p.round()
	p.round()
	p.lose(3, pathBDP)
	p.round(recovering)
	p.round(recovering)
	p.wantState("with a queue", bbrDown)
	p.wantAbout("bw_shortterm", p.shortRate, pathRate)
}

// Draft §5.5.10.3: losses are the price of a probe.
func TestBBRKeepsItsBoundsWhileItProbes(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	p.probe()
	p.lose(1, pathBDP)
	p.round(recovering)
	p.wantState("one lost", bbrUp)
	if p.shortRate != noRate || p.shortterm != noBound {
		t.Errorf("bw_shortterm %d, inflight_shortterm %d", p.shortRate, p.shortterm)
	}
}

// Draft §5.6.4.4.
func TestBBRTimeoutLeavesOneSegment(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	before := p.Window()
	p.OnTimeout(p.clock, pathBDP)
	p.OnTimeout(p.clock, pathBDP)
	if p.Window() != mss {
		t.Errorf("window %d", p.Window())
	}
	p.ack(mss, recovering)
	if p.Window() != minPipe*mss {
		t.Errorf("window %d after an acknowledgement", p.Window())
	}
	p.OnRecovered(p.clock)
	if p.Window() != before {
		t.Errorf("window %d after recovery, was %d", p.Window(), before)
	}
}

// Draft §5.5.11.
func TestBBRTakesASpuriousRecoveryBack(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	p.probe()
	p.lose(3, pathBDP)
	p.wantState("lost", bbrDown)
	p.lossInRound = true
	p.left = 2 * pathBDP
	p.round(recovering)
	p.Undo()
	p.wantState("undone", bbrRefill)
	if p.longterm != noBound || p.shortRate != noRate {
		t.Errorf("inflight_longterm %d, bw_shortterm %d", p.longterm, p.shortRate)
	}
	p.OnRecovered(p.clock)
	p.until(bbrUp)
	p.longterm = 5 * mss
	p.Undo()
	p.wantState("undone again", bbrUp)
	if p.longterm != 5*mss {
		t.Error("a second Undo does something")
	}
}

func TestBBRTakesASpuriousTimeoutBack(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	before := p.Window()
	for i := range 3 {
		p.lose(5+i, pathBDP)
		p.OnTimeout(p.clock, pathBDP)
	}
	p.Undo()
	if p.Window() != before || p.shortRate != noRate {
		t.Errorf("window %d, was %d; bw_shortterm %d", p.Window(), before, p.shortRate)
	}
}

func TestBBRDoesNotAllocate(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	ack := Ack{Delivered: mss, Left: pathBDP, RTT: pathRTT, CwndLimited: true, Rate: RateSample{
		Delivered: pathBDP, Interval: pathRTT, TxInFlight: pathBDP,
	}}
	loss := Loss{Size: mss, TxInFlight: pathBDP}
	var c LossObserver = p.bbr
	if n := testing.AllocsPerRun(1000, func() {
		p.clock += ms
		p.total += mss
		ack.Now, ack.Rate.TotalDelivered, ack.Rate.PriorDelivered = p.clock, p.total, p.total-pathBDP
		loss.Now, loss.Delivered, loss.Lost = p.clock, p.total, loss.Lost+mss
		c.OnAck(&ack)
		c.OnLost(&loss)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// The counts of what is delivered wrap around.
func TestBBRGoesOnWhereTheCountsWrap(t *testing.T) {
	p := newBBRPath(t)
	p.total = 1<<32 - 30*pathBDP
	p.full()
	for range 12 {
		p.rtt -= ms // so that there is no need to look for the least
		p.round()
		p.clock += 3 * pathRTT * 10
		p.until(bbrUp)
		p.until(bbrDown)
	}
	p.wantAbout("max_bw", p.maxRate(), pathRate)
}
