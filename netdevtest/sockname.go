package netdevtest

import (
	"net/netip"

	"github.com/netdev-go/netdev"
)

var sockNameGroup = Group{
	Name: "SockName", Prefix: "SNAME", Capability: "SockNamer", has: has[netdev.SockNamer],
	Rules: []Rule{
		{
			ID: "SNAME-1", Name: "bound address", check: checkNameBound,
			Text: "After `Bind`, `GetSockName` returns the address and the port, the real one where 0 was asked for.",
		},
		{
			ID: "SNAME-2", Name: "connected stream", check: checkNameConnected,
			Text: "Of a connected stream `GetSockName` and `GetPeerName` return what the peer sees as its peer and as itself.",
		},
		{
			ID: "SNAME-3", Name: "accepted stream", check: checkNameAccepted,
			Text: "Of an accepted stream too.",
		},
		{
			ID: "SNAME-4", Name: "no peer", check: checkNameNoPeer,
			Text: "`GetPeerName` of a socket without a peer is `ErrNotConnected`.",
		},
		{
			ID: "SNAME-5", Name: "connected datagram socket", check: checkNameDatagram,
			Text: "Of a datagram socket `GetPeerName` returns what `Connect` was given.",
		},
		{
			ID: "SNAME-6", Name: "plain IPv4", check: checkNamePlain,
			Text: "The addresses of `AF_INET` sockets are IPv4, never IPv4 in IPv6.",
		},
	},
}

// named compares the names of fd with what they must be.
func (t *trial) named(fd int, local, remote netip.AddrPort) {
	t.Helper()
	if local.IsValid() {
		got, err := t.dev.GetSockName(fd)
		if err != nil || got != local {
			t.Fatalf("GetSockName: %v, %s, want %v", got, describe(err), local)
		}
	}
	got, err := t.dev.GetPeerName(fd)
	if !remote.IsValid() {
		t.want("GetPeerName without a peer", err, netdev.ErrNotConnected)
		return
	}
	if err != nil || got != remote {
		t.Fatalf("GetPeerName: %v, %s, want %v", got, describe(err), remote)
	}
}

func checkNameBound(t *trial) {
	for _, stype := range []int{stream, dgram} {
		fd := t.socket(inet, stype, 0)
		addr := t.bind(fd)
		t.named(fd, addr, netip.AddrPort{})

		fd = t.socket(inet, stype, 0)
		t.must("Bind to port 0", t.dev.Bind(fd, t.local(0)))
		addr, err := t.dev.GetSockName(fd)
		if err != nil || addr.Port() == 0 || addr.Addr() != t.peer.DeviceAddr(inet) {
			t.Fatalf("GetSockName after Bind to port 0: %v, %s", addr, describe(err))
		}
		if stype == stream {
			t.must("Listen", t.dev.Listen(fd, 1))
			t.dial(addr)
		}
	}
}

func checkNameConnected(t *trial) {
	fd, c := t.connected()
	t.named(fd, peerAddr(c.RemoteAddr()), peerAddr(c.LocalAddr()))
}

func checkNameAccepted(t *trial) {
	fd, c := t.accepted()
	t.named(fd, peerAddr(c.RemoteAddr()), peerAddr(c.LocalAddr()))
}

func checkNameNoPeer(t *trial) {
	t.named(t.stream(), netip.AddrPort{}, netip.AddrPort{})
	t.named(t.datagram(), netip.AddrPort{}, netip.AddrPort{})
	lfd, addr := t.listener(1)
	t.named(lfd, addr, netip.AddrPort{})
}

func checkNameDatagram(t *trial) {
	fd, addr, pc := t.udp()
	t.named(fd, addr, peerAddr(pc.LocalAddr()))
}

func checkNamePlain(t *trial) {
	fd, _ := t.connected()
	local, err := t.dev.GetSockName(fd)
	t.must("GetSockName", err)
	remote, err := t.dev.GetPeerName(fd)
	t.must("GetPeerName", err)
	if !local.Addr().Is4() || !remote.Addr().Is4() {
		t.Fatalf("an AF_INET socket is named %v and its peer %v, want IPv4", local, remote)
	}
}
