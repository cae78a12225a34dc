package tcp_test

import (
	"testing"
	"time"

	"github.com/netdev-go/netdev/stack/tcp"
	"github.com/netdev-go/netdev/stack/tcp/congestion"
)

// fast is 300 Mbit/s and 20 ms, with a queue of 20 ms.
var fast = link{delay: 10 * ms, rate: 37.5e6, queue: 20 * ms}

// payload is what headers leave of a link's rate.
func (l link) payload() float64 { return l.rate * 1448 / (1448 + 32 + 34) }

// transfer sends total bytes over such a link, and returns how long that took.
func transfer(t *testing.T, seed uint64, algorithm congestion.Algorithm, path link, total int, o tcp.Options) (time.Duration, *side) {
	t.Helper()
	c := tcp.Config{Congestion: algorithm, MaxSendBuffer: 8 << 20, MaxRecvBuffer: 8 << 20}
	a, b := c, c
	a.Pool, b.Pool = newBlocks(8192), newBlocks(8192)
	back := path
	back.loss = 0
	w := newWorld(seed, a, b, path, back)
	from, to := w.sides[0], w.sides[1]
	to.listen(1, o)
	from.dial(50000, 80, o).total = total
	if !w.run(10*time.Minute, func() bool { return len(to.apps) == 1 && to.apps[0].eof }) {
		t.Fatalf("%s: not over: %v", algorithm.Name(), w.err)
	}
	if got := to.apps[0].read; got != total {
		t.Fatalf("%s: %d of %d bytes", algorithm.Name(), got, total)
	}
	return w.now - w.begin, from
}

// What 16 MiB take, slow start included: a window of ten segments needs seven round trips
// to fill this path, which alone leaves 0.78 of it.
func TestBulkAtLossRates(t *testing.T) {
	for _, loss := range []float64{0, 0.001, 0.01, 0.05} {
		path := fast
		path.loss = loss
		rates := map[string]float64{}
		for _, algorithm := range []congestion.Algorithm{congestion.NewReno, congestion.Cubic, congestion.BBR} {
			const total = 16 << 20
			took, from := transfer(t, 1, algorithm, path, total, tcp.Options{})
			rate := float64(total) / took.Seconds()
			rates[algorithm.Name()] = rate
			t.Logf("%4.1f %% loss, %s: %.2f MB/s, %d of %d segments sent again, %d timeouts", loss*100, algorithm.Name(),
				rate/1e6, from.e.Counters.RetransSegs, from.e.Counters.OutSegs, from.e.Counters.Timeouts)
		}
		least := map[float64]float64{0: 0.75, 0.001: 0.7, 0.01: 0.7, 0.05: 0.02}[loss] * path.payload()
		if rates["bbr"] < least {
			t.Errorf("%.1f %% loss: BBR has %.2f MB/s, want %.2f", loss*100, rates["bbr"]/1e6, least/1e6)
		}
	}
}

// draft-ietf-ccwg-bbr §5.3.3.6: one lost in a hundred is no reason to slow down much.
func TestBBRFillsALinkThatLosesOneInAHundred(t *testing.T) {
	path := fast
	path.loss = 0.01
	for seed := range uint64(2) {
		from, at := bulk(t, seed, congestion.BBR, path, 1<<30, 5*time.Second)
		rate := float64(at[4]-at[0]) / 4
		t.Logf("%.2f MB/s of %.1f, headers included; %d timeouts", rate/1e6, path.rate/1e6, from.e.Counters.Timeouts)
		if rate*1.2 < path.rate {
			t.Errorf("%.2f MB/s, the link has %.2f", rate/1e6, path.rate/1e6)
		}
	}
}

// A window of three segments shows no loss but by a timeout or a probe, and BBR no rate. With
// one in twenty lost on either way it goes on all the same, whatever decides the window.
func TestSmallBuffersGetThroughLoss(t *testing.T) {
	const total, buffer = 256 << 10, 4096
	seeds := uint64(32)
	if testing.Short() {
		seeds = 8
	}
	path := link{delay: 10 * ms, rate: 37.5e6, queue: 20 * ms, loss: 0.05}
	for _, algorithm := range []congestion.Algorithm{congestion.NewReno, congestion.Cubic, congestion.BBR} {
		var sum, slowest, longest time.Duration
		timeouts := 0
		for seed := range seeds {
			c := tcp.Config{Congestion: algorithm}
			a, b := c, c
			a.Pool, b.Pool = newBlocks(64), newBlocks(64)
			w := newWorld(seed, a, b, path, path)
			from, to := w.sides[0], w.sides[1]
			o := tcp.Options{SendBuffer: buffer, RecvBuffer: buffer}
			to.listen(1, o)
			from.dial(50000, 80, o).total = total
			read, since := 0, w.now
			for !w.run(10*ms, func() bool { return len(to.apps) == 1 && to.apps[0].eof }) {
				if w.err != nil {
					t.Fatalf("%s, seed %d: %v", algorithm.Name(), seed, w.err)
				}
				if len(to.apps) == 1 && to.apps[0].read > read {
					read, since = to.apps[0].read, w.now
				}
				if longest = max(longest, w.now-since); longest > time.Minute {
					t.Fatalf("%s, seed %d: it stands still after %d bytes", algorithm.Name(), seed, read)
				}
			}
			if n := to.apps[0].read; n != total {
				t.Fatalf("%s, seed %d: %d of %d bytes", algorithm.Name(), seed, n, total)
			}
			took := w.now - w.begin
			sum, slowest = sum+took, max(slowest, took)
			timeouts += int(from.e.Counters.Timeouts)
		}
		mean := sum / time.Duration(seeds)
		t.Logf("%s: %v at the mean, %v at most, never %v without a byte; %d timeouts", algorithm.Name(), mean, slowest, longest, timeouts)
		// 64 windows of a round trip each, and about nine losses of a timeout each.
		if mean > 4*time.Second || slowest > 8*time.Second || longest > 3*time.Second {
			t.Errorf("%s: %v at the mean, %v at most, and %v without a byte", algorithm.Name(), mean, slowest, longest)
		}
	}
}

