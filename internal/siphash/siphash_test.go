package siphash

import (
	"net/netip"
	"testing"
)

// The paper's key, 00 01 … 0f, and the values that its reference code gives for
// the messages 00 01 … of 0, 8 and 16 bytes.
func TestValuesOfThePaper(t *testing.T) {
	k := Key{0x0706050403020100, 0x0f0e0d0c0b0a0908}
	for _, c := range []struct {
		words []uint64
		want  uint64
	}{
		{nil, 0x726fdb47dd0e0e31},
		{[]uint64{0x0706050403020100}, 0x93f5f5799a932462},
		{[]uint64{0x0706050403020100, 0x0f0e0d0c0b0a0908}, 0x3f2acc7f57c29bdb},
	} {
		if got := k.Words(c.words...); got != c.want {
			t.Errorf("%#x: %#x, want %#x", c.words, got, c.want)
		}
	}
}

func TestAddressesAreHashedByTheirBytes(t *testing.T) {
	k := NewKey(func() uint64 { return 7 })
	six := netip.MustParseAddr("2001:db8::1")
	four := netip.MustParseAddr("192.0.2.1")
	if k.Addr(six) != k.Words(0x00000000b80d0120, 0x0100000000000000) {
		t.Error("an IPv6 address is not its 16 bytes")
	}
	if k.Addr(six) != k.Addr(six.WithZone("eth0")) {
		t.Error("the zone counts")
	}
	seen := map[uint64]netip.Addr{}
	for _, a := range []netip.Addr{six, four, netip.AddrFrom16(four.As16()), four.Next(), netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
		if b, ok := seen[k.Addr(a)]; ok {
			t.Errorf("%v and %v have one hash", a, b)
		}
		seen[k.Addr(a)] = a
	}
	if k.Addr(four) == (Key{7, 8}).Addr(four) {
		t.Error("the key does not count")
	}
}

// What a table takes of a hash are a few low bits of it.
func TestNeighbouringAddressesFallIntoDifferentBuckets(t *testing.T) {
	k := Key{1, 2}
	var buckets [64]int
	for a, i := netip.MustParseAddr("10.0.0.0"), 0; i < 6400; a, i = a.Next(), i+1 {
		buckets[k.Addr(a)%64]++
	}
	for i, n := range buckets {
		if n < 60 || n > 145 {
			t.Errorf("bucket %d has %d of 6400, want about 100", i, n)
		}
	}
}

func TestNothingAllocates(t *testing.T) {
	k, a := Key{1, 2}, netip.MustParseAddr("10.0.0.1")
	var sum uint64
	if n := testing.AllocsPerRun(100, func() { sum += k.Addr(a) + k.Words(1, 2, 3, 4, 5) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAddr(b *testing.B) {
	k, a := Key{1, 2}, netip.MustParseAddr("10.0.0.1")
	b.ReportAllocs()
	for b.Loop() {
		k.Addr(a)
	}
}
