package offload

import (
	"context"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// Listen makes a stream socket a listener. One that was not bound gets a port of
// its own. On a listener it changes the backlog that is kept here.
func (s *Sockets) Listen(sockfd, backlog int) error {
	c := s.core
	backlog = min(max(backlog, 1), netdev.SOMAXCONN)
	c.mu.Lock()
	k, err := c.use(sockfd)
	if err == nil {
		switch {
		case !k.isStream():
			err = netdev.ErrNotSupported
		case k.has(dialling | connected):
			err = netdev.ErrInvalid
		case k.has(listening):
			k.backlog = backlog
			c.unlock()
			return nil
		}
	}
	if err != nil {
		c.unlock()
		return err
	}
	return c.do(context.Background(), k, func() error { return c.listen(k, backlog) })
}

// listen is on the chip's goroutine, without the lock.
func (c *Core) listen(k *socket, backlog int) error {
	c.mu.Lock()
	defer c.unlock()
	if k.has(listening) {
		k.backlog = backlog
		return nil
	}
	// Sharing a port ends with the first listener.
	if k.has(bound) && c.taken(k, k.local.Port()) {
		return netdev.ErrAddrInUse
	}
	return c.withPort(k, k.wish(), func(id int, port uint16) error {
		return c.chip.Listen(id, port, backlog)
	}, func(port uint16) {
		addr := netip.IPv4Unspecified()
		if k.has(bound) {
			addr = k.local.Addr()
		}
		k.local = netip.AddrPortFrom(addr, port)
		k.flags |= bound | listening
		k.backlog = backlog
		c.serveSoon(k)
	})
}

// Accept returns the next connection that is still alive. If there are no
// descriptors left it returns ErrNoMoreSockets, and the connection stays.
func (s *Sockets) Accept(sockfd int) (int, netip.AddrPort, error) {
	c := s.core
	c.mu.Lock()
	defer c.unlock()
	k, err := c.use(sockfd)
	switch {
	case err != nil:
		return -1, netip.AddrPort{}, err
	case !k.isStream():
		return -1, netip.AddrPort{}, netdev.ErrNotSupported
	case !k.has(listening):
		return -1, netip.AddrPort{}, netdev.ErrInvalid
	}
	a := c.attempt(k, readable, 0, time.Time{})
	defer a.end()
	for {
		if len(k.pending) > 0 {
			if n := k.pending[0]; !n.has(stale) || c.refresh(k, n) {
				return c.adopt(k, n)
			}
			continue
		}
		if k.err != nil {
			return -1, netip.AddrPort{}, k.err
		}
		if err := a.wait(); err != nil {
			return -1, netip.AddrPort{}, err
		}
	}
}

// adopt gives the first connection of k a descriptor.
func (c *Core) adopt(k, n *socket) (int, netip.AddrPort, error) {
	if err := c.table.add(n, c.config.Sockets); err != nil {
		return -1, netip.AddrPort{}, err
	}
	k.pending = k.pending[:copy(k.pending, k.pending[1:])]
	return n.fd, n.remote, nil
}

// refresh asks whether a connection that has waited for some time is still alive,
// and otherwise drops it. It gives the lock up.
func (c *Core) refresh(k, n *socket) bool {
	c.askOnce(n)
	n.flags &^= stale
	if len(k.pending) == 0 || k.pending[0] != n {
		return false
	}
	if n.err != nil {
		k.pending = k.pending[:copy(k.pending, k.pending[1:])]
		c.close(n)
		return false
	}
	return true
}
