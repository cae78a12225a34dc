package offload

import (
	"context"
	"net/netip"

	"github.com/netdev-go/netdev"
)

// Sockets are a chip's sockets as a [netdev.Netdever] has them. A driver's device
// embeds them.
type Sockets struct {
	core   *Core
	inside bool
}

var (
	_ netdev.Netdever         = (*Sockets)(nil)
	_ netdev.PacketNetdever   = (*Sockets)(nil)
	_ netdev.SockNamer        = (*Sockets)(nil)
	_ netdev.Poller           = (*Sockets)(nil)
	_ netdev.ContextConnecter = (*Sockets)(nil)
	_ netdev.SockOptGetter    = (*Sockets)(nil)
	_ netdev.SocketLister     = (*Sockets)(nil)
	_ netdev.MultiResolver    = (*Sockets)(nil)
	_ netdev.Shutdowner       = Half{}
)

// Addr returns the address that Up was given, or ErrNetDown.
func (s *Sockets) Addr() (netip.Addr, error) {
	c := s.core
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.up || !c.addr.IsValid() {
		return netip.Addr{}, netdev.ErrNetDown
	}
	return c.addr, nil
}

// Socket returns a new descriptor.
func (s *Sockets) Socket(domain, stype, protocol int) (int, error) {
	if domain != netdev.AF_INET {
		return -1, netdev.ErrFamilyNotSupported
	}
	var kind Kind
	switch {
	case stype == netdev.SOCK_STREAM && (protocol == 0 || protocol == netdev.IPPROTO_TCP):
		kind = Stream
	case stype == netdev.SOCK_DGRAM && (protocol == 0 || protocol == netdev.IPPROTO_UDP):
		kind = Datagram
	case stype == netdev.SOCK_STREAM && protocol == netdev.IPPROTO_TLS:
		kind = TLS
	default:
		return -1, netdev.ErrProtocolNotSupported
	}
	c := s.core
	k := newSocket(kind, &c.config)
	c.mu.Lock()
	if c.stopped || !c.up && !s.inside {
		c.unlock()
		return -1, netdev.ErrNetDown
	}
	k.set(insider, s.inside)
	if err := c.table.add(k); err != nil {
		c.unlock()
		return -1, err
	}
	c.all = append(c.all, k)
	fd := k.fd
	err := c.do(context.Background(), k, func() error { return c.openFor(k) })
	if err != nil {
		c.mu.Lock()
		if c.table.get(fd) == k {
			c.table.remove(k)
			c.close(k)
		}
		c.unlock()
		return -1, err
	}
	return fd, nil
}

// openFor takes a socket of the chip, on its goroutine. Where there is none the
// oldest of those whose bytes are still on their way gives way.
func (c *Core) openFor(k *socket) error {
	id, err := c.chip.Open(k.kind)
	c.mu.Lock()
	defer c.unlock()
	if err == netdev.ErrNoMoreSockets && c.closing(nil) {
		c.hasten(func(*socket) bool { return true })
		return errLater
	}
	if err != nil {
		return err
	}
	c.own(k, id)
	if k.state != open {
		c.serveSoon(k)
	}
	return nil
}

// Close gives the descriptor back. Data that Send has taken is still delivered,
// for as long as Config.Flush.
func (s *Sockets) Close(sockfd int) error {
	c := s.core
	c.mu.Lock()
	defer c.unlock()
	k := c.table.get(sockfd)
	if k == nil {
		return netdev.ErrInvalidSocketFd
	}
	c.table.remove(k)
	c.close(k)
	if k.has(listening) || !k.isStream() {
		// Nobody is to be reached at a port that its owner has left, or to find it
		// taken: the chip is waited for, but not if it is busy for long.
		c.waitReleased(k)
	}
	return nil
}

// use returns the socket of a descriptor.
func (c *Core) use(fd int) (*socket, error) {
	k := c.table.get(fd)
	switch {
	case k == nil:
		return nil, netdev.ErrInvalidSocketFd
	case k.state == down:
		return nil, k.err
	}
	return k, nil
}

// With calls f on the chip's goroutine with the socket of a descriptor, for what
// drivers have beyond this package.
func (c *Core) With(sockfd int, f func(s Socket) error) error {
	c.mu.Lock()
	k, err := c.use(sockfd)
	if err != nil {
		c.unlock()
		return err
	}
	return c.do(context.Background(), k, func() error {
		c.mu.Lock()
		s := Socket{ID: k.id, Kind: k.kind, Connected: k.has(connected), Listening: k.has(listening)}
		c.mu.Unlock()
		if s.ID == none {
			return netdev.ErrInvalid
		}
		return f(s)
	})
}
