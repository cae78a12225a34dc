package flight

import (
	"testing"
	"time"
)

// spread sends ten segments and finds the first one lost and sent again, by
// what may be a mistake.
func spread(t *testing.T) *conversation {
	c := converse(t)
	c.send(0, 1)
	c.send(1*ms, 9)
	c.ack(41*ms, 0, 1, 5)
	c.lost(41*ms, 0, 0, 1)
	c.resend(42*ms, 1)
	return c
}

func TestEchoOfTheOriginalTellsASpuriousRecovery(t *testing.T) {
	c := spread(t)
	// The clock's tick in which the segment was sent ended before the
	// retransmission.
	c.opts.Echo = origin + 1*ms
	r := c.ack(43*ms, 5)
	if !r.Spurious || !r.Recovered || c.Recovering() {
		t.Errorf("%+v", r)
	}
	c.lost(43*ms, 0)
	if r := c.ack(44*ms, 10); r.Spurious || r.Recovered {
		t.Errorf("said twice: %+v", r)
	}
}

func TestEchoOfTheRetransmissionTellsNothing(t *testing.T) {
	for _, echo := range []time.Duration{0, 43 * ms} {
		c := spread(t)
		if echo > 0 {
			c.opts.Echo = origin + echo
		}
		if r := c.ack(82*ms, 10); r.Spurious || !r.Recovered {
			t.Errorf("echo %v: %+v", echo, r)
		}
	}
}

// Segment 11 is beyond the recovery point when it is lost and sent again, and still under
// way when the next episode begins. Its echo is older than what that one sends again.
func TestEchoOfAnEpisodeBeforeTellsNothing(t *testing.T) {
	c := converse(t)
	c.send(0, 10)
	c.ack(40*ms, 0, 1, 5)
	c.lost(40*ms, 0, 0, 1)
	c.send(42*ms, 10)
	c.resend(43*ms, 1)
	c.ack(82*ms, 0, 1, 10)
	c.ack(83*ms, 0, 1, 11, 12, 16)
	c.lost(83*ms, 0, 11, 12)
	c.resend(84*ms, 1)
	if r := c.ack(85*ms, 11, 12, 16); !r.Recovered || r.Spurious {
		t.Fatalf("the first episode: %+v", r)
	}
	c.ack(86*ms, 11, 12, 16, 17, 20)
	c.lost(86*ms, 0, 16, 17)
	c.resend(87*ms, 1)
	c.opts.Echo = origin + 85*ms
	if r := c.ack(124*ms, 16, 17, 20); r.Spurious {
		t.Errorf("%+v", r)
	}
	if !c.Recovering() {
		t.Error("the second episode is over")
	}
}

func TestEchoOnASACKTellsNothing(t *testing.T) {
	c := spread(t)
	c.opts.Echo = origin + 1*ms
	if r := c.ack(43*ms, 0, 1, 6); r.Spurious {
		t.Errorf("%+v", r)
	}
}

func TestWhatIsSaidToBeSpuriousIsUnderWayAgain(t *testing.T) {
	c := converse(t)
	c.send(0, 1)
	c.ack(40*ms, 1)
	c.send(50*ms, 5)
	if n := c.Timeout(origin + 300*ms); n != 5*seg {
		t.Fatalf("lost %d", n)
	}
	c.resend(300*ms, 1)
	c.opts.Echo = origin + 51*ms
	r := c.ack(310*ms, 2)
	if !r.Spurious || !r.Recovered {
		t.Errorf("%+v", r)
	}
	c.wantPipe(4)
	// And RACK may still find it lost.
	c.ack(311*ms, 2, 4, 6)
	c.lost(311*ms, 321*ms)
	c.lost(321*ms, 0, 2, 4)
}

func TestDSACKOfAllThatWasSentAgainTellsASpuriousRecovery(t *testing.T) {
	c := spread(t)
	if r := c.ack(50*ms, 10); r.Spurious || !r.Recovered {
		t.Errorf("too early: %+v", r)
	}
	c.send(51*ms, 1)
	if r := c.ack(82*ms, 10, 0, 1); !r.DSACK || !r.Spurious {
		t.Errorf("%+v", r)
	}
	if r := c.ack(83*ms, 10, 0, 1); r.Spurious {
		t.Errorf("said twice: %+v", r)
	}
}

func TestDSACKOfSomeTellsNothing(t *testing.T) {
	c := converse(t)
	c.send(0, 2)
	c.send(1*ms, 8)
	c.ack(41*ms, 0, 2, 6)
	c.lost(41*ms, 0, 0, 2)
	c.resend(42*ms, 2)
	c.ack(50*ms, 10)
	if r := c.ack(82*ms, 10, 0, 1); !r.DSACK || r.Spurious {
		t.Errorf("%+v", r)
	}
	if r := c.ack(83*ms, 10, 1, 2); !r.Spurious {
		t.Errorf("%+v", r)
	}
}

func TestDSACKOfLaterDataTellsNothing(t *testing.T) {
	c := spread(t)
	c.ack(82*ms, 10)
	c.send(90*ms, 3)
	c.ack(130*ms, 12)
	if r := c.ack(131*ms, 12, 11, 12); !r.DSACK || r.Spurious {
		t.Errorf("%+v", r)
	}
}

