package offload

import (
	"context"
	"io"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// Send sends buf. A Send on a stream is whole: those of other goroutines come
// before or after it. In non-blocking mode n may be more than 0 beside
// ErrWouldBlock.
func (s *Sockets) Send(sockfd int, buf []byte, flags int, deadline time.Time) (int, error) {
	return s.SendTo(sockfd, buf, flags, netip.AddrPort{}, deadline)
}

// SendTo sends a datagram. On a connected socket an address that is not valid
// means the peer. What the chip says against it is the error of a later call.
func (s *Sockets) SendTo(sockfd int, buf []byte, flags int, to netip.AddrPort, deadline time.Time) (int, error) {
	c := s.core
	c.mu.Lock()
	k, err := c.use(sockfd)
	if err == nil {
		err = checkCall(flags, netdev.MSG_DONTWAIT, deadline)
	}
	n := 0
	switch {
	case err != nil:
	case k.isStream():
		if to.Addr().IsValid() && to != k.remote {
			err = netdev.ErrIsConnected
			break
		}
		n, err = c.sendAll(k, buf, flags, deadline)
	default:
		if to, err = c.receiver(k, to); err == nil {
			n, err = c.sendDatagram(k, to, buf, flags, deadline)
		}
	}
	c.unlock()
	return n, err
}

// receiver returns whom a datagram goes to.
func (c *Core) receiver(k *socket, to netip.AddrPort) (netip.AddrPort, error) {
	if !to.Addr().IsValid() {
		if !k.remote.IsValid() {
			return to, netdev.ErrDestAddrRequired
		}
		return k.remote, nil
	}
	to, err := checkAddr(to)
	if err != nil {
		return to, err
	}
	if to.Addr().IsUnspecified() && c.addr.IsValid() {
		to = netip.AddrPortFrom(c.addr, to.Port())
	}
	switch {
	case k.remote.IsValid() && to != k.remote:
		return to, netdev.ErrIsConnected
	case to.Port() == 0:
		return to, netdev.ErrInvalid
	case k.has(noCast) && to.Addr() == broadcast:
		return to, netdev.ErrAccess
	}
	return to, nil
}

// sendAll waits until all of buf is taken.
func (c *Core) sendAll(k *socket, buf []byte, flags int, deadline time.Time) (n int, err error) {
	if len(buf) == 0 {
		return 0, nil
	}
	if err := c.takeTurn(k, flags, deadline); err != nil {
		return 0, err
	}
	a := c.attempt(k, writable, flags, deadline)
	for {
		m, e := c.sendStream(k, buf[n:])
		if n, err = n+m, e; err != netdev.ErrWouldBlock {
			break
		}
		if err = a.wait(); err != nil {
			break
		}
	}
	a.end()
	k.flags &^= sending
	c.wake(k, turn)
	return n, err
}

// takeTurn waits until no other Send is halfway through.
func (c *Core) takeTurn(k *socket, flags int, deadline time.Time) error {
	if k.has(sending) {
		a := c.attempt(k, turn, flags, deadline)
		defer a.end()
		for k.has(sending) {
			if err := a.wait(); err != nil {
				return err
			}
		}
	}
	k.flags |= sending
	return nil
}

// sendStream takes what there is room for.
func (c *Core) sendStream(k *socket, buf []byte) (int, error) {
	switch {
	case !k.has(connected) || k.has(dialling) && k.err != nil:
		return 0, netdev.ErrNotConnected
	case k.has(shutWrite):
		return 0, netdev.ErrBrokenPipe
	case k.err != nil:
		return 0, k.err
	case k.sendErr != nil:
		return 0, k.sendErr
	}
	n := k.send.Append(c.pool, buf[:min(len(buf), c.room(k, k.send.Len(), k.sendLimit))])
	if n > 0 {
		c.attend(k)
	}
	if n < len(buf) {
		return n, netdev.ErrWouldBlock
	}
	return n, nil
}

// sendDatagram waits until there is room for all of the datagram.
func (c *Core) sendDatagram(k *socket, to netip.AddrPort, buf []byte, flags int, deadline time.Time) (int, error) {
	if !k.has(bound) {
		if err := c.autobind(k, deadline); err != nil {
			return 0, err
		}
	}
	a := c.attempt(k, writable, flags, deadline)
	defer a.end()
	for {
		err := c.takeError(k)
		if err == nil {
			err, k.sendErr = k.sendErr, nil
		}
		if err == nil && k.has(shutWrite) {
			err = netdev.ErrBrokenPipe
		}
		if err == nil {
			err = c.putDatagram(k, buf, to)
		}
		if err == nil {
			return len(buf), nil
		}
		if err != netdev.ErrWouldBlock {
			return 0, err
		}
		if err := a.wait(); err != nil {
			return 0, err
		}
	}
}

// autobind gives a datagram socket a port of its own before its first datagram. It
// gives the lock up.
func (c *Core) autobind(k *socket, deadline time.Time) error {
	ctx, cancel := context.Background(), context.CancelFunc(func() {})
	if !deadline.IsZero() {
		ctx, cancel = context.WithDeadline(ctx, deadline)
	}
	defer cancel()
	err := c.do(ctx, k, func() error {
		return c.bindDatagram(k, netip.AddrPortFrom(netip.IPv4Unspecified(), 0))
	})
	c.mu.Lock()
	switch {
	case k.over() != nil:
		return k.over()
	case k.has(bound):
		return nil // by whomever
	case err == context.DeadlineExceeded:
		return netdev.ErrTimeout
	}
	return err
}

// Recv receives from a stream or a datagram socket.
func (s *Sockets) Recv(sockfd int, buf []byte, flags int, deadline time.Time) (int, error) {
	n, _, err := s.RecvFrom(sockfd, buf, flags, deadline)
	return n, err
}

// RecvFrom receives a datagram and its sender. On a stream the sender is not
// valid.
func (s *Sockets) RecvFrom(sockfd int, buf []byte, flags int, deadline time.Time) (n int, from netip.AddrPort, err error) {
	c := s.core
	c.mu.Lock()
	k, err := c.use(sockfd)
	if err == nil {
		err = checkCall(flags, netdev.MSG_DONTWAIT|netdev.MSG_PEEK, deadline)
	}
	if err == nil && !(k.isStream() && len(buf) == 0) {
		n, from, err = c.recv(k, buf, flags, deadline)
	}
	c.unlock()
	return n, from, err
}

func (c *Core) recv(k *socket, buf []byte, flags int, deadline time.Time) (n int, from netip.AddrPort, err error) {
	a := c.attempt(k, readable, flags, deadline)
	defer a.end()
	for {
		if k.isStream() {
			n, err = c.recvStream(k, buf, flags)
		} else {
			n, from, err = c.takeDatagram(k, buf, flags)
		}
		if err != netdev.ErrWouldBlock {
			a.end()
			c.refill(k)
			return n, from, err
		}
		if err := a.wait(); err != nil {
			return 0, netip.AddrPort{}, err
		}
	}
}

// refill has the chip asked for more for those who still wait.
func (c *Core) refill(k *socket) {
	if k.wanted() {
		c.serveSoon(k)
	}
}

// recvStream moves what there is.
func (c *Core) recvStream(k *socket, buf []byte, flags int) (n int, err error) {
	if !k.has(connected) {
		return 0, netdev.ErrNotConnected
	}
	if k.recv.Len() > 0 {
		if flags&netdev.MSG_PEEK != 0 {
			return k.recv.Peek(buf), nil
		}
		n = k.recv.Read(c.pool, buf)
		c.released()
		return n, nil
	}
	switch {
	case k.has(shutRead | ended):
		return 0, io.EOF
	case k.err != nil:
		return 0, k.err
	}
	return 0, netdev.ErrWouldBlock
}
