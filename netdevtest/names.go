package netdevtest

import (
	"net/netip"
	"strings"

	"github.com/netdev-go/netdev"
)

var namesGroup = Group{Name: "Names", Prefix: "NAME", Rules: []Rule{
	{
		ID: "NAME-1", Name: "name to address", check: checkName,
		Text: "`GetHostByName` returns an address of the name.",
	},
	{
		ID: "NAME-2", Name: "address as a name", check: checkNameLiteral,
		Text: "A name that spells an IPv4 address is that address, and nobody is asked.",
	},
	{
		ID: "NAME-3", Name: "unknown name", check: checkUnknownName,
		Text: "A name that does not exist is `ErrHostUnknown`.",
	},
	{
		ID: "NAME-4", Name: "malformed name", check: checkMalformedName,
		Text: "What can be no name (empty, a label of more than 63 bytes, 300 bytes) is `ErrHostUnknown` or `ErrMalAddr`.",
	},
	{
		ID: "NAME-5", Name: "own address", check: checkOwnAddr,
		Text: "`Addr` returns the address of the interface, a valid and specified one.",
	},
}}

func checkName(t *trial) {
	addr, err := t.dev.GetHostByName(t.host())
	t.must("GetHostByName", err)
	if addr != t.peer.Addr(inet) && (addr != t.peer.Addr(inet6) || !addr.IsValid()) {
		t.Fatalf("GetHostByName(%q): %v, want %v", t.host(), addr, t.peer.Addr(inet))
	}
}

func checkNameLiteral(t *trial) {
	for _, literal := range []string{"127.0.0.1", "203.0.113.77", "10.0.2.15"} {
		addr, err := t.dev.GetHostByName(literal)
		if err != nil || addr != netip.MustParseAddr(literal) {
			t.Fatalf("GetHostByName(%q): %v, %s", literal, addr, describe(err))
		}
	}
}

func checkUnknownName(t *trial) {
	addr, err := t.dev.GetHostByName(t.unknownHost())
	t.want("GetHostByName of a name that does not exist", err, netdev.ErrHostUnknown)
	if addr.IsValid() {
		t.Fatalf("GetHostByName of a name that does not exist returned %v beside its error", addr)
	}
}

// malformed are names that cannot exist.
var malformed = map[string]string{
	"an empty name":                "",
	"a dot":                        ".",
	"a label of 64 bytes":          strings.Repeat("a", 64) + ".example",
	"a name of 300 bytes":          strings.Repeat("a23456789.", 30),
	"a name of 300 bytes, no dots": strings.Repeat("a", 300),
	"an empty label":               "a..example",
}

func checkMalformedName(t *trial) {
	for what, name := range malformed {
		addr, err := t.dev.GetHostByName(name)
		t.want("GetHostByName of "+what, err, netdev.ErrHostUnknown, netdev.ErrMalAddr)
		if addr.IsValid() {
			t.Fatalf("GetHostByName of %s returned %v beside its error", what, addr)
		}
		fd := t.stream()
		if err := t.dev.Connect(fd, name, netip.AddrPortFrom(netip.Addr{}, 80)); err == nil {
			t.Fatalf("Connect to %s: nil, want an error", what)
		}
		t.close(fd) // there may be fewer sockets than malformed names
	}
}

func checkOwnAddr(t *trial) {
	addr, err := t.dev.Addr()
	t.must("Addr", err)
	if !addr.IsValid() || addr.IsUnspecified() {
		t.Fatalf("Addr: %v, want the interface's address", addr)
	}
}
