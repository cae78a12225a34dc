//go:build !tinygo

package net_test

import (
	"errors"
	stdnet "net"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/netdev-go/netdev/net"
)

func listenUDP(t *testing.T, network, address string) *net.UDPConn {
	t.Helper()
	c := must[stdnet.PacketConn](t)(net.ListenPacket(network, address)).(*net.UDPConn)
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(10 * time.Second))
	return c
}

func TestUDPBetweenPeers(t *testing.T) {
	use(t, devices[0].open())
	for _, test := range []struct{ network, address, to string }{
		{"udp4", loopback0, "127.0.0.1"},
		{"udp", loopback0, "127.0.0.1"},
		{"udp", ":0", "127.0.0.1"},
		{"udp", ":0", "::1"},
		{"udp6", "[::1]:0", "::1"},
	} {
		server := listenUDP(t, test.network, test.address)
		client := listenUDP(t, test.network, test.address)
		to := netip.AddrPortFrom(netip.MustParseAddr(test.to), server.LocalAddr().(*stdnet.UDPAddr).AddrPort().Port())
		back := netip.AddrPortFrom(to.Addr(), client.LocalAddr().(*stdnet.UDPAddr).AddrPort().Port())
		toAddr := stdnet.UDPAddrFromAddrPort(to)
		sends := map[string]func(b []byte) (int, error){
			"WriteTo":            func(b []byte) (int, error) { return client.WriteTo(b, toAddr) },
			"WriteToUDP":         func(b []byte) (int, error) { return client.WriteToUDP(b, toAddr) },
			"WriteToUDPAddrPort": func(b []byte) (int, error) { return client.WriteToUDPAddrPort(b, to) },
			"WriteMsgUDP": func(b []byte) (int, error) {
				n, _, err := client.WriteMsgUDP(b, nil, toAddr)
				return n, err
			},
			"WriteMsgUDPAddrPort": func(b []byte) (int, error) {
				n, _, err := client.WriteMsgUDPAddrPort(b, nil, to)
				return n, err
			},
		}
		receives := map[string]func(b []byte) (int, netip.AddrPort, error){
			"ReadFrom": func(b []byte) (int, netip.AddrPort, error) {
				n, a, err := server.ReadFrom(b)
				return n, a.(*stdnet.UDPAddr).AddrPort(), err
			},
			"ReadFromUDP": func(b []byte) (int, netip.AddrPort, error) {
				n, a, err := server.ReadFromUDP(b)
				return n, a.AddrPort(), err
			},
			"ReadFromUDPAddrPort": server.ReadFromUDPAddrPort,
			"ReadMsgUDP": func(b []byte) (int, netip.AddrPort, error) {
				n, _, _, a, err := server.ReadMsgUDP(b, nil)
				return n, a.AddrPort(), err
			},
			"ReadMsgUDPAddrPort": func(b []byte) (int, netip.AddrPort, error) {
				n, _, _, a, err := server.ReadMsgUDPAddrPort(b, nil)
				return n, a, err
			},
		}
		for sender, send := range sends {
			for receiver, receive := range receives {
				if n, err := send([]byte(sender)); n != len(sender) || err != nil {
					t.Fatalf("%v: %s = %d, %v", test, sender, n, err)
				}
				b := make([]byte, 100)
				n, from, err := receive(b)
				if string(b[:n]) != sender || from != back || err != nil {
					t.Errorf("%v: %s = %q, %v, %v, want %q from %v", test, receiver, b[:n], from, err, sender, back)
				}
			}
		}
	}
}

func TestUDPKeepsDatagramsApart(t *testing.T) {
	onEach(t, func(t *testing.T) {
		server := must[stdnet.PacketConn](t)(stdnet.ListenPacket("udp", loopback0))
		defer server.Close()
		c := must[stdnet.Conn](t)(net.Dial("udp", server.LocalAddr().String()))
		defer c.Close()
		c.SetDeadline(time.Now().Add(10 * time.Second))
		c.Write([]byte("hello"))
		b := make([]byte, 100)
		_, from, err := server.ReadFrom(b)
		if err != nil {
			t.Fatal(err)
		}
		if from.String() != c.LocalAddr().String() {
			t.Errorf("LocalAddr = %v, the peer sees %v", c.LocalAddr(), from)
		}
		for _, datagram := range []string{"first, and rather long", "", "third"} {
			server.WriteTo([]byte(datagram), from)
		}
		for _, want := range []string{"first", "", "third"} {
			n, err := c.Read(b[:5])
			if string(b[:n]) != want || err != nil {
				t.Errorf("Read = %q, %v, want %q", b[:n], err, want)
			}
		}
	})
}

func TestUDPWithAPeerTellsWhoSent(t *testing.T) {
	onEach(t, func(t *testing.T) {
		server := must[stdnet.PacketConn](t)(stdnet.ListenPacket("udp", loopback0))
		defer server.Close()
		c := must[stdnet.Conn](t)(net.Dial("udp", server.LocalAddr().String())).(*net.UDPConn)
		defer c.Close()
		c.SetDeadline(time.Now().Add(10 * time.Second))
		if _, _, err := c.WriteMsgUDP([]byte("x"), nil, nil); err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.WriteMsgUDPAddrPort([]byte("y"), nil, netip.AddrPort{}); err != nil {
			t.Fatal(err)
		}
		server.WriteTo([]byte("z"), c.LocalAddr())
		_, from, err := c.ReadFromUDPAddrPort(make([]byte, 1))
		if want := server.LocalAddr().String(); from.String() != want || err != nil {
			t.Errorf("from %v, %v, want %s", from, err, want)
		}
	})
}

