package flight

import (
	"testing"
	"time"
)

// near wants a time to within what a record keeps of it.
func near(t *testing.T, what string, got, want time.Duration) {
	t.Helper()
	if d := got - want; d < -2*tick || d > 2*tick {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// A window of ten segments, one each millisecond, and their ACKs 40 ms later.
func TestRateIsThatOfTheSlowerOfSendingAndAcknowledging(t *testing.T) {
	c := converse(t)
	for i := range 10 {
		c.send(time.Duration(i)*ms, 1)
	}
	for i := range 10 {
		r := c.ack(40*ms+time.Duration(i)*2*ms, i+1).Rate
		// Sent when nothing was delivered yet: all since the beginning counts.
		if r.Delivered != (i+1)*seg || r.PriorDelivered != 0 || int(r.TotalDelivered) != (i+1)*seg || r.AppLimited || r.TxInFlight != (i+1)*seg {
			t.Errorf("%d: %+v", i, r)
		}
		near(t, "interval", r.Interval, 40*ms+time.Duration(i)*2*ms)
	}
}

func TestRateOfAFullPipe(t *testing.T) {
	c := converse(t)
	c.send(0, 1)
	at := time.Duration(0)
	// 1 segment each ms, acknowledged 40 ms later, for long.
	for i := 1; i < 300; i++ {
		at = time.Duration(i) * ms
		if i >= 40 {
			r := c.ack(at, i-39).Rate
			if i > 100 {
				if r.Delivered != 40*seg {
					t.Fatalf("at %v: %+v", at, r)
				}
				near(t, "interval", r.Interval, 40*ms)
			}
		}
		c.send(at, 1)
	}
}

func TestRateOfAnApplicationThatSendsLittleIsMarked(t *testing.T) {
	c := converse(t)
	c.send(0, 2)
	c.AppLimited()
	c.send(10*ms, 1)
	if r := c.ack(40*ms, 2).Rate; r.AppLimited {
		t.Errorf("what was sent before is marked: %+v", r)
	}
	if r := c.ack(50*ms, 3).Rate; !r.AppLimited {
		t.Errorf("%+v", r)
	}
	c.send(60*ms, 1)
	if r := c.ack(100*ms, 4).Rate; r.AppLimited {
		t.Errorf("the mark stays: %+v", r)
	}
}

func TestRateTellsOfLosses(t *testing.T) {
	c := converse(t)
	c.send(0, 10)
	c.ack(40*ms, 0, 2, 6)
	c.lost(40*ms, 0, 0, 2)
	if r := c.ack(41*ms, 0, 2, 10).Rate; r.Lost != 2*seg || r.Delivered != 8*seg {
		t.Errorf("%+v", r)
	}
	c.send(42*ms, 1)
	if r := c.ack(82*ms, 0, 2, 11).Rate; r.Lost != 0 || r.Delivered != seg || r.TxInFlight != seg {
		t.Errorf("sent after the loss: %+v", r)
	}
}

func TestIntervalBelowTheLeastRoundTripIsNoSample(t *testing.T) {
	c := converse(t)
	c.opts.MinRTT = 50 * ms
	c.send(0, 1)
	if r := c.ack(40*ms, 1); r.Rate.Interval != 0 || r.RTT != 40*ms {
		t.Errorf("%+v", r)
	}
}

func TestRoundStartsOncePerRoundTrip(t *testing.T) {
	c := converse(t)
	c.send(0, 10)
	starts := ""
	for i := range 40 {
		r := c.ack(40*ms+time.Duration(i)*ms, i+1)
		if r.RoundStart {
			starts += "|"
		}
		starts += "."
		c.send(40*ms+time.Duration(i)*ms, 1)
	}
	if want := "|..........|..........|..........|.........."; starts != want {
		t.Errorf("%s, want %s", starts, want)
	}
}

func TestRoundTripsOfAnAck(t *testing.T) {
	c := converse(t)
	for i := range 5 {
		c.send(time.Duration(i)*ms, 1)
	}
	if r := c.ack(40*ms, 3); r.RTT != 38*ms || r.OldestRTT != 40*ms {
		t.Errorf("%+v", r)
	}
	if r := c.ack(43*ms, 3, 4, 5); r.RTT != 39*ms || r.OldestRTT != 39*ms {
		t.Errorf("SACK: %+v", r)
	}
	c.Resent(origin+50*ms, 3*seg, 4*seg)
	if r := c.ack(90*ms, 5); r.RTT != 0 || r.OldestRTT != 0 {
		t.Errorf("sent again: %+v", r)
	}
	c.send(100*ms, 1)
	if r := c.ack(100*ms, 6); r.RTT != 1 {
		t.Errorf("no time at all is a sample too: %+v", r)
	}
}

func TestTicksHoldMinutes(t *testing.T) {
	for _, d := range []time.Duration{0, tick, ms, time.Minute} {
		if got := toTicks(d).duration(); got != d/tick*tick {
			t.Errorf("%v became %v", d, got)
		}
	}
	if got := toTicks(time.Hour).duration(); got < 4*time.Minute {
		t.Errorf("an hour became %v", got)
	}
	if toTicks(-ms) != 0 {
		t.Error("a negative time is some")
	}
}

func TestRateCountsFromTheLastDeliveryOfAnyKind(t *testing.T) {
	c := converse(t)
	c.send(0, 2)
	c.Resent(origin+200*ms, 0, seg)
	// Too early for the retransmission, so this is no sample.
	if r := c.ack(210*ms, 1); r.Rate.Interval != 0 || r.Delivered != seg {
		t.Errorf("%+v", r)
	}
	c.send(220*ms, 1)
	r := c.ack(260*ms, 3)
	if r.Rate.Delivered != 2*seg {
		t.Errorf("%+v", r)
	}
	near(t, "interval", r.Rate.Interval, 220*ms) // sending began at 0
	c.send(270*ms, 1)
	c.ack(310*ms, 4)
	c.send(320*ms, 1)
	near(t, "interval", c.ack(370*ms, 5).Rate.Interval, 50*ms)
}

func TestRateBeginsAnewWhereNothingIsUnderWay(t *testing.T) {
	c := converse(t)
	c.send(0, 1)
	c.Timeout(origin + 1000*ms)
	c.resend(1000*ms, 1)
	near(t, "sent again", c.ack(1050*ms, 1).Rate.Interval, 50*ms)
	c.send(2000*ms, 1)
	near(t, "after a pause", c.ack(2060*ms, 2).Rate.Interval, 60*ms)
}
