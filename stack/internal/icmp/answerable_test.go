package icmp

import (
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev/wire/icmpv4"
	"github.com/netdev-go/netdev/wire/ipv4"
)

func TestAnErrorIsSentAboutWhatOneHostSentToUs(t *testing.T) {
	own := netip.PrefixFrom(us, 24)
	for _, c := range []struct {
		name     string
		src, dst string
		want     bool
	}{
		{"a neighbour", "10.0.2.1", "10.0.2.15", true},
		{"a stranger", "192.0.2.1", "10.0.2.15", true},
		{"to be forwarded", "10.0.2.1", "192.0.2.1", true},
		{"ourselves", "10.0.2.15", "10.0.2.15", true},
		{"over loopback", "127.0.0.1", "127.0.0.1", true},
		{"loopback's address on a network", "127.0.0.1", "10.0.2.15", false},
		{"to everybody", "10.0.2.1", "255.255.255.255", false},
		{"to the network", "10.0.2.1", "10.0.2.255", false},
		{"to what would be another network", "10.0.2.1", "10.0.3.255", true},
		{"to a group", "10.0.2.1", "224.0.0.251", false},
		{"from nobody", "0.0.0.0", "10.0.2.15", false},
		{"from this network", "0.1.2.3", "10.0.2.15", false},
		{"from a group", "224.0.0.1", "10.0.2.15", false},
		{"from class E", "240.0.0.1", "10.0.2.15", false},
		{"from everybody", "255.255.255.255", "10.0.2.15", false},
		{"from the network", "10.0.2.255", "10.0.2.15", false},
	} {
		p := packet(netip.MustParseAddr(c.src), netip.MustParseAddr(c.dst), 17, 8)
		if got := Answerable(p, own, false); got != c.want {
			t.Errorf("%s, %s to %s: %v, want %v", c.name, c.src, c.dst, got, c.want)
		}
		if Answerable(p, own, true) {
			t.Errorf("%s: although the frame was for many", c.name)
		}
	}
}

func TestLoopbackIsAnsweredOnItsOwnInterface(t *testing.T) {
	p := packet(netip.MustParseAddr("127.0.0.1"), us, 17, 8)
	if !Answerable(p, netip.MustParsePrefix("127.0.0.1/8"), false) {
		t.Error("it is not")
	}
}

func TestNoErrorAboutErrors(t *testing.T) {
	own := netip.PrefixFrom(us, 24)
	p := packet(them, us, icmpv4.Protocol, 8)
	for typ := range 256 {
		p.Payload()[0] = byte(typ)
		want := true
		switch typ {
		case 3, 4, 5, 11, 12: // RFC 792's errors, and redirect
			want = false
		}
		if got := Answerable(p, own, false); got != want {
			t.Errorf("type %d: %v", typ, got)
		}
	}
	if Answerable(packet(them, us, icmpv4.Protocol, 0), own, false) {
		t.Error("of what type it is cannot be seen")
	}
}

func TestNoErrorAboutAFragmentThatIsNotTheFirst(t *testing.T) {
	own := netip.PrefixFrom(us, 24)
	for _, c := range []struct {
		h    ipv4.Header
		want bool
	}{
		{ipv4.Header{Flags: ipv4.MoreFragments}, true},
		{ipv4.Header{FragmentOffset: 8}, false},
		{ipv4.Header{Flags: ipv4.MoreFragments, FragmentOffset: 65528}, false},
	} {
		h := c.h
		h.Src, h.Dst, h.Protocol, h.TotalLen = them, us, 17, 28
		b := make([]byte, 28)
		h.Emit(b)
		if got := Answerable(b, own, false); got != c.want {
			t.Errorf("%+v: %v", h, got)
		}
	}
}

func TestBroadcastAddressesOfNetworks(t *testing.T) {
	for _, c := range []struct {
		network, addr string
		want          bool
	}{
		{"10.0.2.15/24", "10.0.2.255", true},
		{"10.0.2.15/24", "10.0.2.254", false},
		{"10.0.2.15/30", "10.0.2.15", true},
		{"10.0.2.14/31", "10.0.2.15", false},
		{"10.0.2.15/32", "10.0.2.15", false},
		{"10.0.2.15/9", "10.127.255.255", true},
		{"10.0.2.15/9", "10.126.255.255", false},
		{"10.0.2.15/0", "255.255.255.255", true},
		{"fe80::1/64", "10.0.2.255", false},
	} {
		if got := broadcast(netip.MustParseAddr(c.addr), netip.MustParsePrefix(c.network)); got != c.want {
			t.Errorf("%s in %s: %v", c.addr, c.network, got)
		}
	}
	if broadcast(netip.MustParseAddr("10.0.2.255"), netip.Prefix{}) {
		t.Error("without a network")
	}
}

// RFC 1812 §4.3.2.3: with its own headers an error is no longer than 576 bytes.
func TestAQuoteIsNoLongerThanAnErrorMayBe(t *testing.T) {
	for n, want := range map[int]int{28: 28, 548: 548, 549: 548, 1500: 548} {
		if got := QuoteLen(packet(them, us, 17, n-ipv4.HeaderLen)); got != want {
			t.Errorf("of %d bytes: %d, want %d", n, got, want)
		}
	}
}