func TestRecoveryThatSentNothingAgainIsSpurious(t *testing.T) {
	c := converse(t)
	c.send(0, 1)
	c.send(1*ms, 9)
	c.ack(41*ms, 0, 1, 5)
	c.lost(41*ms, 0, 0, 1)
	if r := c.ack(43*ms, 10); !r.Spurious || !r.Recovered {
		t.Errorf("%+v", r)
	}
}

func TestTimeoutsInARowAreUndoneAtOnce(t *testing.T) {
	c := converse(t)
	c.send(0, 2)
	c.Timeout(origin + 1000*ms)
	c.resend(1000*ms, 1)
	c.Timeout(origin + 3000*ms)
	c.resend(3000*ms, 1)
	// What arrived was sent before the second retransmission, not before the first.
	c.opts.Echo = origin + 1001*ms
	if r := c.ack(3001*ms, 1); r.Spurious {
		t.Errorf("%+v", r)
	}
	c = converse(t)
	c.send(0, 2)
	c.Timeout(origin + 1000*ms)
	c.resend(1000*ms, 1)
	c.Timeout(origin + 3000*ms)
	c.resend(3000*ms, 1)
	c.opts.Echo = origin + 1*ms
	if r := c.ack(3001*ms, 1); !r.Spurious {
		t.Errorf("%+v", r)
	}
}

// RFC 8985 §6.2 step 4.
func TestReorderingWindowGrowsWithDSACKsForSixteenRecoveries(t *testing.T) {
	var f Flight
	f.state = stateReordered
	f.b = new(board)
	const min, srtt = 40 * ms, 100 * ms
	window := func() time.Duration { return f.reorderingWindow(srtt, min) }
	dsack := func() { f.adaptWindow(&Result{DSACK: true}) }
	f.una, f.nxt = 100, 200
	if window() != 10*ms {
		t.Fatalf("at first %v", window())
	}
	dsack()
	dsack() // the same round
	if window() != 20*ms {
		t.Errorf("after a round with D-SACK %v", window())
	}
	f.una, f.nxt = 199, 300
	dsack()
	if window() != 20*ms {
		t.Errorf("the round was not over: %v", window())
	}
	f.una = 200
	dsack()
	if window() != 30*ms {
		t.Errorf("after two rounds %v", window())
	}
	for range 300 {
		f.una, f.nxt = f.nxt, f.nxt+100
		dsack()
	}
	if window() != srtt {
		t.Errorf("after many rounds %v", window())
	}
	f.una = f.nxt
	for i := range 16 {
		if window() != srtt {
			t.Errorf("back after %d recoveries", i)
		}
		f.adaptWindow(&Result{Recovered: true})
	}
	if window() != 10*ms {
		t.Errorf("after 16 recoveries %v", window())
	}
}

func TestRecoveryEndsAtItsPoint(t *testing.T) {
	c := spread(t)
	c.send(60*ms, 2)
	if r := c.ack(82*ms, 9); r.Recovered || !c.Recovering() {
		t.Errorf("%+v", r)
	}
	if r := c.ack(83*ms, 10); !r.Recovered || c.Recovering() {
		t.Errorf("%+v", r)
	}
}

func TestFirstBlockIsADSACKOnlyOfWhatWasThere(t *testing.T) {
	for _, tc := range []struct {
		name  string
		sacks []int
		want  bool
	}{
		{"below the acknowledgement", []int{1, 2}, true},
		{"up to it", []int{1, 3}, true},
		{"across it", []int{2, 4}, false},
		{"above it", []int{5, 6}, false},
		{"inside the second", []int{5, 6, 4, 7}, true},
		{"as large as the second", []int{4, 7, 4, 7}, true},
		{"beginning before the second", []int{4, 6, 5, 8}, false},
		{"ending after the second", []int{6, 9, 5, 8}, false},
		{"empty", []int{2, 2}, false},
		{"backwards", []int{2, 1}, false},
		{"beyond what was sent", []int{11, 12, 10, 13}, false},
	} {
		c := converse(t)
		c.send(0, 10)
		c.ack(40*ms, 3)
		if r := c.ack(41*ms, 3, tc.sacks...); r.DSACK != tc.want {
			t.Errorf("%s: %v", tc.name, r.DSACK)
		}
	}
}

func TestTimeoutAfterProgressIsOneOfItsOwn(t *testing.T) {
	c := converse(t)
	c.send(0, 3)
	c.Timeout(origin + 1000*ms)
	c.resend(1000*ms, 1)
	c.opts.Echo = origin + 1001*ms
	c.ack(1040*ms, 1)
	c.Timeout(origin + 2000*ms)
	c.resend(2000*ms, 1)
	// Sent after the first timeout and before the second.
	c.opts.Echo = origin + 1500*ms
	if r := c.ack(2001*ms, 2); !r.Spurious {
		t.Errorf("%+v", r)
	}
}

// A tick of the clock that ends as something is sent again is not the one in
// which that was sent.
func TestEchoThatEndsAtTheRetransmissionIsOfTheOriginal(t *testing.T) {
	for _, tc := range []struct {
		echo time.Duration
		rate bool // the retransmission is what arrived
	}{{42 * ms, false}, {42*ms + 1, true}} {
		c := spread(t)
		c.opts.Echo = origin + tc.echo
		r := c.ack(100*ms, 5)
		if got := r.Rate.Interval > 0; got != tc.rate || r.Spurious == tc.rate {
			t.Errorf("echo %v: %+v", tc.echo, r)
		}
	}
}
