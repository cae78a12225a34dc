package fragment

import (
	"bytes"
	"math/rand"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev/wire/ipv4"
)

var (
	alice = netip.MustParseAddr("192.0.2.1")
	bob   = netip.MustParseAddr("192.0.2.2")
)

func random(n int) []byte {
	b := make([]byte, n)
	rand.New(rand.NewSource(int64(n))).Read(b)
	return b
}

func header() ipv4.Header {
	return ipv4.Header{ID: 77, TTL: 64, Protocol: 17, Src: alice, Dst: bob}
}

// split returns the fragments of a packet, in memory of their own.
func split(t testing.TB, h ipv4.Header, payload []byte, mtu int) []ipv4.Packet {
	t.Helper()
	var all []ipv4.Packet
	for f := Split(h, len(payload), mtu); f.Next(); {
		b := bytes.Repeat([]byte{0xa5}, mtu+60)
		n := f.Emit(b)
		n += copy(b[n:], payload[f.Offset:f.Offset+f.Len])
		p, err := ipv4.Parse(b[:n])
		if err != nil || len(p) != n || !p.ChecksumOK() {
			t.Fatalf("fragment at %d: %v, %d of %d bytes, checksum right %v", f.Offset, err, len(p), n, p.ChecksumOK())
		}
		all = append(all, p)
	}
	return all
}

func TestFragmentsFitAndCoverThePacket(t *testing.T) {
	for _, mtu := range []int{68, 69, 75, 76, 296, 576, 1400, 1500, 9000, 70000} {
		for _, n := range []int{0, 1, 8, 48, 49, 1472, 1480, 1481, 2960, 2961, 10000, 65515} {
			payload := random(n)
			var got []byte
			all := split(t, header(), payload, mtu)
			for i, p := range all {
				last := i == len(all)-1
				if len(p) > mtu || p.FragmentOffset() != len(got) || p.Flags() != 0 != !last || p.ID() != 77 || p.Protocol() != 17 {
					t.Fatalf("mtu %d, %d bytes: fragment %d is %+v", mtu, n, i, p.Header())
				}
				if !last && len(p)+8 <= mtu {
					t.Fatalf("mtu %d, %d bytes: fragment %d of %d bytes leaves room for more", mtu, n, i, len(p))
				}
				got = append(got, p.Payload()...)
			}
			if len(all) == 0 || !bytes.Equal(got, payload) {
				t.Fatalf("mtu %d, %d bytes: %d fragments are %d bytes", mtu, n, len(all), len(got))
			}
		}
	}
}

func TestOptionsThatAreNotCopiedStandInTheFirstFragmentOnly(t *testing.T) {
	h := header()
	h.Options = []byte{
		byte(ipv4.OptionRecordRoute), 7, 4, 0, 0, 0, 0, byte(ipv4.OptionNop),
		byte(ipv4.OptionRouterAlert), 4, 0, 0, byte(ipv4.OptionLooseRoute), 3, 4,
	}
	all := split(t, h, random(4000), 1500)
	for _, p := range all {
		if more := p.Flags()&ipv4.MoreFragments != 0; len(p) > 1500 || more && len(p)+8 <= 1500 {
			t.Errorf("a fragment of %d bytes", len(p))
		}
	}
	if !bytes.Equal(all[0].OptionBytes(), append(h.Options, 0)) {
		t.Errorf("first: %x", all[0].OptionBytes())
	}
	for _, p := range all[1:] {
		if want := []byte{byte(ipv4.OptionRouterAlert), 4, 0, 0, byte(ipv4.OptionLooseRoute), 3, 4, 0}; !bytes.Equal(p.OptionBytes(), want) {
			t.Errorf("other: %x, want %x", p.OptionBytes(), want)
		}
	}
	for _, options := range [][]byte{
		{byte(ipv4.OptionRouterAlert), 9, 0, 0}, {byte(ipv4.OptionRouterAlert), 1, 0, 0}, {0x01, 0x01, 0x01, byte(ipv4.OptionRouterAlert)},
		{byte(ipv4.OptionEnd), byte(ipv4.OptionRouterAlert), 2, 0},
	} {
		h.Options = options
		for _, p := range split(t, h, random(4000), 1500)[1:] {
			if p.HeaderLen() != ipv4.HeaderLen {
				t.Errorf("of %x this was copied: %x", options, p.OptionBytes())
			}
		}
	}
}

func TestAFragmentIsTakenApartFurther(t *testing.T) {
	whole := random(4000)
	var got []byte
	for _, big := range split(t, header(), whole, 1500) {
		h := big.Header()
		for _, p := range split(t, h, big.Payload(), 576) {
			if p.FragmentOffset() != len(got) {
				t.Fatalf("at %d, want %d", p.FragmentOffset(), len(got))
			}
			got = append(got, p.Payload()...)
			if more := p.Flags()&ipv4.MoreFragments != 0; more == (len(got) == len(whole)) {
				t.Fatalf("at %d of %d more come: %v", len(got), len(whole), more)
			}
		}
	}
	if !bytes.Equal(got, whole) {
		t.Error("not the whole")
	}
}

func TestWhatCannotBeTakenApartHasNoFragments(t *testing.T) {
	for _, c := range []struct{ payload, mtu int }{{100, 67}, {100, 0}, {100, -1}, {65516, 1500}} {
		if f := Split(header(), c.payload, c.mtu); f.Next() {
			t.Errorf("%d bytes over an MTU of %d", c.payload, c.mtu)
		}
	}
}

func TestSplitAllocatesNothing(t *testing.T) {
	b, h := make([]byte, 1500), header()
	h.Options = ipv4.RouterAlert[:]
	if n := testing.AllocsPerRun(100, func() {
		n := 0
		for f := Split(h, 8000, 1500); f.Next(); n++ {
			f.Emit(b)
		}
		if n != 6 {
			t.Fatalf("%d fragments", n)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkSplit(b *testing.B) {
	buf, h := make([]byte, 1500), header()
	b.ReportAllocs()
	b.SetBytes(8000)
	for b.Loop() {
		for f := Split(h, 8000, 1500); f.Next(); {
			f.Emit(buf)
		}
	}
}
