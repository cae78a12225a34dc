package wifinina

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/nina"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// Modes of the older set.
const (
	modeTCP       = 0
	modeUDP       = 1
	modeTLS       = 2
	modeMulticast = 3
)

// established is the only state of ClientState that is not 0.
const established = 4

// takeSlot gives s a slot, which the command begun next puts to use.
func (c *chip) takeSlot(s *sock) error {
	if s.num = c.freeSlot(); s.num == none {
		return netdev.ErrNoMoreSockets
	}
	return nil
}

func (c *chip) stopSlot(slot byte) {
	if slot == none {
		return
	}
	c.port.Begin(nina.StopClient).Byte(slot)
	c.exchange()
}

// closeSlot closes a connection or a datagram socket. A listener cannot be closed:
// StopClient would only have the firmware forget that it is there.
func (c *chip) closeSlot(s *sock) {
	if s.listening {
		c.park(s)
		return
	}
	if c.early.slot == s.num && s.kind == offload.Datagram {
		c.early.full = false
	}
	c.stopSlot(s.num)
}

// doubt looks, now and then, whether a slot that is quiet is one of a chip that has
// been reset by itself, which says of it what it says of any other.
func (c *chip) doubt(s *sock) {
	if time.Since(s.seen) >= look {
		s.seen = time.Now()
		c.check()
	}
}

// startServer has a slot listen or receive. What speaks against it the firmware does
// not say.
func (c *chip) startServer(s *sock, port uint16, mode byte) error {
	if err := c.serveSlot(s, port, mode); err != nil || mode == modeTCP {
		return err
	}
	// Who had the slot before may have left something there.
	if n, err := c.available(s.num); err == nil && n > 0 {
		c.readDatagram(s, nil)
	}
	return nil
}

func (c *chip) serveSlot(s *sock, port uint16, mode byte) error {
	if c.socks.inChip()+len(c.parked) >= maxSockets {
		return netdev.ErrNoMoreSockets
	}
	if err := c.takeSlot(s); err != nil {
		return err
	}
	s.seen = time.Now()
	for try := 0; s.num != none; try++ {
		q := c.port.Begin(nina.StartServer)
		if mode == modeMulticast {
			q.Addr(s.group.As4())
		}
		q.Port(port)
		q.Byte(s.num)
		q.Byte(mode)
		r, err := c.exchange()
		switch {
		case mode == modeTCP && (err == nil || err == nina.ErrUnclear):
			// Before 1.5.0 the firmware does not look whether it listens.
			listens, err := c.isServer(s.num)
			switch {
			case listens:
				return nil
			case err == nina.ErrUnclear:
				c.park(s)
				return netdev.ErrNetDown
			}
			c.stopSlot(s.num)
		case err == nil && r.Byte(0) == 1:
			return nil
		case err == nina.ErrUnclear && try < 2:
			c.stopSlot(s.num)
			continue
		}
		s.num = none
		if err == nil {
			return netdev.ErrAddrInUse
		}
	}
	return netdev.ErrNetDown
}

// isServer reports whether a slot listens. One that does and is taken for free would
// have its connections mixed up with those of another, so that it is asked again
// where the answer is not clear.
func (c *chip) isServer(slot byte) (bool, error) {
	if slot == none {
		return false, nil
	}
	for try := 0; ; try++ {
		c.port.Begin(nina.ServerState).Byte(slot)
		r, err := c.exchange()
		if err != nina.ErrUnclear || try == 2 {
			return err == nil && r.Byte(0) == 1, err
		}
	}
}

// bindSlot has a datagram socket receive at a port.
func (c *chip) bindSlot(s *sock, port uint16) error { return c.startServer(s, port, modeUDP) }

// aborted is less than lwIP goes on asking a silent host, and more than a host
// takes that refuses.
const aborted = 15 * time.Second

// connectSlot connects, and waits for it. The firmware chooses the local port.
func (c *chip) connectSlot(s *sock, to netip.AddrPort) error {
	begin := time.Now()
	ok, err := c.startClient(s, "", to, modeTCP)
	switch {
	case ok:
		return nil
	case err != nil:
		return err
	case c.isDown():
		return netdev.ErrNetDown
	case time.Since(begin) >= aborted:
		return netdev.ErrConnTimedOut
	}
	return netdev.ErrConnRefused
}

// startClient connects a slot, and reports whether there is a connection.
func (c *chip) startClient(s *sock, host string, to netip.AddrPort, mode byte) (bool, error) {
	if c.socks.inChip()+len(c.parked) >= maxSockets {
		return false, netdev.ErrNoMoreSockets
	}
	if err := c.takeSlot(s); err != nil {
		return false, err
	}
	c.client(s.num, host, to, mode)
	r, err := c.exchange()
	switch {
	case err == nil && r.Params() == 1 && r.Byte(0) == 1:
		return true, nil
	case err == nina.ErrUnclear:
		if c.isConnected(s) {
			return true, nil
		}
		c.stopSlot(s.num) // unless the firmware has
	}
	s.num = none
	switch err {
	case nil:
		return false, nil
	case nina.ErrUnclear:
		return false, netdev.ErrConnReset
	}
	return false, netdev.ErrNetDown
}

// client begins the request for a peer, of a connection or of a datagram.
func (c *chip) client(slot byte, host string, to netip.AddrPort, mode byte) {
	q := c.port.Begin(nina.StartClient)
	if host != "" {
		q.Text(host)
	}
	q.Addr(to.Addr().As4())
	q.Port(to.Port())
	q.Byte(slot)
	q.Byte(mode)
}

// isConnected asks for the state of a connection, of which the firmware frees the
// slot if there is none: then it is nobody's, and must not be closed by s.
func (c *chip) isConnected(s *sock) bool {
	if s.num == none {
		return false
	}
	c.port.Begin(nina.ClientState).Byte(s.num)
	r, err := c.exchange()
	if err == nil && r.Byte(0) == established {
		return true
	}
	if err == nil {
		s.num = none
	}
	return false
}
