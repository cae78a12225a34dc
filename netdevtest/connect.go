package netdevtest

import (
	"errors"
	"net/netip"

	"github.com/netdev-go/netdev"
)

var connectGroup = Group{Name: "Connect", Prefix: "CONN", Rules: []Rule{
	{
		ID: "CONN-1", Name: "bytes go both ways", check: checkConnect,
		Text: "`Connect` returns nil when the peer has answered, and bytes then go both ways.",
	},
	{
		ID: "CONN-2", Name: "refused", check: checkRefused,
		Text: "A peer that refuses is `ErrConnRefused`.",
	},
	{
		ID: "CONN-3", Name: "unreachable", check: checkUnreachable,
		Text: "Where there is no route, `Connect` is `ErrNetUnreachable` or `ErrHostUnreachable`.",
	},
	{
		ID: "CONN-4", Name: "waits for the answer", check: checkConnectWaits,
		Text: "`Connect` waits as long as the peer keeps silent; when the device gives up it is `ErrConnTimedOut`. `Close` wakes it with `ErrClosed`.",
	},
	{
		ID: "CONN-5", Name: "resolves the host", check: checkConnectByName,
		Text: "Where `ip` has a port but no valid address, `Connect` resolves `host`.",
	},
	{
		ID: "CONN-6", Name: "unknown host", check: checkConnectUnknownHost,
		Text: "A `host` to resolve that does not exist is `ErrHostUnknown`.",
	},
	{
		ID: "CONN-7", Name: "address goes before the host", check: checkConnectAddrFirst,
		Text: "Where `ip` has a valid address, `host` is not resolved.",
	},
	{
		ID: "CONN-8", Name: "connected already", check: checkConnectTwice,
		Text: "`Connect` of a stream that is connected is `ErrIsConnected`, and leaves the connection as it is.",
	},
	{
		ID: "CONN-9", Name: "peer of a datagram socket", check: checkConnectDatagram,
		Text: "`Connect` of a datagram socket sets its peer: `Send` sends there, and the socket hears nobody else.",
	},
	{
		ID: "CONN-10", Name: "port 0", check: checkConnectPortZero,
		Text: "A stream to port 0 is an error.",
	},
	{
		ID: "CONN-11", Name: "other family", check: checkConnectOtherFamily,
		Text: "An IPv6 address on an `AF_INET` socket is an error: of the address (`ErrFamilyNotSupported`, `ErrInvalid`, `ErrAddrNotAvailable`, `ErrNetUnreachable`).",
	},
}}

func checkConnect(t *trial) {
	fd, c := t.connected()
	t.echo(fd, c, 1)
}

func checkRefused(t *trial) {
	addr := t.peer.Refused()
	if !addr.IsValid() {
		t.Skip("the network has no address that refuses")
	}
	fd := t.stream()
	t.want("Connect to a port where nobody listens", t.dev.Connect(fd, "", addr), netdev.ErrConnRefused)
	t.close(fd)
}

func checkUnreachable(t *trial) {
	addr := t.peer.Unreachable()
	if !addr.IsValid() {
		t.Skip("the network has a route to everywhere")
	}
	err := t.dev.Connect(t.stream(), "", addr)
	t.want("Connect to an address without a route", err, netdev.ErrNetUnreachable, netdev.ErrHostUnreachable)
}

func checkConnectWaits(t *trial) {
	fd, connect := t.silentConnect()
	t.close(fd)
	if err := connect.wait().err; !errors.Is(err, netdev.ErrClosed) {
		t.Fatalf("Connect whose socket was closed: %s, want ErrClosed", describe(err))
	}
}

// silentConnect starts a Connect that nobody answers.
func (t *trial) silentConnect() (int, *pending) {
	t.Helper()
	addr := t.peer.BlackHole()
	if !addr.IsValid() {
		t.Skip("the network has no address that keeps silent")
	}
	fd := t.stream()
	p := t.start("Connect to an address that keeps silent", func() (int, error) {
		return 0, t.dev.Connect(fd, "", addr)
	})
	p.blocked()
	return fd, p
}

