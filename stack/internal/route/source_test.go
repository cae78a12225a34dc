package route

import (
	"net/netip"
	"testing"
)

func TestSourceAddress(t *testing.T) {
	for _, c := range []struct {
		name string
		own  []string
		dst  string
		want string
	}{
		{"to oneself", []string{"10.0.2.15/24", "10.0.3.1/24"}, "10.0.3.1", "10.0.3.1"},
		{"on one's network", []string{"10.0.2.15/24", "10.0.3.1/24"}, "10.0.3.77", "10.0.3.1"},
		{"the first, where none is nearer", []string{"10.0.2.15/24", "10.0.3.1/24"}, "192.0.2.1", "10.0.2.15"},
		{"not beyond the prefix", []string{"10.0.2.15/24", "10.0.2.129/24"}, "10.0.2.130", "10.0.2.15"},
		{"no link-local one for the world", []string{"169.254.1.1/16", "10.0.2.15/24"}, "169.255.0.1", "10.0.2.15"},
		{"a link-local one on the link", []string{"10.0.2.15/24", "169.254.1.1/16"}, "169.254.9.9", "169.254.1.1"},
		{"not the loopback's", []string{"127.0.0.1/8", "10.0.2.15/24"}, "126.0.0.1", "10.0.2.15"},
		{"what there is", []string{"169.254.1.1/16"}, "192.0.2.1", "169.254.1.1"},
		{"of the family", []string{"2001:db8::1/64", "10.0.2.15/24"}, "192.0.2.1", "10.0.2.15"},
		// The examples of RFC 6724 §10.1 that these rules decide.
		{"RFC 6724: global for global", []string{"2001:db8:1::1/64", "fe80::1/64"}, "2001:db8:2::1", "2001:db8:1::1"},
		{"RFC 6724: global for site multicast", []string{"2001:db8:1::1/64", "fe80::1/64"}, "ff05::1", "2001:db8:1::1"},
		{"RFC 6724: link-local for link-local multicast", []string{"2001:db8:1::1/64", "fe80::1/64"}, "ff02::1", "fe80::1"},
		{"RFC 6724: the longest prefix", []string{"2001:db8:1::2/64", "2001:db8:3::2/64"}, "2001:db8:1::d5e3", "2001:db8:1::2"},
		{"a group reaches as far as the world", []string{"169.254.1.1/16", "10.0.2.15/24"}, "239.1.2.3", "10.0.2.15"},
		{"to oneself in a zone", []string{"fe80::2/64", "fe80::1/64"}, "fe80::1%eth0", "fe80::1"},
		{"the zone is no part of it", []string{"2001:db8::1/64", "fe80::1/64"}, "fe80::9%eth0", "fe80::1"},
	} {
		var own []netip.Prefix
		for _, p := range c.own {
			own = append(own, prefix(p))
		}
		if got := Source(own, addr(c.dst)); got != addr(c.want) {
			t.Errorf("%s: from %v to %s it is %v, want %s", c.name, c.own, c.dst, got, c.want)
		}
	}
	if got := Source([]netip.Prefix{prefix("10.0.2.15/24")}, addr("::1")); got.IsValid() {
		t.Errorf("no address of the family, and yet %v", got)
	}
}
