package gateway

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/gateway/internal/splice"
)

// ForwardConfig describes a port of the host that leads to a board.
type ForwardConfig struct {
	Network string // "tcp" or "udp"

	// Listen is where on Host. Without a valid address it is 127.0.0.1, which
	// only the host itself reaches; port 0 is a free one.
	Listen netip.AddrPort

	To Target
}

// A forwardKey is a port of the host, by which a forward is known.
type forwardKey struct {
	network string
	addr    netip.AddrPort
}

// Forward opens a port forward, which ends with CloseForward or the gateway, and
// returns where it listens. A port in use is netdev.ErrAddrInUse.
//
// The board need not be there yet: a connection waits for its lease for
// Config.LeaseWait, a datagram is dropped. Where the board cannot be reached, or
// refuses, the connection is reset.
func (g *Gateway) Forward(c ForwardConfig) (netip.AddrPort, error) {
	if err := c.To.validate(); err != nil {
		return netip.AddrPort{}, err
	}
	if !c.Listen.Addr().IsValid() {
		c.Listen = netip.AddrPortFrom(loopback, c.Listen.Port())
	}
	serve := g.forwardStreams
	stype := netdev.SOCK_STREAM
	switch c.Network {
	case "tcp":
	case "udp":
		serve, stype = g.forwardDatagrams, netdev.SOCK_DGRAM
	default:
		return netip.AddrPort{}, fmt.Errorf("gateway: forward of network %q, want tcp or udp", c.Network)
	}
	fd, err := bind(g.host, stype, c.Listen)
	if err == nil {
		if c.Listen, err = g.bound(fd, c.Listen); err == nil {
			err = serve(fd, c)
		}
	}
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("gateway: forward of %s %v: %w", c.Network, c.Listen, err)
	}
	g.mu.Lock()
	g.forwards[forwardKey{c.Network, c.Listen}] = socket{g.host, fd}
	g.mu.Unlock()
	g.tell(Event{Kind: ForwardOpened, Forward: c})
	return c.Listen, nil
}

// CloseForward ends the forward that listens at the address. Its connections go
// on. Where there is none it is net.ErrClosed.
func (g *Gateway) CloseForward(network string, listen netip.AddrPort) error {
	key := forwardKey{network, listen}
	g.mu.Lock()
	s, ok := g.forwards[key]
	delete(g.forwards, key)
	g.mu.Unlock()
	if !ok {
		return net.ErrClosed
	}
	return s.dev.Close(s.fd)
}

// bound returns the address that a socket was really bound to, and closes it
// where nobody could know.
func (g *Gateway) bound(fd int, asked netip.AddrPort) (netip.AddrPort, error) {
	namer, ok := netdev.As[netdev.SockNamer](g.host)
	if !ok && asked.Port() != 0 {
		return asked, nil
	}
	err := netdev.ErrNotSupported
	if ok {
		var addr netip.AddrPort
		if addr, err = namer.GetSockName(fd); err == nil {
			return addr, nil
		}
	}
	g.host.Close(fd)
	return asked, err
}

func (g *Gateway) forwardStreams(listener int, c ForwardConfig) error {
	return g.run(socket{g.host, listener}, func() {
		for {
			fd, _, err := g.host.Accept(listener)
			if errors.Is(err, netdev.ErrNoMoreSockets) {
				g.pause()
				continue
			}
			if err != nil {
				return
			}
			if !g.take() {
				g.tcpForwards.overflow.Add(1)
				splice.End{Device: g.host, Fd: fd}.Abort()
				continue
			}
			g.wg.Go(func() {
				defer g.give()
				g.connectIn(fd, c)
			})
		}
	})
}

// connectIn carries a connection that Host has accepted.
func (g *Gateway) connectIn(fd int, c ForwardConfig) {
	near := splice.End{Device: g.host, Fd: fd}
	board := -1
	to, err := g.await(c.To)
	if err == nil {
		board, err = dial(g.ctx, g.stack, to, g.config.ConnectTimeout)
	}
	if err != nil {
		g.tcpForwards.failed.Add(1)
		near.Abort()
		g.tell(Event{Kind: ForwardFailed, Forward: c, Err: err})
		return
	}
	g.carry(&g.tcpForwards, near, g.end(board))
}
