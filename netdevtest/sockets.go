package netdevtest

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

const (
	inet   = netdev.AF_INET
	inet6  = netdev.AF_INET6
	stream = netdev.SOCK_STREAM
	dgram  = netdev.SOCK_DGRAM
)

// never is the deadline of a call that has none.
var never time.Time

// in is the deadline d from now.
func in(d time.Duration) time.Time { return time.Now().Add(d) }

// soonest is the bound of calls that should not have to wait at all.
func (t *trial) soonest() time.Time { return in(t.cfg.Timeout) }

// must fails the trial at an error.
func (t *trial) must(call string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %s, want nil", call, describe(err))
	}
}

// want fails the trial unless err is one of targets.
func (t *trial) want(call string, err error, targets ...error) {
	t.Helper()
	for _, target := range targets {
		if errors.Is(err, target) {
			return
		}
	}
	t.Fatalf("%s: %s, want %s", call, describe(err), describeAll(targets))
}

func describeAll(errs []error) string {
	text := ""
	for i, err := range errs {
		if i > 0 {
			text += " or "
		}
		text += describe(err)
	}
	return text
}

// socket opens a socket that is closed with the trial.
func (t *trial) socket(domain, stype, protocol int) int {
	t.Helper()
	fd, err := t.dev.Socket(domain, stype, protocol)
	t.must("Socket", err)
	t.closeLater(fd)
	return fd
}

// closeLater closes fd with the trial, unless the check has done so.
func (t *trial) closeLater(fd int) {
	t.Cleanup(func() { t.dev.Close(fd) })
}

func (t *trial) stream() int   { t.Helper(); return t.socket(inet, stream, netdev.IPPROTO_TCP) }
func (t *trial) datagram() int { t.Helper(); return t.socket(inet, dgram, netdev.IPPROTO_UDP) }

func (t *trial) close(fd int) {
	t.Helper()
	t.must("Close", t.dev.Close(fd))
}

// peerAddr is a's address and port as the device uses it.
func peerAddr(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.TCPAddr:
		return unmap(a.AddrPort())
	case *net.UDPAddr:
		return unmap(a.AddrPort())
	}
	ap, _ := netip.ParseAddrPort(a.String())
	return unmap(ap)
}

func unmap(ap netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// peerListener listens on the peer.
func (t *trial) peerListener(domain int) (net.Listener, netip.AddrPort) {
	t.Helper()
	addr := netip.AddrPortFrom(t.peer.Addr(domain), 0)
	ln, err := t.peer.Listen(t.Context(), "tcp", addr.String())
	if err != nil {
		t.Fatalf("the peer cannot listen on %v: %v", addr, err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln, peerAddr(ln.Addr())
}

// peerConn bounds the peer's own calls and closes the connection with the trial.
func (t *trial) peerConn(c net.Conn) net.Conn {
	c.SetDeadline(time.Now().Add(2 * t.cfg.Timeout))
	t.Cleanup(func() { c.Close() })
	return c
}

// acceptPeer returns the next connection that reaches the peer.
func (t *trial) acceptPeer(ln net.Listener) net.Conn {
	t.Helper()
	if d, ok := ln.(interface{ SetDeadline(time.Time) error }); ok {
		d.SetDeadline(time.Now().Add(t.cfg.Timeout))
	}
	c, err := ln.Accept()
	if err != nil {
		t.Fatalf("no connection reached the peer: %v", err)
	}
	return t.peerConn(c)
}

// connected returns a stream that the device connected, and the peer's end.
func (t *trial) connected() (int, net.Conn) {
	t.Helper()
	ln, addr := t.peerListener(inet)
	fd := t.stream()
	t.must("Connect to a listener", t.dev.Connect(fd, "", addr))
	return fd, t.acceptPeer(ln)
}

// local is the address of the device with port.
func (t *trial) local(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(t.peer.DeviceAddr(inet), port)
}

// bind binds fd to a free port, which it returns.
func (t *trial) bind(fd int) netip.AddrPort {
	t.Helper()
	var err error
	for range 10 {
		addr := t.local(t.peer.FreePort())
		if err = t.dev.Bind(fd, addr); err == nil {
			return addr
		}
		// Another process may have been quicker.
		if !errors.Is(err, netdev.ErrAddrInUse) {
			break
		}
	}
	t.Fatalf("Bind to a free port: %s, want nil", describe(err))
	return netip.AddrPort{}
}

// listener returns a listening socket of the device and its address.
func (t *trial) listener(backlog int) (int, netip.AddrPort) {
	t.Helper()
	fd := t.stream()
	addr := t.bind(fd)
	t.must("Listen", t.dev.Listen(fd, backlog))
	return fd, addr
}

// dial connects the peer to the device.
func (t *trial) dial(addr netip.AddrPort) net.Conn {
	t.Helper()
	c, err := t.peer.DialContext(t.Context(), "tcp", addr.String())
	if err != nil {
		t.Fatalf("the peer cannot connect to the device's listener: %v", err)
	}
	return t.peerConn(c)
}

// accept returns the device's next connection.
func (t *trial) accept(lfd int) (int, netip.AddrPort) {
	t.Helper()
	fd, addr, err := t.dev.Accept(lfd)
	t.must("Accept", err)
	t.closeLater(fd)
	return fd, addr
}

// accepted returns a stream that the device accepted, and the peer's end.
func (t *trial) accepted() (int, net.Conn) {
	t.Helper()
	lfd, addr := t.listener(1)
	c := t.dial(addr)
	fd, _ := t.accept(lfd)
	return fd, c
}

// peerPacket opens a datagram socket of the peer.
func (t *trial) peerPacket() (net.PacketConn, netip.AddrPort) {
	t.Helper()
	addr := netip.AddrPortFrom(t.peer.Addr(inet), 0)
	pc, err := t.peer.ListenPacket(t.Context(), "udp", addr.String())
	if err != nil {
		t.Fatalf("the peer cannot open %v: %v", addr, err)
	}
	pc.SetDeadline(time.Now().Add(2 * t.cfg.Timeout))
	t.Cleanup(func() { pc.Close() })
	return pc, peerAddr(pc.LocalAddr())
}

// udp returns a datagram socket of the device, bound to addr and connected to
// the peer's pc.
func (t *trial) udp() (fd int, addr netip.AddrPort, pc net.PacketConn) {
	t.Helper()
	pc, to := t.peerPacket()
	fd = t.datagram()
	addr = t.bind(fd)
	t.must("Connect of a datagram socket", t.dev.Connect(fd, "", to))
	return fd, addr, pc
}

// tell sends a datagram from the peer to the device.
func (t *trial) tell(pc net.PacketConn, to netip.AddrPort, data []byte) {
	t.Helper()
	if _, err := pc.WriteTo(data, net.UDPAddrFromAddrPort(to)); err != nil {
		t.Fatalf("the peer cannot send to %v: %v", to, err)
	}
}

// heard is the next datagram that reaches the peer.
func (t *trial) heard(pc net.PacketConn) ([]byte, netip.AddrPort) {
	t.Helper()
	buf := make([]byte, 1<<16)
	n, from, err := pc.ReadFrom(buf)
	if err != nil {
		t.Fatalf("no datagram reached the peer: %v", err)
	}
	return buf[:n], peerAddr(from)
}

// pattern returns n bytes that a shifted or repeated copy does not equal.
func pattern(n int, seed uint64) []byte {
	rng := rand.New(rand.NewPCG(seed, 0x6e6574646576))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}
