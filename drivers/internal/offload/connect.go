package offload

import (
	"context"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// Connect connects a stream, or sets the peer of a datagram socket, which may be
// done again. A name is resolved even in non-blocking mode, and that waits.
func (s *Sockets) Connect(sockfd int, host string, ip netip.AddrPort) error {
	return s.ConnectContext(context.Background(), sockfd, host, ip)
}

// ConnectContext is Connect with an end.
func (s *Sockets) ConnectContext(ctx context.Context, sockfd int, host string, ip netip.AddrPort) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := s.core
	c.mu.Lock()
	k, err := c.use(sockfd)
	if err == nil && !ip.Addr().IsValid() {
		ip, err = c.resolveFor(ctx, k, host, ip.Port())
	}
	if err == nil {
		ip, err = checkAddr(ip)
	}
	if err != nil {
		c.unlock()
		return err
	}
	if ip.Addr().IsUnspecified() && c.addr.IsValid() {
		ip = netip.AddrPortFrom(c.addr, ip.Port()) // as on Linux, whoever this is
	}
	if !k.isStream() {
		return c.do(ctx, k, func() error { return c.connectDatagram(k, ip) })
	}
	err = c.connectStream(ctx, k, host, ip)
	c.unlock()
	return err
}

// resolveFor resolves host for a socket, and ends with it. It gives the lock up.
func (c *Core) resolveFor(ctx context.Context, k *socket, host string, port uint16) (netip.AddrPort, error) {
	if host == "" {
		return netip.AddrPort{}, netdev.ErrDestAddrRequired
	}
	c.unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answer := make(chan error, 1)
	var addrs []netip.Addr
	go func() {
		var err error
		addrs, err = c.lookup(ctx, "ip4", host)
		answer <- err
	}()
	var err error
	select {
	case err = <-answer:
	case <-k.gone:
		err = netdev.ErrClosed
	case <-ctx.Done():
		err = ctx.Err()
	}
	c.mu.Lock()
	if over := k.over(); over != nil {
		return netip.AddrPort{}, over
	}
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(addrs[0], port), nil
}

// connectDatagram is on the chip's goroutine, without the lock.
func (c *Core) connectDatagram(k *socket, peer netip.AddrPort) error {
	c.mu.Lock()
	cast := k.has(noCast) && peer.Addr() == broadcast
	isBound := k.has(bound)
	c.unlock()
	if cast {
		return netdev.ErrAccess
	}
	if !isBound {
		if err := c.bindDatagram(k, netip.AddrPortFrom(netip.IPv4Unspecified(), 0)); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.unlock()
	if err := k.over(); err != nil {
		return err
	}
	// As on Linux the way there decides which address the socket has from now on.
	if k.local.Addr().IsUnspecified() && c.addr.IsValid() {
		k.local = netip.AddrPortFrom(c.addr, k.local.Port())
	}
	k.remote = peer
	k.sendErr = nil
	c.takeError(k)
	c.dropStrangers(k)
	return nil
}

// connectStream begins to connect, or goes on, and waits for the outcome.
func (c *Core) connectStream(ctx context.Context, k *socket, host string, peer netip.AddrPort) error {
	if k.has(listening) || k.has(connected) && !k.has(dialling) {
		return netdev.ErrIsConnected
	}
	a := c.attempt(k, writable, 0, time.Time{})
	a.done = ctx.Done()
	defer a.end()
	if !k.has(dialling) {
		if err := c.dial(k, host, peer); err != nil {
			return err
		}
	}
	for {
		switch {
		case !k.has(dialling):
			return netdev.ErrConnAborted // another call has told the outcome
		case k.has(connected):
			k.flags &^= dialling
			return nil
		case k.err != nil:
			err := k.err
			c.hangUp(k)
			return err
		}
		switch err := a.wait(); err {
		case nil:
		case netdev.ErrWouldBlock:
			return netdev.ErrInProgress
		case errCancelled:
			if k.state == open && k.has(dialling) {
				c.hangUp(k)
			}
			return ctx.Err()
		default:
			return err
		}
	}
}

// dial begins a connection.
func (c *Core) dial(k *socket, host string, peer netip.AddrPort) error {
	switch {
	case isGroup(peer.Addr()):
		return netdev.ErrNetUnreachable
	case peer.Port() == 0:
		return netdev.ErrConnRefused
	}
	k.host, k.remote = host, peer
	k.err = nil
	k.flags &^= begun | connected | errorTold
	k.flags |= dialling
	c.attend(k)
	return nil
}

// hangUp ends an attempt, so that no peer gets a connection that nobody has. One
// that succeeded in this moment leaves nothing to the next.
func (c *Core) hangUp(k *socket) {
	k.dials++
	k.flags &^= dialling | begun | connected | ended | shutRead | shutWrite | finSent | more | quiet
	k.err, k.sendErr = nil, nil
	k.send.Free(c.pool)
	k.recv.Free(c.pool)
	c.released()
	k.remote = netip.AddrPort{}
	if k.id != none {
		k.flags |= releasing
		c.serveSoon(k)
	}
	c.wake(k, writable)
}

// serveConnect begins what Connect asked for, or looks for its outcome.
func (c *Core) serveConnect(k *socket) (moved, blocked bool) {
	dials := k.dials
	err := c.tryConnect(k, dials)
	switch {
	case k.state != open || k.err != nil || k.dials != dials:
	case err == errLater || mustWait(err):
		return false, true
	case err == nil:
		k.flags |= connected
		c.wake(k, readable|writable)
	default:
		c.fail(k, err)
	}
	return true, false
}

// tryConnect returns nil when there is a connection. That Connect was given up and
// perhaps begun anew meanwhile shows in dials.
func (c *Core) tryConnect(k *socket, dials uint32) error {
	if k.id == none {
		c.unlock()
		err := c.openFor(k)
		c.mu.Lock()
		if err != nil {
			return err
		}
		if err := c.replay(k); err != nil {
			return err
		}
		if k.dials != dials || k.state != open {
			return errLater
		}
	}
	if k.has(begun) {
		id := k.id
		c.unlock()
		err := c.chip.Connected(id)
		c.mu.Lock()
		if k.id != id {
			return netdev.ErrConnReset
		}
		if err == nil {
			c.learnPort(k)
		}
		return err
	}
	host, to := k.host, k.remote
	err := c.withPort(k, k.wish(), func(id int, port uint16) error {
		return c.chip.Connect(id, port, to, host)
	}, func(port uint16) {
		if k.dials == dials {
			k.flags |= begun
			k.local = netip.AddrPortFrom(c.self(), port)
		}
	})
	if err == nil {
		c.learnPort(k)
	}
	return err
}

// learnPort asks which local port a connection has, where only the chip knows.
func (c *Core) learnPort(k *socket) {
	if c.namer == nil {
		return
	}
	id := k.id
	c.unlock()
	port, err := c.namer.LocalPort(id)
	c.mu.Lock()
	if err == nil && k.id == id {
		k.local = netip.AddrPortFrom(k.local.Addr(), port)
	}
}
