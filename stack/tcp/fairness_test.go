package tcp_test

import (
	"testing"
	"time"

	"github.com/netdev-go/netdev/stack/tcp"
	"github.com/netdev-go/netdev/stack/tcp/congestion"
)

// share has flows of these algorithms send as much as they can through one queue, and
// returns what part of all each has got from `from` to `till`.
func share(t *testing.T, seed uint64, path link, from, till time.Duration, algorithms ...congestion.Algorithm) ([]float64, float64) {
	t.Helper()
	c := tcp.Config{MaxSendBuffer: 8 << 20, MaxRecvBuffer: 8 << 20}
	a, b := c, c
	a.Pool, b.Pool = newBlocks(8192), newBlocks(8192)
	back := path
	back.rate = 0
	w := newWorld(seed, a, b, path, back)
	s, r := w.sides[0], w.sides[1]
	r.listen(len(algorithms), tcp.Options{})
	for i, algorithm := range algorithms {
		s.then(w.now+time.Duration(i)*100*ms, func() {
			s.dial(uint16(50000+i), 80, tcp.Options{Congestion: algorithm}).total = 1 << 30
		})
	}
	read := func(limit time.Duration) []int {
		if w.run(limit, func() bool { return false }); w.err != nil {
			t.Fatal(w.err)
		}
		n := make([]int, len(algorithms))
		for _, a := range r.apps {
			n[a.c.Remote.Port()-50000] = a.read
		}
		return n
	}
	before := read(from)
	after := read(till - from)
	got, sum := make([]float64, len(algorithms)), 0.0
	for i := range got {
		got[i] = float64(after[i] - before[i])
		sum += got[i]
	}
	for i := range got {
		got[i] /= sum
	}
	return got, sum / (till - from).Seconds() / path.payload()
}

// Neither BBR nor a flow that answers each loss starves the other, whoever comes first and
// however deep the queue they share: not in a shallow one either, whose overflow costs less
// than BBR tolerates.
func TestBBRSharesAQueue(t *testing.T) {
	const least = 0.3
	depths := []float64{0.1, 0.5, 1, 2, 4}
	if testing.Short() {
		depths = depths[2:3]
	}
	for _, bdp := range depths {
		path := link{delay: 10 * ms, rate: 6.25e6, queue: time.Duration(bdp * float64(20*ms))}
		mixes := [][]congestion.Algorithm{
			{congestion.BBR, congestion.Cubic},
			{congestion.Cubic, congestion.BBR},
			{congestion.BBR, congestion.BBR},
		}
		if bdp == 1 {
			mixes = append(mixes, []congestion.Algorithm{congestion.NewReno, congestion.BBR})
		}
		for _, mix := range mixes {
			got, used := share(t, 1, path, 5*time.Second, 20*time.Second, mix...)
			t.Logf("%v BDP: %s %.0f %%, %s %.0f %%; %.0f %% of the link is used", bdp, mix[0].Name(), 100*got[0], mix[1].Name(), 100*got[1], 100*used)
			if min(got[0], got[1]) < least {
				t.Errorf("%v BDP: %s has %.0f %%, %s %.0f %%", bdp, mix[0].Name(), 100*got[0], mix[1].Name(), 100*got[1])
			}
			if used < 0.95 && bdp > 0.1 || used < 0.9 {
				t.Errorf("%v BDP: %s and %s use %.0f %% of the link", bdp, mix[0].Name(), mix[1].Name(), 100*used)
			}
		}
	}
}
