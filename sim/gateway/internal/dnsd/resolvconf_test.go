package dnsd

import (
	"net/netip"
	"slices"
	"testing"
)

func TestParseServers(t *testing.T) {
	got := parseServers("# a comment\nsearch example.org\nnameserver 192.0.2.1\n nameserver\t2001:db8::1 # the other\nnameserver\nnameserver x\nnameserver fe80::1%eth0")
	want := []netip.AddrPort{
		netip.MustParseAddrPort("192.0.2.1:53"), netip.MustParseAddrPort("[2001:db8::1]:53"), netip.MustParseAddrPort("[fe80::1%eth0]:53"),
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
