package port

import (
	"math/rand"
	"net/netip"
	"testing"
)

var (
	local  = netip.MustParseAddr("10.0.2.15")
	remote = netip.MustParseAddrPort("192.0.2.1:443")
)

func seeded(seed int64) func() uint64 { return rand.New(rand.NewSource(seed)).Uint64 }

func free(uint16) bool { return false }

func TestPortsToOneRemoteComeInTurn(t *testing.T) {
	a := New(Config{Rand: seeded(1)})
	first, _ := a.Next(local, remote, free)
	seen := map[uint16]bool{first: true}
	for last, i := first, 1; i < Last-First+1; i++ {
		p, ok := a.Next(local, remote, free)
		if !ok || p < First || seen[p] {
			t.Fatalf("port %d is %d, %v, seen %v", i, p, ok, seen[p])
		}
		if p != last+1 && (last != Last || p != First) {
			t.Fatalf("after %d comes %d", last, p)
		}
		seen[p], last = true, p
	}
	if p, _ := a.Next(local, remote, free); p != first {
		t.Errorf("the second turn begins with %d, the first did with %d", p, first)
	}
}

func TestARangeThatEndsWithTheLastPort(t *testing.T) {
	a := New(Config{First: 1, Last: 65535, Rand: seeded(2)})
	seen := make([]bool, 1<<16)
	for range 65535 {
		p, ok := a.Next(local, remote, free)
		if !ok || p == 0 || seen[p] {
			t.Fatalf("%d, %v", p, ok)
		}
		seen[p] = true
	}
}

func TestAUsedPortIsPassedOver(t *testing.T) {
	a := New(Config{First: 100, Last: 109, Rand: seeded(3)})
	asked := map[uint16]int{}
	p, ok := a.Next(local, remote, func(p uint16) bool { asked[p]++; return p != 104 })
	if !ok || p != 104 {
		t.Errorf("%d, %v: 104 alone is free", p, ok)
	}
	clear(asked)
	if p, ok := a.Next(local, remote, func(p uint16) bool { asked[p]++; return true }); ok || p != 0 || len(asked) != 10 {
		t.Errorf("%d, %v after %d questions: none is free", p, ok, len(asked))
	}
	for p, n := range asked {
		if p < 100 || p > 109 || n != 1 {
			t.Errorf("%d was asked for %d times", p, n)
		}
	}
}

func TestEachEndOfTheRangeHasItsDefault(t *testing.T) {
	for c, want := range map[[2]uint16]uint32{{0, 0}: 16384, {0, 49153}: 2, {65534, 0}: 2, {100, 109}: 10} {
		if a := New(Config{First: c[0], Last: c[1], Rand: seeded(1)}); a.size != want {
			t.Errorf("%v: %d ports, want %d", c, a.size, want)
		}
	}
}

// RFC 6056 §3.3.4 has the counters begin anywhere.
func TestCountersBeginAnywhere(t *testing.T) {
	seen := map[uint16]bool{}
	for _, n := range New(Config{Rand: seeded(1)}).table {
		seen[n] = true
	}
	if len(seen) < 200 {
		t.Errorf("%d different ones of 256", len(seen))
	}
}

func TestARangeOfOnePort(t *testing.T) {
	a := New(Config{First: 7, Last: 7, Rand: seeded(4)})
	for range 3 {
		if p, ok := a.Next(local, remote, free); p != 7 || !ok {
			t.Errorf("%d, %v", p, ok)
		}
	}
}

// RFC 6056 §3.3.3: who sees the ports used towards himself learns nothing of
// those used towards others.
func TestEachPairBeginsElsewhere(t *testing.T) {
	begin := func(seed int64, local netip.Addr, remote netip.AddrPort) uint16 {
		p, _ := New(Config{Rand: seeded(seed)}).Next(local, remote, free)
		return p
	}
	base := begin(1, local, remote)
	for name, p := range map[string]uint16{
		"secret":         begin(2, local, remote),
		"local address":  begin(1, local.Next(), remote),
		"remote address": begin(1, local, netip.AddrPortFrom(remote.Addr().Next(), 443)),
		"remote port":    begin(1, local, netip.AddrPortFrom(remote.Addr(), 444)),
		"no addresses":   begin(1, netip.Addr{}, netip.AddrPort{}),
	} {
		if p == base {
			t.Errorf("another %s, and the same port %d", name, p)
		}
	}
}

func TestFirstPortsAreSpreadOverTheRange(t *testing.T) {
	a := New(Config{Rand: seeded(5)})
	var eighths [8]int
	for i := range 4000 {
		p, _ := a.Next(local, netip.AddrPortFrom(remote.Addr(), uint16(i)), free)
		eighths[(p-First)/((Last-First+1)/8)]++
	}
	for i, n := range eighths {
		if n < 400 || n > 600 {
			t.Errorf("eighth %d has %d of 4000, want about 500", i, n)
		}
	}
}

func TestNextAllocatesNothing(t *testing.T) {
	a := New(Config{Rand: seeded(6)})
	taken := [2]uint16{50000, 50001}
	if n := testing.AllocsPerRun(100, func() {
		a.Next(local, remote, func(p uint16) bool { return p == taken[0] || p == taken[1] })
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkNext(b *testing.B) {
	a := New(Config{Rand: seeded(7)})
	b.ReportAllocs()
	for b.Loop() {
		a.Next(local, remote, free)
	}
}
