package stack_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

var (
	never    time.Time
	home     = netip.MustParseAddr("127.0.0.1")
	anywhere = netip.MustParseAddr("0.0.0.0")
	addrA    = netip.MustParseAddr("10.0.0.1")
	addrB    = netip.MustParseAddr("10.0.0.2")
)

// soon is a deadline for what comes at once, if it comes.
func soon() time.Time { return time.Now().Add(10 * time.Second) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func at(a netip.Addr, port uint16) netip.AddrPort { return netip.AddrPortFrom(a, port) }

// newStack returns a stack on dev that ends with the test.
func newStack(t testing.TB, dev netlink.FrameDevice, c stack.Config) *stack.Stack {
	t.Helper()
	s, err := stack.New(dev, c)
	must(t, err)
	t.Cleanup(func() { must(t, s.Stop()) })
	return s
}

// cable returns two devices that end with the test.
func cable(t testing.TB) (a, b *ether.Device) {
	t.Helper()
	a, b, err := ether.Cable(ether.Config{Queue: 1024}, ether.Config{Queue: 1024})
	must(t, err)
	t.Cleanup(func() {
		must(t, a.Close())
		must(t, b.Close())
	})
	return a, b
}

// pair returns two stacks with addrA and addrB, joined by a cable. c is for both.
func pair(t testing.TB, c stack.Config) (a, b *stack.Stack) {
	t.Helper()
	da, db := cable(t)
	c.Address = netip.PrefixFrom(addrA, 24)
	a = newStack(t, da, c)
	c.Address = netip.PrefixFrom(addrB, 24)
	b = newStack(t, db, c)
	must(t, a.NetConnect(nil))
	must(t, b.NetConnect(nil))
	return a, b
}

// alone returns a stack on a cable whose other end nobody listens at.
func alone(t testing.TB, c stack.Config) *stack.Stack {
	t.Helper()
	dev, _ := cable(t)
	c.Address = netip.PrefixFrom(addrA, 24)
	s := newStack(t, dev, c)
	must(t, s.NetConnect(nil))
	return s
}

// open returns a socket that ends with the test, if not before.
func open(t testing.TB, s *stack.Stack, stype int) int {
	t.Helper()
	protocol := 0
	if stype == netdev.SOCK_RAW {
		protocol = netdev.IPPROTO_ICMP
	}
	fd, err := s.Socket(netdev.AF_INET, stype, protocol)
	must(t, err)
	t.Cleanup(func() { s.Close(fd) })
	return fd
}

// bound returns a datagram socket at a port of its own.
func bound(t testing.TB, s *stack.Stack, a netip.Addr) (int, netip.AddrPort) {
	t.Helper()
	fd := open(t, s, netdev.SOCK_DGRAM)
	must(t, s.Bind(fd, at(a, 0)))
	name, err := s.GetSockName(fd)
	must(t, err)
	return fd, name
}

// recv returns the next datagram and its sender.
func recv(t testing.TB, s *stack.Stack, fd int) (string, netip.AddrPort) {
	t.Helper()
	buf := make([]byte, 1<<16)
	n, from, err := s.RecvFrom(fd, buf, 0, soon())
	must(t, err)
	return string(buf[:n]), from
}

func sendTo(t testing.TB, s *stack.Stack, fd int, data string, to netip.AddrPort) {
	t.Helper()
	n, err := s.SendTo(fd, []byte(data), 0, to, soon())
	must(t, err)
	if n != len(data) {
		t.Fatalf("SendTo = %d of %d", n, len(data))
	}
}
