package netdevtest

import (
	"net/netip"
	"slices"

	"github.com/netdev-go/netdev"
)

var dnsServersGroup = Group{
	Name: "DNSServers", Prefix: "DNS", Capability: "DNSServerLister", has: has[netdev.DNSServerLister],
	Rules: []Rule{
		{
			ID: "DNS-1", Name: "addresses of hosts", check: checkDNSServers,
			Text: "`DNSServers` returns addresses that a host can have, each once; none is right where there is no server.",
		},
		{
			ID: "DNS-2", Name: "caller's slice", check: checkDNSServersSlice,
			Text: "What the caller does to the slice changes nothing for the next caller.",
		},
	},
}

func checkDNSServers(t *trial) {
	servers := t.dev.DNSServers()
	seen := make(map[netip.Addr]bool)
	for _, a := range servers {
		if !a.IsValid() || a.Is4In6() || a.IsUnspecified() || a.IsMulticast() || seen[a] {
			t.Fatalf("DNSServers: %v, where each address must be a host's, plain, and appear once", servers)
		}
		seen[a] = true
	}
}

func checkDNSServersSlice(t *trial) {
	before := slices.Clone(t.dev.DNSServers())
	clear(t.dev.DNSServers())
	if after := t.dev.DNSServers(); !slices.Equal(after, before) {
		t.Fatalf("DNSServers: %v, and %v once the caller had cleared its slice", before, after)
	}
}
