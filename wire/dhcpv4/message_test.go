package dhcpv4_test

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev/wire/dhcpv4"
)

func TestParseCapturedAck(t *testing.T) {
	m := parse(t, capturedAck)
	if m.Op() != dhcpv4.BootReply || m.HType() != 1 || m.Hops() != 0 || m.XID() != 0x826ab155 || m.Secs() != 3 || m.Flags() != 0 {
		t.Errorf("header: %+v", m.Header())
	}
	zero := netip.IPv4Unspecified()
	if m.CIAddr() != zero || m.YIAddr() != lease || m.SIAddr() != server || m.GIAddr() != zero {
		t.Errorf("addresses: %v %v %v %v", m.CIAddr(), m.YIAddr(), m.SIAddr(), m.GIAddr())
	}
	if hw, ok := m.CHAddr6(); !ok || hw != board || !bytes.Equal(m.CHAddr(), board[:]) {
		t.Errorf("hardware address: % x, % x", hw, m.CHAddr())
	}
	if m.Type() != dhcpv4.Ack {
		t.Errorf("type: %v", m.Type())
	}
	if id, ok := m.ServerID(); !ok || id != server {
		t.Errorf("server: %v", id)
	}
	for name, c := range map[string]struct {
		value func() (uint32, bool)
		want  uint32
	}{
		"lease": {m.LeaseTime, 43200}, "T1": {m.RenewalTime, 21600}, "T2": {m.RebindingTime, 37800},
	} {
		if got, ok := c.value(); !ok || got != c.want {
			t.Errorf("%s: %d, %v", name, got, ok)
		}
	}
	if mask, ok := m.SubnetMask(); !ok || mask != netip.MustParseAddr("255.255.255.0") {
		t.Errorf("mask: %v", mask)
	}
	if n, ok := m.PrefixLen(); !ok || n != 24 {
		t.Errorf("prefix: %d", n)
	}
	if a, ok := m.BroadcastAddr(); !ok || a != netip.MustParseAddr("192.168.77.255") {
		t.Errorf("broadcast: %v", a)
	}
	if mtu, ok := m.InterfaceMTU(); !ok || mtu != 1400 {
		t.Errorf("MTU: %d", mtu)
	}
	if r := m.Routers(); r.Len() != 1 || r.At(0) != server {
		t.Errorf("routers: % x", r)
	}
	if d := m.DNSServers(); d.Len() != 2 || d.At(0) != server || d.At(1) != netip.MustParseAddr("192.168.77.2") {
		t.Errorf("DNS: % x", d)
	}
	if n := m.NTPServers(); n.Len() != 1 || n.At(0) != netip.MustParseAddr("192.168.77.3") {
		t.Errorf("NTP: % x", n)
	}
	if string(m.HostName()) != "board" || string(m.DomainName()) != "lab.example" {
		t.Errorf("names: %q, %q", m.HostName(), m.DomainName())
	}
	if got := string(m.DomainSearch(nil)); got != "\x03eng\x03lab\x07example\x00\xc0\x04" {
		t.Errorf("search list: %q", got)
	}
	v, _ := m.Option(dhcpv4.OptClasslessRoutes)
	routes := dhcpv4.Routes(v)
	dst, router, ok := routes.Next()
	if !ok || dst != netip.MustParsePrefix("10.0.0.0/8") || router != netip.MustParseAddr("192.168.77.9") {
		t.Errorf("route: %v by %v, %v", dst, router, ok)
	}
	if _, _, ok := routes.Next(); ok {
		t.Error("a route too many")
	}
}

