package wifinina

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/nina"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// acceptFD fetches a connection, if there is a descriptor for it: lwIP would drop
// one that there is none for.
func (c *chip) acceptFD(s *sock) (int, netip.AddrPort, error) {
	if c.socks.inChip() >= maxSockets {
		return -1, netip.AddrPort{}, netdev.ErrWouldBlock
	}
	ready, err := c.poll(s)
	if err == nil && ready&pollRead == 0 {
		err = netdev.ErrWouldBlock
	}
	if err != nil {
		return -1, netip.AddrPort{}, err
	}
	c.port.Begin(nina.Accept).Byte(s.num)
	r, err := c.exchange()
	switch {
	case err != nil:
		c.sweep() // of a connection that was accepted and that nobody was told of
		return -1, netip.AddrPort{}, netdev.ErrWouldBlock
	case r.Byte(0) < firstFD || r.Byte(0) > lastFD:
		n, err := c.errno()
		if err == nil && n == errnoBadFD {
			return -1, netip.AddrPort{}, c.explain(s, n)
		}
		return -1, netip.AddrPort{}, netdev.ErrWouldBlock // the connection has died already
	}
	fd, peer := r.Byte(0), netip.AddrPortFrom(netip.AddrFrom4(r.Addr(1)), r.Little(2))
	id, err := c.add(offload.Stream, false, fd)
	if err == nil {
		if err = c.unblock(fd); err == nil {
			return id, peer, nil
		}
		c.socks[id] = sock{}
	}
	c.closeFD(fd)
	return -1, netip.AddrPort{}, netdev.ErrWouldBlock
}

// connectFD begins to connect.
func (c *chip) connectFD(s *sock, local uint16, to netip.AddrPort) error {
	if err := c.bindFD(s, local, false); err != nil {
		return err
	}
	q := c.port.Begin(nina.Connect)
	q.Byte(s.num)
	q.Addr(to.Addr().As4())
	q.Port(to.Port())
	r, err := c.exchange()
	switch {
	case err != nil:
		return netdev.ErrConnReset
	case r.Byte(0) == 1:
		return nil
	}
	n, err := c.errno()
	if err != nil {
		return netdev.ErrConnReset
	}
	if n == errnoIsConn {
		return nil // a repetition, of one that was quick
	}
	if n == errnoAgain {
		n = errnoInProgress
	}
	s.dialling = n == errnoInProgress || n == errnoAlready
	s.seen = time.Now()
	return c.explainDial(s, n)
}

// connectedFD looks whether a connection has been made.
func (c *chip) connectedFD(s *sock) error {
	ready, err := c.poll(s)
	if err == netdev.ErrWouldBlock || err == nil && ready&(pollRead|pollWrite) == 0 {
		return netdev.ErrInProgress
	}
	if err != nil {
		return err
	}
	s.dialling = false
	q := c.port.Begin(nina.GetSockOpt)
	q.Byte(s.num)
	q.Uint32(optError)
	q.Byte(4)
	r, err := c.exchange()
	switch {
	case err == nina.ErrUnclear:
		// The error is told once only. There is none where there is a peer.
		if c.hasPeer(s) {
			return nil
		}
		return netdev.ErrConnReset
	case err != nil:
		return netdev.ErrNetDown
	case len(r.Param(0)) != 4:
		return c.lastError(s)
	case r.Uint32(0) == errnoNone:
		return nil
	}
	err = c.explainDial(s, byte(r.Uint32(0)))
	s.dialling = err == netdev.ErrInProgress
	return err
}

func (c *chip) hasPeer(s *sock) bool {
	c.port.Begin(nina.GetPeerName).Byte(s.num)
	r, err := c.exchange()
	return err == nil && r.Byte(0) == 1
}
