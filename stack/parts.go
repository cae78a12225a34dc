package stack

import (
	"context"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/dhcp"
	"github.com/netdev-go/netdev/dns"
	"github.com/netdev-go/netdev/stack/internal/icmp"
	"github.com/netdev-go/netdev/stack/internal/igmp"
	"github.com/netdev-go/netdev/stack/tcp"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// A Part is what [NewWith] may give a stack or leave out of the program.
type Part struct{ attach func(*Stack) }

// The parts of a stack. ARP, IPv4 with its fragments, ICMP and UDP are always there.
var (
	// TCP is stream sockets. Without it they are ErrProtocolNotSupported.
	TCP = Part{attachTCP}
	// DHCP finds an address. Without it the configuration must have one when
	// NetConnect is called, or that is ErrNotSupported.
	DHCP = Part{attachDHCP}
	// DNS resolves names. Without it they are ErrNotSupported.
	DNS = Part{attachDNS}
	// Multicast is IGMP. Without it JoinGroup is ErrNotSupported, but for the group
	// of all hosts and for the loopback interface.
	Multicast = Part{attachMulticast}
)

// What follows are the parts as the stack calls them, nil where they are missing.
// Nothing else in the stack may call what only a part has: a linker keeps the methods
// of a type that becomes an interface's value, and only attach makes it that. For the
// same reason neither Stack nor what it points to has the name and type of a method that
// is to be left out. What an
// interface is given by pointer escapes: what comes for each packet goes by value.

// streams is TCP.
type streams interface {
	input(now time.Duration, src, dst netip.Addr, segment []byte) bool
	owes() bool
	output(long bool)
	settle()
	waitCut(now time.Duration, f *frame, next netip.Addr)
	deadline() time.Duration
	advance(now time.Duration)
	unreachable(now time.Duration, f icmp.Fault, src, dst netip.Addr, b []byte)
	counters() tcp.Counters

	connect(ctx context.Context, k *socket, peer netip.AddrPort) error
	listen(k *socket, backlog int, o tcp.Options) error
	accept(k *socket, deadline time.Time) (int, *tcp.Conn, error)
	send(k *socket, buf []byte) (int, error)
	recv(k *socket, buf []byte, flags int) (int, error)
	ready(k *socket) netdev.PollEvents
	shutdown(now time.Duration, c *tcp.Conn, how int)
	detach(now time.Duration, k *socket, state uint16)

	setOption(k *socket, opt int, value any) error
	option(k *socket, opt int) any
	setOptions(k *socket, o tcp.Options)
}

// leases is the DHCP client, with what it has the stack do.
type leases interface {
	Start(now time.Duration)
	Stop(now time.Duration)
	Suspend(now time.Duration)
	Event() dhcp.Event
	Lease() *dhcp.Lease
	Input(now time.Duration, payload []byte)
	deadline() time.Duration
	advance(now time.Duration)
	step(now time.Duration)    // after any of these
	claimed(now time.Duration) // after any of eth0's claim
}

// names is the DNS client.
type names interface {
	netdev.MultiResolver
	GetHostByName(name string) (netip.Addr, error)
	Stats() dns.Stats
}

// groups is IGMP.
type groups interface {
	Join(now time.Duration, group netip.Addr) bool
	Leave(now time.Duration, group netip.Addr)
	Member(group netip.Addr) bool
	Restart(now time.Duration)
	Input(now time.Duration, p ipv4.Packet)
	Output(now time.Duration, b []byte) (n int, dst netip.Addr)
	deadline() time.Duration
}

func attachTCP(s *Stack) {
	c := s.config.tcp(s.pool)
	c.Rand, c.MTU = s.rand, s.pathMTU
	s.engine, s.streams = tcp.New(c), transport{s}
	s.initOffload() // only segments are ever too long
}

func attachDHCP(s *Stack) { s.newLeases = newLeases }

func attachDNS(s *Stack) { s.resolver = s.newResolver() }

func attachMulticast(s *Stack) { s.eth.groups = multicast{igmp.New(s.config.groups(s.rand))} }
