package route

import (
	"math/rand"
	"net/netip"
	"testing"
)

var (
	prefix = netip.MustParsePrefix
	addr   = netip.MustParseAddr
)

func TestTheLongestPrefixCounts(t *testing.T) {
	var table Table
	for i, p := range []string{"0.0.0.0/0", "10.0.0.0/8", "10.0.2.0/24", "10.0.2.3/32", "127.0.0.0/8", "::/0", "2001:db8::/32", "fe80::/64"} {
		table.Add(Route{Prefix: prefix(p), Interface: i})
	}
	for dst, want := range map[string]int{
		"192.0.2.1": 0, "10.255.0.1": 1, "10.0.2.4": 2, "10.0.2.3": 3, "127.1.2.3": 4, "255.255.255.255": 0,
		"2600::1": 5, "2001:db8:1::1": 6, "fe80::1": 7, "fe80::1%eth0": 7, "::ffff:10.0.2.3": 5,
	} {
		if r := table.Lookup(addr(dst)); r == nil || r.Interface != want {
			t.Errorf("%s: %v, want route %d", dst, r, want)
		}
	}
}

func TestNoRouteIsNil(t *testing.T) {
	var table Table
	table.Add(Route{Prefix: prefix("10.0.2.0/24")})
	for _, dst := range []netip.Addr{addr("10.0.3.0"), addr("::1"), {}} {
		if r := table.Lookup(dst); r != nil {
			t.Errorf("%v: %v", dst, *r)
		}
	}
}

func TestTheLesserMetricCountsAndThenTheElderRoute(t *testing.T) {
	var table Table
	table.Add(Route{Prefix: prefix("0.0.0.0/0"), Gateway: addr("10.0.0.1"), Metric: 100})
	table.Add(Route{Prefix: prefix("0.0.0.0/0"), Gateway: addr("10.0.0.2"), Metric: 50})
	table.Add(Route{Prefix: prefix("0.0.0.0/0"), Gateway: addr("10.0.0.3"), Metric: 50})
	if hop := table.Lookup(addr("8.8.8.8")).Hop(addr("8.8.8.8")); hop != addr("10.0.0.2") {
		t.Errorf("goes to %v", hop)
	}
	for i, want := range []string{"10.0.0.2", "10.0.0.3", "10.0.0.1"} {
		if got := table.At(i).Gateway; got != addr(want) {
			t.Errorf("route %d goes to %v, want %s", i, got, want)
		}
	}
}

func TestARouteAddedAgainReplacesItself(t *testing.T) {
	var table Table
	table.Add(Route{Prefix: prefix("10.0.2.15/24"), Metric: 1})
	table.Add(Route{Prefix: prefix("10.0.2.0/24"), Metric: 7})
	if table.Len() != 1 || table.At(0).Metric != 7 || table.At(0).Prefix != prefix("10.0.2.0/24") {
		t.Errorf("%d routes, %+v", table.Len(), table.At(0))
	}
	for _, other := range []Route{
		{Prefix: prefix("10.0.2.0/25")}, {Prefix: prefix("10.0.2.0/24"), Gateway: addr("10.0.2.1")}, {Prefix: prefix("10.0.2.0/24"), Interface: 1},
	} {
		n := table.Len()
		if table.Add(other); table.Len() != n+1 {
			t.Errorf("%+v replaced another route", other)
		}
	}
	if table.Add(Route{}); table.Len() != 4 {
		t.Error("a route without a prefix is in the table")
	}
}

func TestRemoveTakesOutWhatItIsToldTo(t *testing.T) {
	var table Table
	for i := range 6 {
		table.Add(Route{Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i)}), 16), Interface: i % 2})
	}
	table.Remove(func(r *Route) bool { return r.Interface == 1 })
	if table.Len() != 3 || table.Lookup(addr("10.1.0.1")) != nil || table.Lookup(addr("10.4.0.1")) == nil {
		t.Errorf("%d routes are left", table.Len())
	}
}

func TestTheNextHopIsTheGatewayOrTheReceiver(t *testing.T) {
	dst := addr("10.0.2.9")
	if hop := (&Route{Gateway: addr("10.0.2.1")}).Hop(dst); hop != addr("10.0.2.1") {
		t.Errorf("through a gateway: %v", hop)
	}
	if hop := (&Route{}).Hop(dst); hop != dst {
		t.Errorf("on the link: %v", hop)
	}
}

// Against a table that is searched through whole for each address.
func TestLookupFindsWhatASearchFinds(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	random := func() netip.Addr {
		return netip.AddrFrom4([4]byte{10, byte(rnd.Intn(3)), byte(rnd.Intn(3)), byte(rnd.Intn(8))})
	}
	for range 300 {
		var table Table
		var all []Route
		for i := range rnd.Intn(20) {
			r := Route{Prefix: netip.PrefixFrom(random(), rnd.Intn(33)).Masked(), Interface: i, Metric: rnd.Intn(3)}
			table.Add(r)
			all = append(all, r)
		}
		for range 20 {
			dst := random()
			var want *Route
			for i, r := range all {
				if r.Prefix.Contains(dst) && (want == nil || r.Prefix.Bits() > want.Prefix.Bits() ||
					r.Prefix.Bits() == want.Prefix.Bits() && r.Metric < want.Metric) {
					want = &all[i]
				}
			}
			got := table.Lookup(dst)
			if (got == nil) != (want == nil) || got != nil && *got != *want {
				t.Fatalf("%v: %v, want %v", dst, got, want)
			}
		}
	}
}

func TestLookupAllocatesNothing(t *testing.T) {
	var table Table
	table.Add(Route{Prefix: prefix("10.0.2.0/24")})
	dst := addr("10.0.2.9")
	if n := testing.AllocsPerRun(100, func() {
		if table.Lookup(dst).Hop(dst) != dst {
			t.Fatal("no route")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkLookup(b *testing.B) {
	var table Table
	for _, p := range []string{"127.0.0.0/8", "10.0.2.0/24", "224.0.0.0/4", "0.0.0.0/0"} {
		table.Add(Route{Prefix: prefix(p)})
	}
	dst := addr("192.0.2.1")
	b.ReportAllocs()
	for b.Loop() {
		table.Lookup(dst)
	}
}
