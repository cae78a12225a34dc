package sim

import (
	"context"
	stdnet "net"
	"net/netip"
	"sync/atomic"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/arp"
	"github.com/netdev-go/netdev/wire/ethernet"
)

// A Peer is another host on a board's network, with a stack of its own. It is
// what netdevtest wants a device to be tried with.
type Peer struct {
	// Towards is what Interface returns: the device's name for its interface to the
	// network, "eth0" of a board's own stack.
	Towards string

	board *Board
	stack *stack.Stack
	addr  netip.Addr
	port  atomic.Uint32
}

// What only tests talk to has addresses below those that are leased.
var (
	silentAddr = netip.MustParseAddr("10.0.2.4")
	nobodyAddr = netip.MustParseAddr("10.0.2.5")
)

// Peer adds a host named "peer" to the board's network, until the board stops.
func (b *Board) Peer() (*Peer, error) {
	silent, err := b.network.Open(ether.Config{Name: "silent", Seed: b.config.Seed})
	if err != nil {
		return nil, err
	}
	keepSilent(silent)
	s, err := b.Host(stack.Config{Hostname: "peer"})
	if err != nil {
		return nil, err
	}
	if err := s.NetConnect(&netlink.ConnectParams{}); err != nil {
		return nil, err
	}
	p := &Peer{Towards: "eth0", board: b, stack: s}
	p.port.Store(20000)
	p.addr, err = s.Addr()
	return p, err
}

// keepSilent has d answer ARP requests for silentAddr and nothing else.
func keepSilent(d *ether.Device) {
	mac, _ := d.HardwareAddr6()
	d.SetEthRecvHandler(func(frame []byte) {
		f, err := ethernet.Parse(frame)
		if err != nil || f.Type() != ethernet.TypeARP {
			return
		}
		p, err := arp.Parse(f.Payload())
		if err != nil || p.Op() != arp.OpRequest || p.TargetIP() != silentAddr {
			return
		}
		reply := arp.Reply(mac, p)
		out := make([]byte, ethernet.HeaderLen+arp.Len)
		h := ethernet.Header{Dst: p.SenderHW(), Src: mac, Type: ethernet.TypeARP}
		reply.Emit(out[h.Emit(out):])
		d.SendOffsetEthFrame(out)
	})
}

// Addr returns the peer's address of that family.
func (p *Peer) Addr(domain int) netip.Addr {
	if domain != netdev.AF_INET {
		return netip.Addr{}
	}
	return p.addr
}

// DeviceAddr returns the board's.
func (p *Peer) DeviceAddr(domain int) netip.Addr {
	addr, err := p.board.Addr()
	if domain != netdev.AF_INET || err != nil {
		return netip.Addr{}
	}
	return addr
}

// Interface is the board's interface to the network.
func (p *Peer) Interface() string { return p.Towards }

// FreePort returns a port that nothing uses, each time another.
func (p *Peer) FreePort() uint16 { return uint16(20000 + p.port.Add(1)%10000) }

// Listen is the function of package net, on the peer.
func (p *Peer) Listen(ctx context.Context, network, address string) (stdnet.Listener, error) {
	lc := net.ListenConfig{Device: p.stack}
	return lc.Listen(ctx, network, address)
}

// ListenPacket is the function of package net, on the peer.
func (p *Peer) ListenPacket(ctx context.Context, network, address string) (stdnet.PacketConn, error) {
	lc := net.ListenConfig{Device: p.stack}
	return lc.ListenPacket(ctx, network, address)
}

// DialContext is the function of package net, on the peer.
func (p *Peer) DialContext(ctx context.Context, network, address string) (stdnet.Conn, error) {
	d := net.Dialer{Device: p.stack}
	return d.DialContext(ctx, network, address)
}

// Host is a name of the peer's.
func (p *Peer) Host() string { return "peer" }

// UnknownHost is a name that there is not.
func (p *Peer) UnknownHost() string { return "nobody.netdev" }

// Refused is where nobody listens.
func (p *Peer) Refused() netip.AddrPort { return netip.AddrPortFrom(p.addr, p.FreePort()) }

// Unreachable is an address that no host has.
func (p *Peer) Unreachable() netip.AddrPort { return netip.AddrPortFrom(nobodyAddr, 9) }

// BlackHole is a host that never answers.
func (p *Peer) BlackHole() netip.AddrPort { return netip.AddrPortFrom(silentAddr, 9) }

// Host adds another host to the board's network, until the board stops: with
// DHCP, or the address of c. It is not connected yet.
func (b *Board) Host(c stack.Config) (*stack.Stack, error) {
	dev, err := b.network.Open(ether.Config{Name: c.Hostname, Seed: b.config.Seed, Queue: queue})
	if err != nil {
		return nil, err
	}
	s, err := stack.New(dev, c)
	if err != nil {
		return nil, err
	}
	b.stops = append(b.stops, s.Stop)
	return s, nil
}
