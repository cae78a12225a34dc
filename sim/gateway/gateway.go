package gateway

import (
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/gateway/internal/dhcpd"
	"github.com/netdev-go/netdev/sim/gateway/internal/dnsd"
	"github.com/netdev-go/netdev/stack"
)

// loopback is the host, seen from its own sockets.
var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// Gateway is a home router in software. Its methods are safe from any goroutine.
type Gateway struct {
	config Config
	host   netdev.Netdever
	stack  *stack.Stack
	dhcp   *dhcpd.Server
	dns    *dnsd.Server
	out    *flows        // from boards to the world
	slots  chan struct{} // one for each connection
	pings  chan struct{} // one for each echo request

	halfOpen halfOpen
	noPing   sync.Once

	tcp, tcpForwards streamCounters
	udp, udpForwards flowCounters
	echo             echoCounters

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	wg     sync.WaitGroup // all goroutines

	mu       sync.Mutex
	started  bool
	closed   bool
	sockets  map[socket]struct{} // what Close closes so that goroutines end
	forwards map[forwardKey]socket
}

// A socket is a descriptor and the device it is one of.
type socket struct {
	dev netdev.Netdever
	fd  int
}

// New returns a gateway, which does nothing until Start. The configuration is
// checked here.
func New(c Config) (*Gateway, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	g := &Gateway{
		config: c, host: c.Host,
		sockets: make(map[socket]struct{}), forwards: make(map[forwardKey]socket),
		slots: make(chan struct{}, c.MaxConnections),
		pings: make(chan struct{}, c.MaxEchoes),
		// What is established has the greater part for itself.
		halfOpen: halfOpen{max: max(minHalfOpen, c.MaxConnections/4)},
	}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	random := source(c.Seed)
	g.dhcp = dhcpd.New(dhcpd.Config{
		Server: c.Addr, Prefix: c.Prefix, First: c.pool(), Domain: c.Domain, MTU: c.mtu(), LeaseTime: c.LeaseTime,
		MaxLeases: c.MaxLeases, Fixed: c.Reserved, Reserved: []string{dnsd.Gateway, dnsd.Host, "localhost"}, Notify: g.leaseChanged,
	})
	upstream := &dnsd.Upstream{Device: c.Host, Servers: c.DNS, ID: func() uint16 { return uint16(random()) }}
	g.dns = dnsd.New(dnsd.Config{
		Domain: c.Domain, Addr: c.Addr, Prefix: c.Prefix,
		Lookup: g.address, Reverse: g.name, Resolve: g.resolve, Exchange: upstream.Exchange,
	})
	g.out = g.newFlows(c.Host, &g.udp, g)
	g.stack, err = stack.New(c.Device, stack.Config{
		Address: netip.PrefixFrom(c.Addr, c.Prefix.Bits()), Hostname: dnsd.Gateway, Rand: random,
		Forward: &stack.Forward{UDP: g.forwardUDP, Echo: g.forwardEcho},
	})
	if err != nil {
		g.cancel()
		return nil, fmt.Errorf("gateway: %w", err)
	}
	return g, nil
}

// source is a generator that may be used from several goroutines.
func source(seed uint64) func() uint64 {
	if seed == 0 {
		var b [8]byte
		crand.Read(b[:])
		seed = binary.LittleEndian.Uint64(b[:])
	}
	r := rand.New(rand.NewPCG(seed, 0))
	var mu sync.Mutex
	return func() uint64 {
		mu.Lock()
		defer mu.Unlock()
		return r.Uint64()
	}
}

// resolve has the host find a name's addresses.
func (g *Gateway) resolve(ctx context.Context, name string) ([]netip.Addr, error) {
	if r, ok := netdev.As[netdev.MultiResolver](g.host); ok {
		return r.LookupNetIP(ctx, "ip", name)
	}
	addr, err := g.host.GetHostByName(name)
	if err != nil {
		return nil, err
	}
	return []netip.Addr{addr}, nil
}

// Start brings the gateway up on its network. When it returns, boards are served.
func (g *Gateway) Start() error {
	g.mu.Lock()
	started := g.started || g.closed
	g.started = true
	g.mu.Unlock()
	if started {
		return fmt.Errorf("gateway: started before, or closed")
	}
	if err := g.stack.NetConnect(&netlink.ConnectParams{}); err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	for _, serve := range []func() error{g.serveDHCP, g.serveDNS, g.serveTCP} {
		if err := serve(); err != nil {
			g.Close()
			return err
		}
	}
	return nil
}

// Close ends all that goes through the gateway, with a reset where it is a
// connection, and its forwards and servers. Leases are forgotten. When it
// returns, no goroutine of the gateway is left.
func (g *Gateway) Close() error {
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return net.ErrClosed
	}
	g.closed = true
	sockets := g.sockets
	g.sockets = nil
	g.mu.Unlock()
	g.cancel()
	g.out.close()
	for s := range sockets {
		s.dev.Close(s.fd)
	}
	g.wg.Wait()
	return g.stack.Stop()
}

// run starts f with a socket that Close closes, which makes f end.
func (g *Gateway) run(s socket, f func()) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		s.dev.Close(s.fd)
		return net.ErrClosed
	}
	g.sockets[s] = struct{}{}
	g.wg.Go(func() {
		f()
		g.mu.Lock()
		delete(g.sockets, s)
		g.mu.Unlock()
	})
	return nil
}
