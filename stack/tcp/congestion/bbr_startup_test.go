package congestion

import (
	"testing"
	"time"
	"unsafe"
)

// Draft §5.6.2.
func TestBBRPacesTheInitialWindowOverTheFirstRoundTrip(t *testing.T) {
	p := newBBRPath(t)
	p.wantAbout("before there is a round-trip time", p.PacingRate(), 277*10*mss*1000/100)
	p.rate = 100 // the sample says nothing yet
	p.clock += p.rtt
	p.ack(mss)
	p.wantAbout("after the first", p.PacingRate(), 277*10*mss*10/100)
}

// Draft §5.3.1.1.
func TestBBRStartupSendsFasterThanWhatArrives(t *testing.T) {
	p := newBBRPath(t)
	for range 4 {
		p.volume *= 2
		p.rate = p.volume * 10
		p.round()
		p.wantState("while the rate grows", bbrStartup)
		p.wantAbout("pacing rate", p.PacingRate(), uint64(p.rate)*277*99/10000)
		if p.Window() < p.volume*3/2 {
			t.Errorf("window %d with %d in flight", p.Window(), p.volume)
		}
	}
}

// Draft §5.3.1.2: three round trips without a growth of a quarter.
func TestBBRStartupEndsAtAPlateau(t *testing.T) {
	p := newBBRPath(t)
	p.volume, p.left = pathBDP, 2*pathBDP
	p.round()
	for _, growth := range []int{110, 120, 130} {
		p.rate = pathRate * growth / 100
		p.round()
		p.wantState("growing", bbrStartup)
	}
	// The last was a growth of more than a quarter, and these are none.
	for range fullRounds - 1 {
		p.round()
		p.wantState("not growing for too short a time", bbrStartup)
	}
	p.round()
	p.wantState("at a plateau", bbrDrain)
	p.wantAbout("max_bw", p.maxRate(), pathRate*130/100)
	p.wantAbout("pacing rate", p.PacingRate(), pathRate*130/100*50*99/10000)
}

// Draft §5.3.1.2 and §5.5.4: what the application limits tells nothing.
func TestBBRStaysInStartupWhileTheApplicationIsTheLimit(t *testing.T) {
	p := newBBRPath(t)
	p.round()
	for range 20 {
		p.round(appLimited)
	}
	p.wantState("limited by the application", bbrStartup)
	before := p.PacingRate()
	p.rate /= 2
	for range 5 {
		p.round(appLimited)
	}
	if p.PacingRate() != before {
		t.Errorf("pacing rate %d, was %d", p.PacingRate(), before)
	}
}

// Draft §5.3.1.3.
func TestBBRStartupEndsAfterARoundTripOfLosses(t *testing.T) {
	for _, tc := range []struct {
		what   string
		ranges int
		lost   int // per cent
		sack   bool
		want   bbrState
	}{
		{"many losses", 6, 3, true, bbrDrain},
		{"a lump of them", 5, 3, true, bbrStartup},
		{"no more than two in a hundred", 6, 2, true, bbrStartup},
		{"one, without SACK", 1, 1, false, bbrDrain},
	} {
		p := newBBRPath(t)
		p.volume, p.left = pathBDP, 2*pathBDP
		p.round(appLimited)
		before := p.Window()
		p.lose(tc.ranges, pathBDP)
		p.lose(3, pathBDP, func(l *Loss) { l.Adjoins = true })
		p.wantState(tc.what+": at once", bbrStartup)
		p.round(appLimited, recovering, lossOf(pathBDP*tc.lost/100), func(a *Ack) { a.NoSACK = !tc.sack })
		p.wantState(tc.what, tc.want)
		if tc.want == bbrStartup {
			continue
		}
		if got := int(p.longterm); got != pathBDP {
			t.Errorf("%s: inflight_longterm is %d, want %d", tc.what, got, pathBDP)
		}
		// Draft §5.5.11.2: and it goes on if there were none.
		p.Undo()
		p.wantState(tc.what+", undone", bbrStartup)
		if p.longterm != noBound || p.Window() < before || p.fullReached {
			t.Errorf("%s, undone: inflight_longterm %d, window %d", tc.what, p.longterm, p.Window())
		}
	}
}

