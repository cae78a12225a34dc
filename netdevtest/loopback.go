package netdevtest

import (
	"context"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/netdev-go/netdev"
)

// Loopback returns the host's own loopback network as the peer, for a device
// that reaches it: the kernel's sockets, or a wrapper around them.
func Loopback(tb testing.TB) Peer { return loopback{tb} }

type loopback struct{ tb testing.TB }

// hasIPv6 asks the kernel whether there is ::1.
var hasIPv6 = sync.OnceValue(func() bool {
	ln, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		return false
	}
	ln.Close()
	return true
})

func (loopback) Addr(domain int) netip.Addr {
	switch {
	case domain == netdev.AF_INET:
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	case domain == netdev.AF_INET6 && hasIPv6():
		return netip.IPv6Loopback()
	}
	return netip.Addr{}
}

func (p loopback) DeviceAddr(domain int) netip.Addr { return p.Addr(domain) }

func (loopback) Interface() string {
	ifaces, err := net.Interfaces()
	if err != nil {
		return ""
	}
	for _, i := range ifaces {
		if i.Flags&net.FlagLoopback != 0 {
			return i.Name
		}
	}
	return ""
}

// nextPort starts where chance has it, so that two processes seldom meet. The
// range is below the ephemeral ports of every kernel.
var nextPort = sync.OnceValue(func() *atomic.Uint32 {
	var p atomic.Uint32
	p.Store(rand.Uint32N(10000))
	return &p
})

func (p loopback) FreePort() uint16 {
	for range 100 {
		port := uint16(20000 + nextPort().Add(1)%10000)
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(int(port)))
		ln, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		ln.Close()
		pc, err := net.ListenPacket("udp", address)
		if err != nil {
			continue
		}
		pc.Close()
		return port
	}
	p.tb.Fatal("no free port on the loopback interface")
	return 0
}

func (loopback) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	var lc net.ListenConfig
	return lc.Listen(ctx, network, address)
}

func (loopback) ListenPacket(ctx context.Context, network, address string) (net.PacketConn, error) {
	var lc net.ListenConfig
	return lc.ListenPacket(ctx, network, address)
}

func (loopback) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, address)
}

func (loopback) Host() string { return "localhost" }

// RFC 7686 forbids resolvers to ask the DNS for such a name, so nothing leaves
// the host.
func (loopback) UnknownHost() string { return "netdevtest.onion" }

func (p loopback) Refused() netip.AddrPort {
	return netip.AddrPortFrom(p.Addr(netdev.AF_INET), p.FreePort())
}

// No route is ever needed to see that TCP cannot reach the broadcast address.
func (loopback) Unreachable() netip.AddrPort {
	return netip.MustParseAddrPort("255.255.255.255:9")
}

func (loopback) BlackHole() netip.AddrPort { return blackHole() }
