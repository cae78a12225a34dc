package wifinina

import (
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/nina"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// What the newer set calls things, after lwIP.
const (
	typeStream, typeDatagram = 1, 2
	protoTCP, protoUDP       = 6, 17

	ctlNonBlocking = 0x8004667E // FIONBIO

	optReuseAddr = 0x0004
	optKeepAlive = 0x0008
	optBroadcast = 0x0020
	optError     = 0x1007

	pollRead, pollWrite, pollFailed = 0x01, 0x02, 0x80
)

// openFD takes a descriptor that does not block. Where the chip has none left but
// should, those are closed that an exchange gone wrong has left there.
func (c *chip) openFD(kind offload.Kind) (byte, error) {
	for swept := false; ; swept = true {
		q := c.port.Begin(nina.Socket)
		if kind == offload.Datagram {
			q.Byte(typeDatagram)
			q.Byte(protoUDP)
		} else {
			q.Byte(typeStream)
			q.Byte(protoTCP)
		}
		r, err := c.exchange()
		if err == nil && r.Byte(0) >= firstFD && r.Byte(0) <= lastFD {
			fd := r.Byte(0)
			if err := c.unblock(fd); err != nil {
				c.closeFD(fd)
				return 0, err
			}
			return fd, nil
		}
		switch {
		case !c.port.Alive():
			return 0, netdev.ErrNetDown
		case swept || err == nil && c.socks.inChip() >= maxSockets:
			return 0, netdev.ErrNoMoreSockets
		}
		c.sweep()
	}
}

// unblock keeps a descriptor from blocking the whole chip.
func (c *chip) unblock(fd byte) error {
	q := c.port.Begin(nina.Ioctl)
	q.Byte(fd)
	q.Uint32(ctlNonBlocking)
	q.Uint32(1)
	r, err := c.exchange()
	if err != nil || len(r.Param(0)) != 4 {
		return netdev.ErrNoMoreSockets
	}
	return nil
}

// sweep closes descriptors of the chip that nobody here knows. Slots of the older set
// have some too, and do not tell which: beside one of those none is closed.
func (c *chip) sweep() {
	if c.socks.inSlots() {
		return
	}
	for fd := byte(firstFD); fd <= lastFD; fd++ {
		if c.socks.find(false, fd) == nil {
			c.closeFD(fd)
		}
	}
}

func (c *chip) closeFD(fd byte) {
	c.port.Begin(nina.Close).Byte(fd)
	c.exchange()
}

// renew gives s another descriptor where it is not known what has become of its own.
func (c *chip) renew(s *sock) error {
	c.closeFD(s.num)
	s.num = none
	fd, err := c.openFD(s.kind)
	if err == nil {
		c.socks.void(false, fd)
		s.num = fd
	}
	return err
}

// call makes an exchange whose reply is 1, or 0 and an error number.
func (c *chip) call(s *sock) error {
	r, err := c.exchange()
	switch {
	case err == nina.ErrUnclear:
		return err
	case err != nil:
		return netdev.ErrNetDown
	case r.Byte(0) == 1:
		return nil
	}
	return c.lastError(s)
}

// bindFD gives a descriptor its port.
func (c *chip) bindFD(s *sock, port uint16, reuse bool) error {
	for try := 0; ; try++ {
		if s.num == none {
			return netdev.ErrNetDown
		}
		err := error(nil)
		if reuse {
			err = c.setOption(s, optReuseAddr, true)
		}
		if err == nil {
			q := c.port.Begin(nina.Bind)
			q.Byte(s.num)
			q.Port(port)
			err = c.call(s)
		}
		if err != nina.ErrUnclear {
			return err
		}
		// A second Bind of the same descriptor may find the port taken by the first.
		if err := c.renew(s); err != nil {
			return err
		}
		if try == 2 {
			return netdev.ErrNetDown
		}
	}
}

// listenFD listens. Connections that a former listener of the port has accepted
// and that still exist are no reason not to.
func (c *chip) listenFD(s *sock, port uint16, backlog int) error {
	if err := c.bindFD(s, port, true); err != nil {
		return err
	}
	q := c.port.Begin(nina.Listen)
	q.Byte(s.num)
	q.Byte(byte(min(backlog, 255)))
	if err := c.call(s); err != nil {
		if err == nina.ErrUnclear {
			return netdev.ErrNetDown
		}
		return err
	}
	s.listening = true
	s.seen = time.Now()
	return nil
}

// setOption switches an option of lwIP's on or off.
func (c *chip) setOption(s *sock, opt uint32, on bool) error {
	q := c.port.Begin(nina.SetSockOpt)
	q.Byte(s.num)
	q.Uint32(opt)
	v := uint32(0)
	if on {
		v = 1
	}
	q.Uint32(v)
	err := c.call(s)
	if err == nina.ErrUnclear {
		return netdev.ErrConnReset
	}
	return err
}
