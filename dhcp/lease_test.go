package dhcp_test

import (
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	oracle "github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/rfc1035label"

	"github.com/netdev-go/netdev/dhcp"
)

var same = cmp.Options{
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
	cmpopts.IgnoreFields(dhcp.Lease{}, "T1", "T2", "Expiry"),
}

// longest has 253 bytes, in labels of 63 and one of 61.
var longest = strings.Repeat(strings.Repeat("x", 63)+".", 3) + strings.Repeat("y", 61)

func option(code uint8, value ...byte) oracle.Modifier {
	return oracle.WithOption(oracle.OptGeneric(oracle.GenericOptionCode(code), value))
}

func text(code uint8, value string) oracle.Modifier { return option(code, []byte(value)...) }

func search(domains ...string) oracle.Modifier {
	return oracle.WithOption(oracle.OptDomainSearch(&rfc1035label.Labels{Labels: domains}))
}

func routes(list ...*oracle.Route) oracle.Modifier {
	return oracle.WithOption(oracle.OptClasslessStaticRoute(list...))
}

func to(prefix string, router net.IP) *oracle.Route {
	_, dst, err := net.ParseCIDR(prefix)
	if err != nil {
		panic(err)
	}
	return &oracle.Route{Dest: dst, Router: router}
}

func TestLeaseHasWhatTheServerTells(t *testing.T) {
	v4 := net.IPv4
	bare := func(change func(*dhcp.Lease)) dhcp.Lease {
		l := dhcp.Lease{Addr: netip.MustParsePrefix("10.0.2.15/24"), Server: ip("10.0.2.1")}
		if change != nil {
			change(&l)
		}
		return l
	}
	for _, c := range []struct {
		name string
		mods []oracle.Modifier
		want dhcp.Lease
	}{
		{"nothing", nil, bare(nil)},
		{"all of it", []oracle.Modifier{
			oracle.WithOption(oracle.OptBroadcastAddress(v4(10, 0, 2, 255))),
			oracle.WithRouter(server, other),
			oracle.WithDNS(server, other),
			oracle.WithOption(oracle.OptNTPServers(v4(10, 0, 2, 9))),
			oracle.WithOption(oracle.OptDomainName("lan.example")),
			search("lan.example", "example", "b.lan.example"),
			option(26, 0x05, 0xdc),
		}, bare(func(l *dhcp.Lease) {
			l.Broadcast = ip("10.0.2.255")
			l.Router = ip("10.0.2.1")
			l.DNS = []netip.Addr{ip("10.0.2.1"), ip("10.0.2.2")}
			l.NTP = []netip.Addr{ip("10.0.2.9")}
			l.Domain = "lan.example"
			l.Search = []string{"lan.example", "example", "b.lan.example"}
			l.MTU = 1500
		})},
		{"classless routes instead of a router", []oracle.Modifier{
			oracle.WithRouter(other),
			routes(to("192.168.0.0/16", other), to("0.0.0.0/0", server), to("10.9.0.0/24", net.IPv4zero)),
		}, bare(func(l *dhcp.Lease) {
			l.Router = ip("10.0.2.1")
			l.Routes = []dhcp.Route{
				{Dst: netip.MustParsePrefix("192.168.0.0/16"), Router: ip("10.0.2.2")},
				{Dst: netip.MustParsePrefix("10.9.0.0/24")},
			}
		})},
		{"classless routes without a default", []oracle.Modifier{
			oracle.WithRouter(other), routes(to("192.168.0.0/16", server)),
		}, bare(func(l *dhcp.Lease) {
			l.Routes = []dhcp.Route{{Dst: netip.MustParsePrefix("192.168.0.0/16"), Router: ip("10.0.2.1")}}
		})},
		{"classless routes that are none", []oracle.Modifier{
			oracle.WithRouter(other), option(121, 33, 1, 2, 3, 4, 5),
		}, bare(func(l *dhcp.Lease) { l.Router = ip("10.0.2.2") })},
		{"no mask, class A", []oracle.Modifier{oracle.WithoutOption(oracle.OptionSubnetMask)},
			bare(func(l *dhcp.Lease) { l.Addr = netip.MustParsePrefix("10.0.2.15/8") })},
		{"no mask, class B", []oracle.Modifier{oracle.WithoutOption(oracle.OptionSubnetMask), oracle.WithYourIP(v4(128, 16, 3, 4))},
			bare(func(l *dhcp.Lease) { l.Addr = netip.MustParsePrefix("128.16.3.4/16") })},
		{"a mask with holes, class C", []oracle.Modifier{option(1, 255, 0, 255, 0), oracle.WithYourIP(v4(192, 168, 3, 4))},
			bare(func(l *dhcp.Lease) { l.Addr = netip.MustParsePrefix("192.168.3.4/24") })},
		{"a mask of nothing", []oracle.Modifier{option(1, 0, 0, 0, 0)},
			bare(func(l *dhcp.Lease) { l.Addr = netip.MustParsePrefix("10.0.2.15/8") })},
		{"addresses that are none", []oracle.Modifier{
			oracle.WithRouter(net.IPv4zero, v4(224, 0, 0, 1), server),
			oracle.WithDNS(net.IPv4bcast, v4(127, 0, 0, 53), other),
			option(42, 1, 2, 3),
			oracle.WithOption(oracle.OptBroadcastAddress(net.IPv4zero)),
		}, bare(func(l *dhcp.Lease) {
			l.Router = ip("10.0.2.1")
			l.DNS = []netip.Addr{ip("10.0.2.2")}
		})},
		{"more than there is room for", []oracle.Modifier{
			oracle.WithDNS(v4(9, 0, 0, 1), v4(9, 0, 0, 2), v4(9, 0, 0, 3), v4(9, 0, 0, 4), v4(9, 0, 0, 5)),
			search("a", "b", "c", "d", "e", "f", "g", "h", "i"),
		}, bare(func(l *dhcp.Lease) {
			l.DNS = []netip.Addr{ip("9.0.0.1"), ip("9.0.0.2"), ip("9.0.0.3"), ip("9.0.0.4")}
			l.Search = strings.Split("abcdefgh", "")
		})},
		{"MTU too small for IP", []oracle.Modifier{option(26, 0, 67)}, bare(nil)},
		{"a domain with zeros and a dot at its end", []oracle.Modifier{text(15, "lan.example.\x00\x00")},
			bare(func(l *dhcp.Lease) { l.Domain = "lan.example" })},
		{"a domain with a line in it", []oracle.Modifier{text(15, "lan\nnameserver 6.6.6.6")}, bare(nil)},
		{"a domain with an empty label", []oracle.Modifier{text(15, "lan..example")}, bare(nil)},
		{"a domain with a long label", []oracle.Modifier{text(15, strings.Repeat("x", 64)+".example")}, bare(nil)},
		{"a domain of a dot", []oracle.Modifier{text(15, ".")}, bare(nil)},
		{"a domain beyond 253 bytes", []oracle.Modifier{text(15, strings.Repeat("abcdefg.", 31)+"abcdef")}, bare(nil)},
		{"names as long as can be", []oracle.Modifier{text(15, longest), search("a", longest)},
			bare(func(l *dhcp.Lease) { l.Domain, l.Search = longest, []string{"a", longest} })},
		{"a name in parts too long together", []oracle.Modifier{
			search(strings.Repeat("abcdefg.", 31)+"abcdef", "a"),
		}, bare(nil)},
		{"names compressed", []oracle.Modifier{option(119,
			3, 'l', 'a', 'n', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, // at 0
			1, 'b', 0xc0, 0, // b.lan.example
			0xc0, 4, // example
		)}, bare(func(l *dhcp.Lease) { l.Search = []string{"lan.example", "b.lan.example", "example"} })},
		{"a pointer to itself", []oracle.Modifier{option(119, 1, 'a', 0, 0xc0, 3)},
			bare(func(l *dhcp.Lease) { l.Search = []string{"a"} })},
		{"a pointer ahead", []oracle.Modifier{option(119, 1, 'a', 0, 0xc0, 5, 1, 'b', 0)},
			bare(func(l *dhcp.Lease) { l.Search = []string{"a"} })},
		{"pointers in a ring", []oracle.Modifier{option(119, 1, 'a', 0xc0, 4, 1, 'b', 0xc0, 0)}, bare(nil)},
		{"a name cut off", []oracle.Modifier{option(119, 1, 'a', 0, 5, 'b')},
			bare(func(l *dhcp.Lease) { l.Search = []string{"a"} })},
		{"a pointer cut off", []oracle.Modifier{option(119, 1, 'a', 0, 0xc0)},
			bare(func(l *dhcp.Lease) { l.Search = []string{"a"} })},
		{"a label of no kind", []oracle.Modifier{option(119, 0x41, 'a', 0)}, bare(nil)},
		{"a search domain with a space", []oracle.Modifier{search("a b", "c")},
			bare(func(l *dhcp.Lease) { l.Search = []string{"c"} })},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := boundTrace(t, nil, c.mods...)
			if diff := cmp.Diff(c.want, *tr.c.Lease(), same); diff != "" {
				t.Errorf("the lease differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestListsOfSeveralPartsArePutTogether(t *testing.T) {
	var domains []string
	for i := range 6 {
		domains = append(domains, strings.Repeat(string(rune('a'+i)), 60)+".example")
	}
	var list []*oracle.Route
	var want []dhcp.Route
	for i := range 40 {
		r := to("192.168.0.0/24", server)
		r.Dest.IP[2] = byte(i)
		list = append(list, r)
		if i < 16 {
			want = append(want, dhcp.Route{Dst: netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 168, byte(i)}), 24), Router: ip("10.0.2.1")})
		}
	}
	tr := boundTrace(t, nil, search(domains...), routes(list...))
	l := tr.c.Lease()
	if diff := cmp.Diff(domains, l.Search); diff != "" {
		t.Errorf("the search list differs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, l.Routes, same); diff != "" {
		t.Errorf("the routes differ (-want +got):\n%s", diff)
	}
}
