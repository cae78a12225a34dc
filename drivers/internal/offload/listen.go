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
			n := k.pending[0]
			if n.has(stale) {
				c.refresh(n)
				continue
			}
			if n.err == nil {
				a.end()
				return c.adopt(k, n)
			}
			k.shift()
			c.close(n)
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
	if err := c.table.add(n); err != nil {
		return -1, netip.AddrPort{}, err
	}
	k.shift()
	c.refill(k)
	return n.fd, n.remote, nil
}

// shift takes the first connection from those that wait to be accepted.
func (k *socket) shift() {
	last := copy(k.pending, k.pending[1:])
	k.pending[last] = nil
	k.pending = k.pending[:last]
}

// refresh asks whether a connection that has waited for some time is still alive.
// It gives the lock up.
func (c *Core) refresh(n *socket) {
	n.flags &^= stale
	c.askOnce(n)
}
