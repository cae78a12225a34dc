package stack

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack/internal/icmp"
	"github.com/netdev-go/netdev/stack/internal/neighbour"
	"github.com/netdev-go/netdev/stack/internal/route"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/ipv4"
)

const minMTU = ipv4.MinMTU

// Indexes of the interfaces.
const (
	loIndex  = 1
	ethIndex = 2
)

// pathMTUs is how many destinations are remembered whose path takes less than
// the interface.
const pathMTUs = 16

// iface is eth0.
type iface struct {
	hw        [6]byte
	prefix    netip.Prefix // invalid without an address
	addr      netip.Addr   // of prefix
	broadcast netip.Addr   // of its network; invalid where there is none
	mtu       int

	routes     route.Table
	neighbours *neighbour.Cache
	asked      bool // neighbours may have something to do
	claim      neighbour.Claim

	lastReached netip.Addr
	reachedAt   time.Duration

	groups   groups // nil without Multicast
	memberOf []membership
	paths    *icmp.PathMTU
}

// membership is a group that sockets have joined on eth0.
type membership struct {
	group   netip.Addr
	sockets int
}

func (e *iface) init(s *Stack, hw [6]byte) {
	e.hw, e.mtu = hw, s.config.MTU
	e.neighbours = neighbour.New(s.config.neighbours(s.pool, s.rand))
	e.paths = icmp.NewPathMTU(s.config.paths(), s.rand)
}

// setAddr gives eth0 its address and the way to the rest of the world.
func (e *iface) setAddr(prefix netip.Prefix, gateway netip.Addr) {
	e.prefix, e.addr = prefix, prefix.Addr()
	e.broadcast = broadcastOf(prefix)
	e.routes = route.Table{}
	e.routes.Add(route.Route{Prefix: prefix.Masked(), Interface: ethIndex})
	if gateway.IsValid() && !gateway.IsUnspecified() {
		e.routes.Add(route.Route{Prefix: netip.PrefixFrom(netip.IPv4Unspecified(), 0), Gateway: gateway, Interface: ethIndex})
	}
}

// reached takes TCP's word that packets to dst arrive, now and then, for the
// neighbour on the way.
func (e *iface) reached(now time.Duration, dst netip.Addr) {
	if dst == e.lastReached && now-e.reachedAt < time.Second {
		return
	}
	e.lastReached, e.reachedAt = dst, now
	if r := e.routes.Lookup(dst); r != nil {
		e.neighbours.Confirm(now, r.Hop(dst))
	}
}

func (e *iface) clearAddr() {
	e.prefix, e.addr, e.broadcast = netip.Prefix{}, netip.Addr{}, netip.Addr{}
	e.routes = route.Table{}
	e.neighbours.Clear()
	e.paths.Clear()
	e.claim.Release()
}

func (e *iface) up() bool { return e.addr.IsValid() }

// broadcastOf returns the last address of a network, if it is long enough to have
// one that is nobody's.
func broadcastOf(p netip.Prefix) netip.Addr {
	if !p.Addr().Is4() || p.Bits() > 30 {
		return netip.Addr{}
	}
	b := p.Masked().Addr().As4()
	for i := p.Bits(); i < 32; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	return netip.AddrFrom4(b)
}

// isBroadcast reports whether all hosts of the network are meant.
func (e *iface) isBroadcast(a netip.Addr) bool {
	return a == limitedBroadcast || e.broadcast.IsValid() && a == e.broadcast
}

// isHost reports whether the address of p can be that of one host.
func isHost(p netip.Prefix) bool {
	a := p.Addr()
	return !isThisNetwork(a) && !a.IsLoopback() && !a.IsMulticast() && a != limitedBroadcast && a != broadcastOf(p)
}

// isThisNetwork reports whether a is of network 0, which has no hosts.
func isThisNetwork(a netip.Addr) bool { return a.As4()[0] == 0 }

var limitedBroadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// hop is where a packet goes next, and from which address.
type hop struct {
	src   netip.Addr
	next  netip.Addr // whose hardware address is needed; invalid where hw is known
	hw    [6]byte
	local bool // through the loopback interface
	mtu   int
}

// isLocal reports whether packets to a stay within the stack.
func (s *Stack) isLocal(a netip.Addr) bool {
	return a.IsLoopback() || a == s.eth.addr && a.IsValid()
}

// route returns the way to dst. via, if it is valid, is the address of the
// interface that a packet to a group leaves by.
func (s *Stack) route(dst, via netip.Addr) (hop, error) {
	e := &s.eth
	switch {
	case dst.IsLoopback():
		return hop{src: loopback, local: true, mtu: e.mtu}, nil
	case s.isLocal(dst):
		return hop{src: dst, local: true, mtu: e.mtu}, nil
	case dst.IsMulticast() && via.IsLoopback():
		return hop{src: via, local: true, mtu: e.mtu}, nil
	case dst.IsMulticast() && !e.up():
		return hop{src: loopback, local: true, mtu: e.mtu}, nil
	case dst.IsMulticast():
		return hop{src: e.addr, hw: ethernet.Multicast(dst), mtu: e.mtu}, nil
	case e.isBroadcast(dst) && e.up():
		return hop{src: e.addr, hw: ethernet.Broadcast, mtu: e.mtu}, nil
	}
	if dst == limitedBroadcast && s.link.unnamed() {
		return hop{src: netip.IPv4Unspecified(), hw: ethernet.Broadcast, mtu: e.mtu}, nil
	}
	r := e.routes.Lookup(dst)
	if r == nil {
		s.counters.IP.OutNoRoutes++
		return hop{}, netdev.ErrNetUnreachable
	}
	return hop{src: e.addr, next: r.Hop(dst), mtu: e.mtu}, nil
}

// routeFor is route for a socket. What that is bound to is the source, unless it is a
// group.
func (s *Stack) routeFor(k *socket, dst netip.Addr) (hop, error) {
	var via netip.Addr
	if k.dgram != nil {
		via = k.dgram.groupInterface
	}
	h, err := s.route(dst, via)
	if a := k.local.Addr(); err == nil && s.isLocal(a) {
		if h.src = a; a.IsLoopback() && !h.local {
			return hop{}, netdev.ErrInvalid // what Linux says to that
		}
	}
	return h, err
}

var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})
