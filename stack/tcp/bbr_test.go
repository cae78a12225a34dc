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

func TestBulkAtLossRates(t *testing.T) {
	for _, loss := range []float64{0, 0.001, 0.01, 0.05} {
		path := fast
		path.loss = loss
		for _, algorithm := range []congestion.Algorithm{congestion.NewReno, congestion.Cubic, congestion.BBR} {
			for _, mib := range []int{16, 128} {
				if mib == 128 && loss > 0 && algorithm != congestion.BBR {
					continue
				}
				took, from := transfer(t, 1, algorithm, path, mib<<20, tcp.Options{})
				i := from.apps[0].c.Info()
				rate := float64(mib<<20) / took.Seconds()
				t.Logf("%.1f %% %s %d MiB: %.2f MB/s, %.2f; %d of %d again, %d rto, %d rec %d spur, w %d rate %d rtt %v", loss*100, algorithm.Name(), mib, rate/1e6, rate/path.payload(),
					from.e.Counters.RetransSegs, from.e.Counters.OutSegs, from.e.Counters.Timeouts, from.e.Counters.FastRecovery, from.e.Counters.SpuriousRecovery, i.Window, i.PacingRate, i.RTT)
			}
		}
	}
}
