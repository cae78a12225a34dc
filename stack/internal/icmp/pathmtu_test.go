package icmp

import (
	"math/rand"
	"net/netip"
	"testing"
	"time"
)

const start = time.Second

func paths(n int) *PathMTU { return NewPathMTU(n, rand.New(rand.NewSource(1)).Uint64) }

func expect(t *testing.T, p *PathMTU, now time.Duration, dst netip.Addr, mtu int, whole bool) {
	t.Helper()
	if got, df := p.Lookup(now, dst, 1500); got != mtu || df != whole {
		t.Errorf("after %v %v carries %d, don't fragment %v; want %d, %v", now, dst, got, df, mtu, whole)
	}
}

// RFC 1191 §6.3: the estimate is not believed for longer than 10 minutes.
func TestAPathIsNarrowFor10Minutes(t *testing.T) {
	p := paths(16)
	expect(t, p, start, them, 1500, true)
	if !p.Reduce(start, them, 1400, 1500) {
		t.Error("no news")
	}
	expect(t, p, start, them, 1400, true)
	expect(t, p, start, us, 1500, true)
	expect(t, p, start+10*time.Minute-1, them, 1400, true)
	expect(t, p, start+10*time.Minute, them, 1500, true)
	if mtu, _ := p.Lookup(start, them, 1300); mtu != 1300 {
		t.Errorf("more than the interface carries: %d", mtu)
	}
}

// RFC 1191 §3: a host must not raise its estimate because a message says so.
func TestAReportOfMoreIsIgnored(t *testing.T) {
	p := paths(16)
	p.Reduce(start, them, 1400, 1500)
	for _, mtu := range []int{1400, 1401, 9000} {
		if p.Reduce(start+time.Minute, them, mtu, 1500) {
			t.Errorf("%d is news", mtu)
		}
	}
	expect(t, p, start+9*time.Minute, them, 1400, true)
	expect(t, p, start+10*time.Minute, them, 1500, true)
	if p.Counters.Ignored != 3 || p.Counters.Reduced != 1 {
		t.Errorf("%+v", p.Counters)
	}
	if p.Reduce(start, us, 1500, 1500) {
		t.Error("what the interface carries is news")
	}
}

func TestFurtherReductionsBeginTheTimeAnew(t *testing.T) {
	p := paths(16)
	p.Reduce(start, them, 1400, 1500)
	p.Reduce(start+5*time.Minute, them, 1300, 1500)
	expect(t, p, start+14*time.Minute, them, 1300, true)
	expect(t, p, start+15*time.Minute, them, 1500, true)
	if p.Counters.Evicted != 0 {
		t.Errorf("%+v", p.Counters)
	}
}

func TestBelowTheLeastPacketsMayBeTakenApart(t *testing.T) {
	p := paths(16)
	p.Reduce(start, them, minPathMTU, 1500)
	expect(t, p, start, them, minPathMTU, true)
	if !p.Reduce(start, them, 68, 1500) {
		t.Error("that they have to be is no news")
	}
	expect(t, p, start, them, minPathMTU, false)
	if p.Reduce(start, them, 100, 1500) || p.Reduce(start, them, minPathMTU, 1500) {
		t.Error("news twice")
	}
	// Where the interface itself carries less.
	if p.Reduce(start, us, 68, 500); true {
		if got, df := p.Lookup(start, us, 500); got != 500 || df {
			t.Errorf("%d, %v", got, df)
		}
	}
}

func TestTheOldestPathMakesRoom(t *testing.T) {
	p := paths(ways) // all share one hash
	dst := netip.MustParseAddr("192.0.2.0")
	for i := range 2 * ways {
		dst = dst.Next()
		p.Reduce(start+time.Duration(i), dst, 1000, 1500)
	}
	for i, a := 0, netip.MustParseAddr("192.0.2.1"); i < 2*ways; i, a = i+1, a.Next() {
		want := 1500
		if i >= ways {
			want = 1000
		}
		expect(t, p, start+time.Minute, a, want, true)
	}
	if p.Counters.Evicted != ways {
		t.Errorf("%+v", p.Counters)
	}
	for range ways {
		dst = dst.Next()
		p.Reduce(start+time.Hour, dst, 1000, 1500)
	}
	if p.Counters.Evicted != ways {
		t.Errorf("%d of those evicted were out of date", p.Counters.Evicted-ways)
	}
}

func TestTheZeroValueRemembersNothing(t *testing.T) {
	var p PathMTU
	if p.Reduce(start, them, 1000, 1500) {
		t.Error("it does")
	}
	expect(t, &p, start, them, 1500, true)
}

func TestClearForgetsAll(t *testing.T) {
	p := paths(16)
	p.Reduce(start, them, 1000, 1500)
	p.Clear()
	expect(t, p, start, them, 1500, true)
	p.Reduce(start, us, 1000, 1500)
	expect(t, p, start, them, 1500, true)
}

// Against a map, with room for all, and with room for few: then a path may be
// forgotten, but is never wrong.
func TestPathsAgreeWithAMap(t *testing.T) {
	for _, entries := range []int{4096, 8} {
		rnd := rand.New(rand.NewSource(3))
		p := paths(entries)
		type known struct {
			mtu   int
			until time.Duration
		}
		model := map[netip.Addr]known{}
		now := start
		for range 5000 {
			now += time.Duration(rnd.Intn(5)) * time.Second
			dst := netip.AddrFrom4([4]byte{10, 0, 0, byte(rnd.Intn(64))})
			want := 1500
			if m, ok := model[dst]; ok && now < m.until {
				want = m.mtu
			}
			got, _ := p.Lookup(now, dst, 1500)
			if got != want && (entries > 64 || got != 1500) {
				t.Fatalf("%d entries: %d, want %d", entries, got, want)
			}
			mtu := minPathMTU + rnd.Intn(1000)
			if p.Reduce(now, dst, mtu, 1500) {
				if mtu >= got {
					t.Fatalf("%d is less than %d", mtu, got)
				}
				model[dst] = known{mtu, now + 10*time.Minute}
			} else if mtu < got {
				t.Fatalf("%d is no less than %d", mtu, got)
			}
		}
	}
}

func BenchmarkPathMTULookup(b *testing.B) {
	p := paths(64)
	p.Reduce(start, them, 1000, 1500)
	b.ReportAllocs()
	for b.Loop() {
		p.Lookup(start, them, 1500)
	}
}
