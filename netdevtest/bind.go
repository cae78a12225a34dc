package netdevtest

import (
	"errors"
	"net/netip"

	"github.com/netdev-go/netdev"
)

var bindGroup = Group{Name: "Bind", Prefix: "BIND", Rules: []Rule{
	{
		ID: "BIND-1", Name: "ephemeral port", check: checkEphemeralPort,
		Text: "`Bind` to port 0 takes a free port, another one for each socket.",
	},
	{
		ID: "BIND-2", Name: "random port", check: checkRandomPort,
		Text: "Ephemeral ports are chosen at random (RFC 6056), not one after the other.",
	},
	{
		ID: "BIND-3", Name: "port in use", check: checkPortInUse,
		Text: "A port in use is `ErrAddrInUse`, at `Bind` or, for a stream, at the latest at `Listen`.",
	},
	{
		ID: "BIND-4", Name: "bound port is the port", check: checkBoundPort,
		Text: "A bound port is the one that a listener is reached at and that a datagram comes from.",
	},
	{
		ID: "BIND-5", Name: "port is free after Close", check: checkPortFreeAfterClose,
		Text: "`Close` of a listener or a datagram socket gives its port back at once.",
	},
	{
		ID: "BIND-6", Name: "address of another", check: checkForeignAddress,
		Text: "An address that the device does not have is `ErrAddrNotAvailable`.",
	},
	{
		ID: "BIND-7", Name: "bound twice", check: checkBoundTwice,
		Text: "A second `Bind` of a socket is `ErrInvalid`.",
	},
}}

// ephemeral binds a datagram socket to port 0 and returns the port that the
// peer hears it on.
func (t *trial) ephemeral() (fd int, port uint16) {
	t.Helper()
	pc, to := t.peerPacket()
	fd = t.datagram()
	t.must("Bind to port 0", t.dev.Bind(fd, t.local(0)))
	t.must("Connect of a datagram socket", t.dev.Connect(fd, "", to))
	t.sendAll(fd, []byte("port?"))
	_, from := t.heard(pc)
	return fd, from.Port()
}

func checkEphemeralPort(t *trial) {
	_, first := t.ephemeral()
	_, second := t.ephemeral()
	if first == 0 || second == 0 || first == second {
		t.Fatalf("two sockets bound to port 0 got ports %d and %d", first, second)
	}
	fd := t.stream()
	t.must("Bind of a stream to port 0", t.dev.Bind(fd, t.local(0)))
	t.must("Listen", t.dev.Listen(fd, 1))
}

func checkRandomPort(t *trial) {
	const tries = 8
	var ports []uint16
	steps := make(map[int]int)
	for i := range tries {
		fd, port := t.ephemeral()
		t.close(fd)
		if i > 0 {
			steps[int(port)-int(ports[i-1])]++
		}
		ports = append(ports, port)
	}
	for step, n := range steps {
		if n > tries/2 {
			t.Fatalf("%d of %d ephemeral ports are %+d from the one before: %v", n, tries-1, step, ports)
		}
	}
}

func checkPortInUse(t *trial) {
	first := t.stream()
	addr := t.bind(first)
	t.must("Listen", t.dev.Listen(first, 1))
	second := t.stream()
	err := t.dev.Bind(second, addr)
	if err == nil {
		err = t.dev.Listen(second, 1)
	}
	t.want("Bind and Listen on the port of a listener", err, netdev.ErrAddrInUse)

	third := t.datagram()
	addr = t.bind(third)
	t.want("Bind to the port of a datagram socket", t.dev.Bind(t.datagram(), addr), netdev.ErrAddrInUse)
}

func checkBoundPort(t *trial) {
	lfd, addr := t.listener(1)
	c := t.dial(addr)
	fd, _ := t.accept(lfd)
	t.echo(fd, c, 1)

	ufd, uaddr, pc := t.udp()
	t.sendAll(ufd, []byte("here"))
	if _, from := t.heard(pc); from != uaddr {
		t.Fatalf("a datagram from a socket bound to %v came from %v", uaddr, from)
	}
}

func checkPortFreeAfterClose(t *trial) {
	for _, stype := range []int{stream, dgram} {
		fd := t.socket(inet, stype, 0)
		addr := t.bind(fd)
		if stype == stream {
			t.must("Listen", t.dev.Listen(fd, 1))
		}
		t.close(fd)
		t.must("Bind to a port that was closed", t.dev.Bind(t.socket(inet, stype, 0), addr))
	}
}

// foreign is an address that no device has (RFC 5737).
var foreign = netip.MustParseAddr("203.0.113.77")

func checkForeignAddress(t *trial) {
	for _, stype := range []int{stream, dgram} {
		fd := t.socket(inet, stype, 0)
		err := t.dev.Bind(fd, netip.AddrPortFrom(foreign, t.peer.FreePort()))
		t.want("Bind to an address of another host", err, netdev.ErrAddrNotAvailable)
	}
}

func checkBoundTwice(t *trial) {
	fd := t.datagram()
	addr := t.bind(fd)
	err := t.dev.Bind(fd, t.local(t.peer.FreePort()))
	if errors.Is(err, netdev.ErrInvalid) {
		return
	}
	t.Fatalf("Bind of a socket that is bound to %v: %s, want ErrInvalid", addr, describe(err))
}