func TestUDPWithoutAddressesIsNotPretended(t *testing.T) {
	use(t, devices[1].open())
	c := listenUDP(t, "udp4", loopback0)
	to := c.LocalAddr().(*stdnet.UDPAddr)
	calls := map[string]error{
		"WriteTo":            second(c.WriteTo([]byte("x"), to)),
		"WriteToUDPAddrPort": second(c.WriteToUDPAddrPort([]byte("x"), to.AddrPort())),
	}
	_, _, calls["WriteMsgUDP"] = c.WriteMsgUDP([]byte("x"), nil, to)
	_, _, calls["ReadFrom"] = c.ReadFrom(make([]byte, 1))
	_, _, calls["ReadFromUDPAddrPort"] = c.ReadFromUDPAddrPort(make([]byte, 1))
	_, _, _, _, calls["ReadMsgUDP"] = c.ReadMsgUDP(make([]byte, 1), nil)
	for name, err := range calls {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v, want ErrUnsupported", name, err)
		}
	}
	// What arrives can be heard all the same.
	peer := must[stdnet.Conn](t)(stdnet.Dial("udp", to.String()))
	defer peer.Close()
	peer.Write([]byte("x"))
	if n, err := c.Read(make([]byte, 10)); n != 1 || err != nil {
		t.Errorf("Read = %d, %v", n, err)
	}
}

func TestMappedAddressesAreIPv4(t *testing.T) {
	use(t, devices[0].open())
	for _, listen := range []string{loopback0, ":0"} {
		c := listenUDP(t, "udp", listen)
		port := c.LocalAddr().(*stdnet.UDPAddr).AddrPort().Port()
		to := netip.AddrPortFrom(netip.MustParseAddr("::ffff:127.0.0.1"), port)
		if _, err := c.WriteToUDPAddrPort([]byte("x"), to); err != nil {
			t.Errorf("on %s: WriteTo %v: %v", listen, to, err)
			continue
		}
		_, from, err := c.ReadFromUDPAddrPort(make([]byte, 1))
		if err != nil || !from.Addr().Is4() {
			t.Errorf("on %s: from %v, %v", listen, from, err)
		}
	}
}

func TestOutOfBandDataIsNotDropped(t *testing.T) {
	use(t, devices[0].open())
	c := listenUDP(t, "udp", loopback0)
	to := c.LocalAddr().(*stdnet.UDPAddr)
	_, _, err := c.WriteMsgUDP([]byte("x"), []byte("oob"), to)
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("WriteMsgUDP: %v, want ErrUnsupported", err)
	}
	_, _, err = c.WriteMsgUDPAddrPort([]byte("x"), []byte("oob"), to.AddrPort())
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("WriteMsgUDPAddrPort: %v, want ErrUnsupported", err)
	}
}

func TestMulticastReachesWhoJoined(t *testing.T) {
	use(t, devices[0].open())
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Skip("no interface lo: ", err)
	}
	group := &stdnet.UDPAddr{IP: stdnet.IPv4(239, 255, 7, 7)}
	c, err := net.ListenMulticastUDP("udp4", lo, group)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if ip := c.LocalAddr().(*stdnet.UDPAddr).IP; !ip.IsUnspecified() {
		t.Errorf("LocalAddr = %v, want the wildcard", c.LocalAddr())
	}
	for _, bad := range []*stdnet.UDPAddr{nil, {}, {IP: stdnet.IPv4(127, 0, 0, 1), Port: 5000}} {
		if _, err := net.ListenMulticastUDP("udp4", lo, bad); err == nil {
			t.Errorf("%v was joined", bad)
		}
	}
}

func TestMulticastNeedsACapability(t *testing.T) {
	use(t, devices[1].open())
	_, err := net.ListenMulticastUDP("udp4", nil, &stdnet.UDPAddr{IP: stdnet.IPv4(239, 255, 7, 7)})
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("ListenMulticastUDP: %v, want ErrUnsupported", err)
	}
}

func TestUDPCloseEndsReads(t *testing.T) {
	onEachWatched(t, func(t *testing.T, w *watched) {
		c := must[stdnet.Conn](t)(net.Dial("udp", "127.0.0.1:9"))
		failed := make(chan error, 1)
		go func() { failed <- second(c.Read(make([]byte, 1))) }()
		<-w.recv
		c.SetReadDeadline(time.Now().Add(time.Millisecond))
		if err := <-failed; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read: %v, want a timeout", err)
		}
		c.SetReadDeadline(time.Time{})
		go func() { failed <- second(c.Read(make([]byte, 1))) }()
		<-w.recv
		c.Close()
		if err := <-failed; !errors.Is(err, net.ErrClosed) {
			t.Errorf("Read: %v, want ErrClosed", err)
		}
	})
}