// A queue of ten times the bandwidth-delay product stays nearly empty.
func TestBBRKeepsTheQueueShort(t *testing.T) {
	path := clean
	path.queue = 200 * ms
	from, at := bulk(t, 1, congestion.BBR, path, 1<<30, 4*time.Second)
	rtt, rate := from.apps[0].c.Info().RTT, float64(at[3]-at[0])/3
	t.Logf("round trips of %v, %.2f MB/s", rtt, rate/1e6)
	if rtt > 30*ms || rate < 0.95*path.payload() {
		t.Errorf("round trips of %v on a path of 20 ms, %.2f MB/s of %.2f", rtt, rate/1e6, path.payload()/1e6)
	}
}

// draft-ietf-ccwg-bbr §5.4: what is known of the path outlasts a pause longer than a
// timeout of retransmission, and one of ten seconds begins anew.
func TestBBRKnowsItsPathAfterAPause(t *testing.T) {
	for _, tc := range []struct {
		pause time.Duration
		kept  bool
	}{{2 * time.Second, true}, {15 * time.Second, false}} {
		c := tcp.Config{Congestion: congestion.BBR}
		a, b := c, c
		a.Pool, b.Pool = newBlocks(8192), newBlocks(8192)
		w := newWorld(1, a, b, clean, clean)
		from, to := w.sides[0], w.sides[1]
		to.listen(1, tcp.Options{})
		x := from.dial(50000, 80, tcp.Options{})
		x.total, x.stay = 8<<20, true
		arrived := func(n int) func() bool {
			return func() bool { return len(to.apps) == 1 && to.apps[0].read == n }
		}
		if !w.run(20*time.Second, arrived(8<<20)) {
			t.Fatal(w.err)
		}
		w.run(tc.pause, func() bool { return false })
		i := x.c.Info()
		if kept := i.PacingRate > 0; kept != tc.kept {
			t.Errorf("after %v: %+v", tc.pause, i)
		}
		begin := w.now
		x.total += 256 << 10
		x.run()
		from.work()
		if !w.run(20*time.Second, arrived(x.total)) {
			t.Fatal(w.err)
		}
		took := w.now - begin
		t.Logf("after %v: 256 KiB took %v", tc.pause, took)
		// 21 ms at the link's rate and half a round trip, or five round trips of slow start.
		if fast := took < 50*ms; fast != tc.kept {
			t.Errorf("after %v: 256 KiB took %v", tc.pause, took)
		}
	}
}

// What is late is not lost, and a queue need not hold a bandwidth-delay product.
func TestBBRFillsUnevenLinks(t *testing.T) {
	for _, tc := range []struct {
		name  string
		path  link
		least float64
	}{
		{"reordering", link{delay: 10 * ms, rate: 12.5e6, queue: 20 * ms, reorder: 0.01, late: 30 * ms}, 0.9},
		{"jitter", link{delay: 10 * ms, rate: 12.5e6, queue: 20 * ms, jitter: 2 * ms}, 0.9},
		{"a queue of an eighth", link{delay: 10 * ms, rate: 12.5e6, queue: 2500 * time.Microsecond}, 0.8},
		{"one slower than a segment in a round trip", link{delay: 10 * ms, rate: 12.5e3, queue: 400 * ms}, 0.9},
	} {
		from, at := bulk(t, 1, congestion.BBR, tc.path, 1<<30, 4*time.Second)
		share := float64(at[3]-at[0]) / 3 / tc.path.payload()
		n := from.e.Counters
		t.Logf("%s: %.0f %% of the link; %d recoveries, %d of them spurious, %d timeouts", tc.name, 100*share, n.FastRecovery, n.SpuriousRecovery, n.Timeouts)
		if share < tc.least {
			t.Errorf("%s: %.0f %% of the link", tc.name, 100*share)
		}
	}
}
