package dhcpv4_test

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"

	"github.com/netdev-go/netdev/wire/dhcpv4"
)

// discover writes what udhcpc sent.
func discover(b []byte) (int, error) {
	h := dhcpv4.ClientHeader(0x826ab155, board)
	h.Secs = 3
	w := dhcpv4.NewWriter(b, &h)
	w.Type(dhcpv4.Discover)
	w.Uint16(dhcpv4.OptMaxMessageSize, 576)
	w.Bytes(dhcpv4.OptParameterList, []byte{1, 3, 6, 12, 15, 26, 28, 42, 119, 121})
	w.Text(dhcpv4.OptHostName, "board")
	w.Text(dhcpv4.OptVendorClass, "udhcp 1.35.0")
	w.Bytes(dhcpv4.OptClientID, append([]byte{1}, board[:]...))
	return w.End()
}

func ack(b []byte) (int, error) {
	h := dhcpv4.ClientHeader(0x826ab155, board)
	h.Op, h.Secs, h.YIAddr, h.SIAddr = dhcpv4.BootReply, 3, lease, server
	w := dhcpv4.NewWriter(b, &h)
	w.Type(dhcpv4.Ack)
	w.Addrs(dhcpv4.OptServerID, server)
	w.Uint32(dhcpv4.OptLeaseTime, 43200)
	w.Uint32(dhcpv4.OptRenewalTime, 21600)
	w.Uint32(dhcpv4.OptRebindingTime, 37800)
	w.Addrs(dhcpv4.OptSubnetMask, netip.MustParseAddr("255.255.255.0"))
	w.Addrs(dhcpv4.OptBroadcastAddr, netip.MustParseAddr("192.168.77.255"))
	w.Addrs(dhcpv4.OptRouters, server)
	w.Text(dhcpv4.OptDomainName, "lab.example")
	w.Text(dhcpv4.OptHostName, "board")
	w.Bytes(dhcpv4.OptClasslessRoutes, []byte{8, 10, 192, 168, 77, 9})
	w.Text(dhcpv4.OptDomainSearch, "\x03eng\x03lab\x07example\x00\xc0\x04")
	w.Uint16(dhcpv4.OptInterfaceMTU, 1400)
	w.Addrs(dhcpv4.OptNTPServers, netip.MustParseAddr("192.168.77.3"))
	w.Addrs(dhcpv4.OptDNSServers, server, netip.MustParseAddr("192.168.77.2"))
	return w.End()
}

func TestWriteCaptured(t *testing.T) {
	for name, c := range map[string]struct {
		write func([]byte) (int, error)
		want  []byte
	}{
		"discover": {discover, capturedDiscover}, "ack": {ack, capturedAck},
	} {
		b := dirty(len(c.want) + 4)
		n, err := c.write(b)
		if err != nil || !bytes.Equal(b[:n], c.want) {
			t.Errorf("%s: %d, %v, % x\nwant % x", name, n, err, b[:n], c.want)
		}
		if !bytes.Equal(b[n:], dirty(4)) {
			t.Errorf("%s: wrote behind its own length", name)
		}
	}
}

func TestMessageThatDoesNotFit(t *testing.T) {
	for name, c := range map[string]struct {
		write func([]byte) (int, error)
		want  []byte
	}{
		"discover": {discover, capturedDiscover}, "ack": {ack, capturedAck},
	} {
		for n := range c.want {
			b := dirty(len(c.want))
			if got, err := c.write(b[:n:n]); err != dhcpv4.ErrSpace || got != 0 {
				t.Errorf("%s into %d bytes of %d: %d, %v", name, n, len(c.want), got, err)
			}
			if !bytes.Equal(b[n:], dirty(len(b)-n)) {
				t.Errorf("%s into %d bytes wrote behind them", name, n)
			}
		}
		if _, err := c.write(make([]byte, len(c.want))); err != nil {
			t.Errorf("%s into just enough: %v", name, err)
		}
	}
}

