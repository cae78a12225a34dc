//go:build !tinygo

package w5500_test

import (
	"context"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
)

func TestBroadcastsReachEverybody(t *testing.T) {
	p := newPlace(t, nil)
	pc, err := p.peer.ListenPacket(context.Background(), "udp", ":4002")
	p.must("ListenPacket", err)
	defer pc.Close()
	fd := p.socket(netdev.SOCK_DGRAM)
	p.must("SO_BROADCAST", p.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_BROADCAST, true))
	for _, to := range []string{"255.255.255.255:4002", "10.0.2.255:4002"} {
		_, err := mustBe[netdev.PacketNetdever](t, p).SendTo(fd, []byte(to), 0, netip.MustParseAddrPort(to), soon())
		p.must("SendTo", err)
		buf := make([]byte, 100)
		pc.SetReadDeadline(soon())
		n, from, err := pc.ReadFrom(buf)
		if err != nil || string(buf[:n]) != to {
			t.Errorf("the peer heard %q from %v, %v; sent was %q", buf[:n], from, err, to)
		}
	}
}

func TestAGroupIsHeard(t *testing.T) {
	p := newPlace(t, nil)
	groups := mustBe[netdev.MulticastJoiner](t, p)
	group := netip.MustParseAddr("239.1.2.3")
	fd := p.socket(netdev.SOCK_DGRAM)
	if err := groups.JoinGroup(fd, group, ""); err == nil {
		t.Error("a socket without a port has joined a group")
	}
	p.must("Bind", p.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), 4003)))
	p.must("JoinGroup", groups.JoinGroup(fd, group, ""))
	if err := groups.JoinGroup(fd, netip.MustParseAddr("239.1.2.4"), ""); err != netdev.ErrNoBuffers {
		t.Errorf("a second group: %v", err)
	}
	c, err := p.peer.DialContext(context.Background(), "udp", netip.AddrPortFrom(group, 4003).String())
	p.must("Dial of the peer", err)
	defer c.Close()
	buf := make([]byte, 100)
	c.Write([]byte("to the group"))
	n, err := p.Recv(fd, buf, 0, soon())
	if err != nil || string(buf[:n]) != "to the group" {
		t.Errorf("heard %q, %v", buf[:n], err)
	}
}
