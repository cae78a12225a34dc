package igmp

import (
	"math/rand"
	"net/netip"
	"testing"
)

// BenchmarkQuery is a query of a router's, and the report that answers it.
func BenchmarkQuery(b *testing.B) {
	h := New(Config{Groups: 4, MTU: 1500, Rand: rand.New(rand.NewSource(1)).Uint64})
	now, buf := start, make([]byte, 1500)
	h.Join(now, netip.AddrFrom4([4]byte{239, 1, 2, 3}))
	answered := func() (some bool) {
		for at := h.Deadline(); at != 0; at = h.Deadline() {
			now = max(now, at)
			if n, _ := h.Output(now, buf); n > 0 {
				some = true
			}
		}
		return some
	}
	answered() // what Join has to say
	p := queryV2(netip.Addr{}, 10)
	b.ReportAllocs()
	for b.Loop() {
		if h.Input(now, p); !answered() {
			b.Fatal("no report")
		}
	}
}
