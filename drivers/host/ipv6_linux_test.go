//go:build !tinygo

package host_test

import (
	"net"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

// needIPv6 skips where the host has no IPv6 on its loopback interface.
func needIPv6(t testing.TB) {
	t.Helper()
	c, err := net.ListenPacket("udp6", "[::1]:0")
	if err != nil {
		t.Skipf("no IPv6 on this host: %v", err)
	}
	c.Close()
}

func TestIPv6Loopback(t *testing.T) {
	needIPv6(t)
	d := host.New()
	l, err := net.Listen("tcp6", "[::1]:0")
	must(t, err)
	defer l.Close()
	fd := socket(t, d, netdev.AF_INET6, netdev.SOCK_STREAM)
	must(t, d.Connect(fd, "", netip.MustParseAddrPort(l.Addr().String())))
	c, err := l.Accept()
	must(t, err)
	defer c.Close()
	if local := sockName(t, d, fd); local.String() != c.RemoteAddr().String() {
		t.Errorf("GetSockName = %v, the peer says %v", local, c.RemoteAddr())
	}
	c.Write([]byte("six"))
	must(t, recvAll(d, fd, make([]byte, 3)))

	udp := socket(t, d, netdev.AF_INET6, netdev.SOCK_DGRAM)
	must(t, d.Bind(udp, netip.MustParseAddrPort("[::1]:0")))
	self := sockName(t, d, udp)
	if _, err := d.SendTo(udp, []byte("me"), 0, self, soon()); err != nil {
		t.Fatal(err)
	}
	if n, from, err := d.RecvFrom(udp, make([]byte, 8), 0, soon()); n != 2 || from != self || err != nil {
		t.Errorf("RecvFrom = %d, %v, %v", n, from, err)
	}
}

func TestIPv6SocketSpeaksIPv4(t *testing.T) {
	needIPv6(t)
	d := host.New()
	_, addr := stdListen(t)
	fd := socket(t, d, netdev.AF_INET6, netdev.SOCK_STREAM)
	must(t, d.SetSockOpt(fd, netdev.IPPROTO_IPV6, netdev.IPV6_V6ONLY, false))
	must(t, d.Connect(fd, "", addr))
	if peer, err := d.GetPeerName(fd); peer != addr || err != nil {
		t.Errorf("GetPeerName = %v, %v, want %v, unmapped", peer, err, addr)
	}

	lfd := socket(t, d, netdev.AF_INET6, netdev.SOCK_STREAM)
	must(t, d.SetSockOpt(lfd, netdev.IPPROTO_IPV6, netdev.IPV6_V6ONLY, false))
	must(t, d.Bind(lfd, netip.AddrPort{}))
	must(t, d.Listen(lfd, 1))
	local := sockName(t, d, lfd)
	if local.Addr() != netip.IPv6Unspecified() {
		t.Errorf("bound to %v", local)
	}
	c, err := net.Dial("tcp4", netip.AddrPortFrom(loopback, local.Port()).String())
	must(t, err)
	defer c.Close()
	afd, from, err := d.Accept(lfd)
	must(t, err)
	defer d.Close(afd)
	if from.String() != c.LocalAddr().String() {
		t.Errorf("Accept = %v, want %v", from, c.LocalAddr())
	}

	only := socket(t, d, netdev.AF_INET6, netdev.SOCK_STREAM)
	must(t, d.SetSockOpt(only, netdev.IPPROTO_IPV6, netdev.IPV6_V6ONLY, true))
	wantErr(t, "Connect with V6ONLY", d.Connect(only, "", addr), netdev.ErrNetUnreachable)
}

func TestLinkLocalAddressesKeepTheirZone(t *testing.T) {
	needIPv6(t)
	d := host.New()
	list, err := d.Interfaces()
	must(t, err)
	for _, i := range list {
		for _, p := range i.Addrs {
			if i.Flags&net.FlagUp == 0 || !p.Addr().Is6() || !p.Addr().IsLinkLocalUnicast() {
				continue
			}
			fd := socket(t, d, netdev.AF_INET6, netdev.SOCK_DGRAM)
			addr := p.Addr().WithZone(i.Name)
			must(t, d.Bind(fd, netip.AddrPortFrom(addr, 0)))
			if got := sockName(t, d, fd).Addr(); got != addr {
				t.Errorf("GetSockName = %v, want %v", got, addr)
			}
			return
		}
	}
	fd := socket(t, d, netdev.AF_INET6, netdev.SOCK_DGRAM)
	if err := d.Bind(fd, netip.MustParseAddrPort("[fe80::1%nosuchthing]:0")); err == nil {
		t.Error("Bind in a zone that does not exist")
	}
	t.Log("no link-local address on this host: only an unknown zone was tried")
}