func TestParseCapturedRequest(t *testing.T) {
	m := parse(t, capturedRequest)
	if m.Op() != dhcpv4.BootRequest || m.Type() != dhcpv4.Request {
		t.Errorf("op %d, %v", m.Op(), m.Type())
	}
	if ip, ok := m.RequestedIP(); !ok || ip != lease {
		t.Errorf("requested: %v", ip)
	}
	if n, ok := m.MaxMessageSize(); !ok || n != 576 {
		t.Errorf("maximum: %d", n)
	}
	if got := m.ParameterList(); !bytes.Equal(got, []byte{1, 3, 6, 12, 15, 26, 28, 42, 119, 121}) {
		t.Errorf("parameters: %d", got)
	}
	if got := m.ClientID(); !bytes.Equal(got, append([]byte{1}, board[:]...)) {
		t.Errorf("client: % x", got)
	}
}

func TestParseRefuses(t *testing.T) {
	boundary := map[int]bool{}
	m := parse(t, capturedAck)
	end := dhcpv4.HeaderLen
	boundary[end] = true
	for it := m.Options(); it.Next(); {
		end += 2 + len(it.Data())
		boundary[end] = true
	}
	for n := range capturedAck {
		want := error(nil)
		switch {
		case n < dhcpv4.HeaderLen:
			want = dhcpv4.ErrShort
		case !boundary[n]:
			want = dhcpv4.ErrOption
		}
		if m, err := dhcpv4.Parse(capturedAck[:n:n]); err != want || (m == nil) != (err != nil) {
			t.Errorf("cut to %d: %v, want %v", n, err, want)
		}
	}
	for i := 236; i < 240; i++ {
		b := bytes.Clone(capturedAck)
		b[i]++
		if _, err := dhcpv4.Parse(b); err != dhcpv4.ErrCookie {
			t.Errorf("another byte %d: %v", i, err)
		}
	}
	b := bytes.Clone(capturedAck)
	b[2] = 17
	if _, err := dhcpv4.Parse(b); err != dhcpv4.ErrAddrLength {
		t.Errorf("a hardware address of 17 bytes: %v", err)
	}
}

func TestHardwareAddressOfOtherKinds(t *testing.T) {
	for _, c := range []struct {
		htype, hlen byte
		want        int
	}{{1, 5, 5}, {1, 0, 0}, {32, 16, 16}, {6, 6, 6}} {
		b := bytes.Clone(capturedAck)
		b[1], b[2] = c.htype, c.hlen
		m := parse(t, b)
		if _, ok := m.CHAddr6(); ok || len(m.CHAddr()) != c.want {
			t.Errorf("type %d, length %d: %d bytes, and Ethernet's: %v", c.htype, c.hlen, len(m.CHAddr()), ok)
		}
	}
}

func TestNamesOfTheHeader(t *testing.T) {
	m := parse(t, overloaded("ff", "626f6f7400", "73727600"))
	if string(m.File()) != "boot" || string(m.SName()) != "srv" {
		t.Errorf("names: %q, %q", m.File(), m.SName())
	}
	full := overloaded("ff", "", "")
	copy(full[44:236], bytes.Repeat([]byte("x"), 192))
	m = parse(t, full)
	if len(m.File()) != 128 || len(m.SName()) != 64 {
		t.Errorf("names without a zero: %d and %d bytes", len(m.File()), len(m.SName()))
	}
}

func TestMessageTypeString(t *testing.T) {
	if got := dhcpv4.Discover.String(); got != "DHCPDISCOVER" {
		t.Error(got)
	}
	seen := map[string]bool{}
	for typ := dhcpv4.MessageType(0); typ <= dhcpv4.ForceRenew; typ++ {
		if seen[typ.String()] {
			t.Errorf("%d is %q, like another", typ, typ)
		}
		seen[typ.String()] = true
	}
	if got := dhcpv4.MessageType(200).String(); got != "unknown" {
		t.Error(got)
	}
}

func TestErrorsSayWhy(t *testing.T) {
	seen := map[string]bool{}
	for err := dhcpv4.Error(0); err <= dhcpv4.ErrSpace; err++ {
		if seen[err.Error()] || err.Error() == "" {
			t.Errorf("%d says %q, like another", err, err.Error())
		}
		seen[err.Error()] = true
	}
}
