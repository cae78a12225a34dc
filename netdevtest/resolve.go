package netdevtest

import (
	"context"
	"net/netip"
	"slices"

	"github.com/netdev-go/netdev"
)

var resolveGroup = Group{
	Name: "Resolve", Prefix: "RES", Capability: "MultiResolver", has: has[netdev.MultiResolver],
	Rules: []Rule{
		{
			ID: "RES-1", Name: "name to addresses", check: checkLookup,
			Text: "`LookupNetIP` returns all addresses of the name, each once.",
		},
		{
			ID: "RES-2", Name: "one family", check: checkLookupFamily,
			Text: "Network \"ip4\" returns IPv4 addresses only and \"ip6\" IPv6 only; a name without such an address is `ErrHostUnknown`.",
		},
		{
			ID: "RES-3", Name: "unknown name", check: checkLookupUnknown,
			Text: "A name that does not exist, or cannot, is `ErrHostUnknown`; one that cannot may be `ErrMalAddr`.",
		},
		{
			ID: "RES-4", Name: "context", check: checkLookupContext,
			Text: "When `ctx` is done it returns its error.",
		},
		{
			ID: "RES-5", Name: "address as a name", check: checkLookupLiteral,
			Text: "A name that spells an address is that address.",
		},
		{
			ID: "RES-6", Name: "unknown network", check: checkLookupNetwork,
			Text: "Another network is an error.",
		},
	},
}

func checkLookup(t *trial) {
	addrs, err := t.dev.LookupNetIP(t.Context(), "ip", t.host())
	t.must("LookupNetIP", err)
	if !slices.Contains(addrs, t.peer.Addr(inet)) {
		t.Fatalf("LookupNetIP of %q: %v, want %v among them", t.host(), addrs, t.peer.Addr(inet))
	}
	seen := make(map[netip.Addr]bool)
	for _, a := range addrs {
		if seen[a] || !a.IsValid() || a.Is4In6() {
			t.Fatalf("LookupNetIP of %q: %v, where each address must be plain and appear once", t.host(), addrs)
		}
		seen[a] = true
	}
}

func checkLookupFamily(t *trial) {
	addrs, err := t.dev.LookupNetIP(t.Context(), "ip4", t.host())
	t.must("LookupNetIP ip4", err)
	for _, a := range addrs {
		if !a.Is4() {
			t.Fatalf("LookupNetIP ip4: %v", addrs)
		}
	}
	addrs, err = t.dev.LookupNetIP(t.Context(), "ip6", t.host())
	if err != nil {
		t.want("LookupNetIP ip6", err, netdev.ErrHostUnknown)
	}
	for _, a := range addrs {
		if a.Is4() || a.Is4In6() {
			t.Fatalf("LookupNetIP ip6: %v", addrs)
		}
	}
	_, err = t.dev.LookupNetIP(t.Context(), "ip6", "203.0.113.77")
	t.want("LookupNetIP ip6 of an IPv4 address", err, netdev.ErrHostUnknown)
}

func checkLookupUnknown(t *trial) {
	addrs, err := t.dev.LookupNetIP(t.Context(), "ip", t.unknownHost())
	t.want("LookupNetIP of a name that does not exist", err, netdev.ErrHostUnknown)
	if len(addrs) > 0 {
		t.Fatalf("LookupNetIP of a name that does not exist returned %v beside its error", addrs)
	}
	for what, name := range malformed {
		_, err := t.dev.LookupNetIP(t.Context(), "ip", name)
		t.want("LookupNetIP of "+what, err, netdev.ErrHostUnknown, netdev.ErrMalAddr)
	}
}

func checkLookupContext(t *trial) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := t.dev.LookupNetIP(ctx, "ip", t.host())
	t.want("LookupNetIP with a context that is done", err, context.Canceled)
}

func checkLookupLiteral(t *trial) {
	for _, literal := range []string{"203.0.113.77", "2001:db8::77"} {
		addrs, err := t.dev.LookupNetIP(t.Context(), "ip", literal)
		if err != nil || !slices.Equal(addrs, []netip.Addr{netip.MustParseAddr(literal)}) {
			t.Fatalf("LookupNetIP of %q: %v, %s", literal, addrs, describe(err))
		}
	}
}

func checkLookupNetwork(t *trial) {
	for _, network := range []string{"", "tcp", "ip5"} {
		if addrs, err := t.dev.LookupNetIP(t.Context(), network, t.host()); err == nil {
			t.Fatalf("LookupNetIP on network %q: %v, nil, want an error", network, addrs)
		}
	}
}