// Draft §5.3.2.
func TestBBRDrainEndsWhenTheQueueMustBeEmpty(t *testing.T) {
	p := newBBRPath(t)
	p.fill()
	p.left = pathBDP * 11 / 10
	p.ack(mss)
	p.wantState("with a queue", bbrDrain)
	p.left = pathBDP * 98 / 100
	p.ack(mss)
	if !p.state.probesBW() {
		t.Errorf("without one: state %d", p.state)
	}
}

func TestBBRDrainEndsAfterThreeRoundTrips(t *testing.T) {
	p := newBBRPath(t)
	p.fill()
	p.left = 2 * pathBDP
	for range drainRounds {
		p.round()
		p.wantState("with a queue", bbrDrain)
	}
	p.round()
	p.wantState("after three round trips", bbrDown)
}

// Draft §5.6.4.3: four segments keep delayed ACKs going on the slowest path.
func TestBBRWindowIsAtLeastFourSegments(t *testing.T) {
	p := newBBRPath(t)
	p.rate, p.volume, p.rtt = 100_000, minPipe*mss, ms
	p.ack(mss) // the only one without a queue
	p.rtt = minPipe * mss * time.Second / 100_000
	for range 40 {
		p.round()
		if p.Window() < minPipe*mss {
			t.Errorf("window %d", p.Window())
		}
	}
	if p.Window() > 2*minPipe*mss {
		t.Errorf("window %d", p.Window())
	}
	p.wantAbout("pacing rate", p.PacingRate(), 1000*p.state.pacingGain()*99/100)
}

// Draft §5.5.9: acknowledgements that come in lumps need more in flight.
func TestBBRWindowHasRoomForLumps(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	p.clock += pathRTT
	smooth := p.bbr.Window()
	for range 3 {
		p.clock += pathRTT
		p.ack(pathBDP)
	}
	if more := p.Window() - smooth; more < pathBDP/2 {
		t.Errorf("the window is %d, and was %d", p.Window(), smooth)
	}
	for range 8 * aggregationRounds {
		p.clock += p.rtt / 10
		p.round()
	}
	if p.Window() > smooth+pathBDP/2 {
		t.Errorf("the window is still %d", p.Window())
	}
}

func TestBBRRatesAreExact(t *testing.T) {
	for _, tc := range []struct {
		rate uint64
		d    time.Duration
		want uint64
	}{
		{1000, time.Second, 1000}, {1 << 40, time.Minute, 60 << 40}, {1 << 60, time.Second, rateMost},
		{37_500_000, 20 * ms, 750_000}, {1, 999_999_999, 0}, {5, -time.Second, 0},
	} {
		got := within(tc.rate, tc.d)
		if got != tc.want {
			t.Errorf("%d in %v: %d, want %d", tc.rate, tc.d, got, tc.want)
		}
	}
	if got := within(noRate, time.Hour); got>>40 != uint64(time.Duration(spanMost)/time.Second) {
		t.Errorf("%d", got)
	}
	if got := perSecond(1<<31-1, 1); got != rateMost {
		t.Errorf("%d", got)
	}
	if got := perSecond(750_000, 20*ms); got != 37_500_000 {
		t.Errorf("%d", got)
	}
}

func TestBBRWindowIsAtLeastASegment(t *testing.T) {
	c := BBR.New()
	c.Init(500, 500)
	c.SetMSS(9000)
	if c.Window() != 9000 || c.Threshold() != Unlimited {
		t.Errorf("window %d, threshold %d", c.Window(), c.Threshold())
	}
	if BBR.Name() != "bbr" {
		t.Errorf("name %q", BBR.Name())
	}
}

// What a connection takes besides: Footprint of package tcp counts on it.
func TestBBRIsNotTooLarge(t *testing.T) {
	if n := unsafe.Sizeof(bbr{}); n > 384 {
		t.Errorf("%d bytes", n)
	} else {
		t.Logf("%d bytes", n)
	}
}

func BenchmarkBBROnAck(b *testing.B) {
	c := BBR.New()
	c.Init(mss, 10*mss)
	ack := Ack{Delivered: 2 * mss, Left: pathBDP, RTT: pathRTT, Rate: RateSample{
		Delivered: pathBDP, Interval: pathRTT, TxInFlight: pathBDP,
	}}
	b.ReportAllocs()
	for b.Loop() {
		ack.Now += ms
		ack.Rate.TotalDelivered += 2 * mss
		ack.Rate.PriorDelivered = ack.Rate.TotalDelivered - pathBDP
		c.OnAck(&ack)
	}
}