// host is the peer's name.
func (t *trial) host() string {
	t.Helper()
	if t.peer.Host() == "" {
		t.Skip("the network has no name for the peer")
	}
	return t.peer.Host()
}

func (t *trial) unknownHost() string {
	t.Helper()
	if t.peer.UnknownHost() == "" {
		t.Skip("the network has no name server")
	}
	return t.peer.UnknownHost()
}

func checkConnectByName(t *trial) {
	ln, addr := t.peerListener(inet)
	fd := t.stream()
	t.must("Connect by name", t.dev.Connect(fd, t.host(), netip.AddrPortFrom(netip.Addr{}, addr.Port())))
	t.echo(fd, t.acceptPeer(ln), 1)
}

func checkConnectUnknownHost(t *trial) {
	err := t.dev.Connect(t.stream(), t.unknownHost(), netip.AddrPortFrom(netip.Addr{}, 80))
	t.want("Connect to a name that does not exist", err, netdev.ErrHostUnknown)
}

func checkConnectAddrFirst(t *trial) {
	ln, addr := t.peerListener(inet)
	fd := t.stream()
	t.must("Connect to an address, beside an unknown name", t.dev.Connect(fd, t.unknownHost(), addr))
	t.echo(fd, t.acceptPeer(ln), 1)
}

func checkConnectTwice(t *trial) {
	fd, c := t.connected()
	_, addr := t.peerListener(inet)
	t.want("Connect of a connected stream", t.dev.Connect(fd, "", addr), netdev.ErrIsConnected)
	t.echo(fd, c, 1)
}

func checkConnectDatagram(t *trial) {
	fd, addr, pc := t.udp()
	t.sendAll(fd, []byte("to the peer"))
	got, _ := t.heard(pc)
	t.same("a datagram to the peer", got, []byte("to the peer"))

	stranger, _ := t.peerPacket()
	t.tell(stranger, addr, []byte("from a stranger"))
	t.tell(pc, addr, []byte("from the peer"))
	buf := make([]byte, 100)
	n, err := t.dev.Recv(fd, buf, 0, t.soonest())
	t.must("Recv on a connected datagram socket", err)
	t.same("a datagram from the peer", buf[:n], []byte("from the peer"))
	n, err = t.dev.Recv(fd, buf, 0, in(t.cfg.Pause))
	if n != 0 || !errors.Is(err, netdev.ErrTimeout) {
		t.Fatalf("Recv after the peer's only datagram: %v %q, want ErrTimeout", result{n, err}, buf[:max(n, 0)])
	}
}

func checkConnectPortZero(t *trial) {
	addr := netip.AddrPortFrom(t.peer.Addr(inet), 0)
	if err := t.dev.Connect(t.stream(), "", addr); err == nil {
		t.Fatalf("Connect to %v: nil, want an error", addr)
	}
}

// errOtherFamily are the answers to an address of the wrong family.
var errOtherFamily = []error{
	netdev.ErrFamilyNotSupported, netdev.ErrInvalid, netdev.ErrAddrNotAvailable, netdev.ErrNetUnreachable,
}

func checkConnectOtherFamily(t *trial) {
	addr := netip.MustParseAddrPort("[2001:db8::1]:80")
	t.want("Connect of an IPv4 stream to IPv6", t.dev.Connect(t.stream(), "", addr), errOtherFamily...)
	t.want("Connect of an IPv4 datagram socket to IPv6", t.dev.Connect(t.datagram(), "", addr), errOtherFamily...)
	addr = netip.MustParseAddrPort("[::1]:0")
	t.want("Bind of an IPv4 socket to IPv6", t.dev.Bind(t.stream(), addr), errOtherFamily...)
}