func TestNothingIsWrittenAfterWhatDidNotFit(t *testing.T) {
	h := dhcpv4.ClientHeader(1, board)
	b := make([]byte, dhcpv4.MinLen)
	w := dhcpv4.NewWriter(b, &h)
	w.Bytes(dhcpv4.OptMessage, make([]byte, 58)) // with the end, one byte too many
	w.Uint8(dhcpv4.OptMessageType, 1)
	if n, err := w.End(); err != dhcpv4.ErrSpace || n != 0 {
		t.Errorf("%d, %v", n, err)
	}
	if !bytes.Equal(b[dhcpv4.HeaderLen:], make([]byte, 60)) {
		t.Errorf("wrote % x", b[dhcpv4.HeaderLen:])
	}
	w = dhcpv4.NewWriter(b, &h)
	w.Bytes(dhcpv4.OptMessage, make([]byte, 57))
	if n, err := w.End(); err != nil || n != dhcpv4.MinLen {
		t.Errorf("what just fits: %d, %v", n, err)
	}
}

func TestLongValuesAreWrittenInParts(t *testing.T) {
	long := strings.Repeat("0123456789", 60)
	var servers []netip.Addr
	for i := range 70 {
		servers = append(servers, netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}))
	}
	for _, size := range []int{0, 1, 254, 255, 256, 510, 511, 600} {
		h := dhcpv4.ClientHeader(1, board)
		b := dirty(2048)
		w := dhcpv4.NewWriter(b, &h)
		w.Text(dhcpv4.OptMessage, long[:size])
		w.Bytes(dhcpv4.OptVendorClass, []byte(long[:size]))
		w.Addrs(dhcpv4.OptDNSServers, servers...)
		w.Addrs(dhcpv4.OptRouters)
		n, err := w.End()
		if err != nil {
			t.Fatal(err)
		}
		m := parse(t, b[:n])
		for _, code := range []dhcpv4.Code{dhcpv4.OptMessage, dhcpv4.OptVendorClass} {
			if v, ok := m.Join(code, make([]byte, 600)); !ok || string(v) != long[:size] || m.Split(code) != (size > 255) {
				t.Errorf("%d bytes of option %d: %d, %v", size, code, len(v), ok)
			}
		}
		v, _ := m.Join(dhcpv4.OptDNSServers, make([]byte, 600))
		if list := dhcpv4.Addrs(v); list.Len() != 70 || list.At(69) != servers[69] {
			t.Errorf("%d name servers", list.Len())
		}
		if first := m.DNSServers(); first.Len() != 63 {
			t.Errorf("the first part has %d name servers", first.Len())
		}
		if _, ok := m.Option(dhcpv4.OptRouters); ok {
			t.Error("an empty list was written")
		}
	}
}

func TestEmitHeader(t *testing.T) {
	want := dhcpv4.Header{
		Op: dhcpv4.BootReply, HType: 32, HLen: 16, Hops: 4, XID: 0x01020304, Secs: 0x0506, Flags: dhcpv4.FlagBroadcast,
		CIAddr: lease, YIAddr: server, SIAddr: netip.MustParseAddr("1.2.3.4"), GIAddr: netip.MustParseAddr("5.6.7.8"),
		CHAddr: [16]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
	}
	b := dirty(want.Len() + 1)
	if n := want.Emit(b); n != want.Len() || b[n] != 0xa5 {
		t.Errorf("emitted %d bytes", n)
	}
	m := parse(t, b[:want.Len()])
	if got := m.Header(); got != want {
		t.Errorf("%+v became %+v", want, got)
	}
	if len(m.SName()) != 0 || len(m.File()) != 0 {
		t.Errorf("names %q and %q", m.SName(), m.File())
	}
	odd := dhcpv4.Header{CIAddr: netip.MustParseAddr("2001:db8::1"), YIAddr: netip.AddrFrom16(lease.As16())}
	odd.Emit(b)
	if m := dhcpv4.Message(b); m.CIAddr() != netip.IPv4Unspecified() || m.GIAddr() != netip.IPv4Unspecified() || m.YIAddr() != lease {
		t.Errorf("addresses %v, %v, %v", m.CIAddr(), m.GIAddr(), m.YIAddr())
	}
}
