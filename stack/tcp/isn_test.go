package tcp

import (
	"net/netip"
	"testing"
	"time"
)

// RFC 6528 §3: 4 µs a tick, and another place for each pair of ends.
func TestISNTicksAndDiffersByEnds(t *testing.T) {
	e := newEngine(1, Config{})
	local := netip.AddrPortFrom(addrA, 1000)
	first := e.isn(time.Hour, local, portB)
	if d := e.isn(time.Hour+4*time.Millisecond, local, portB) - first; d != 1000 {
		t.Errorf("%d numbers in 4 ms, want 1000", d)
	}
	for _, other := range []netip.AddrPort{netip.AddrPortFrom(addrA, 1001), netip.AddrPortFrom(addrB, 1000)} {
		if d := e.isn(time.Hour, other, portB).Diff(first); -1<<16 < d && d < 1<<16 {
			t.Errorf("%v begins %d beside %v", other, d, local)
		}
	}
	if newEngine(2, Config{}).isn(time.Hour, local, portB) == first {
		t.Error("another secret gives the same number")
	}
}

func TestTimestampsOfTwoHostsShareAnOffset(t *testing.T) {
	e := newEngine(1, Config{})
	there, again, back := e.timestampOffset(addrA, addrB), e.timestampOffset(addrA, addrB), e.timestampOffset(addrB, addrA)
	if there != again || there == back {
		t.Error("the offset is not that of the two addresses")
	}
}
