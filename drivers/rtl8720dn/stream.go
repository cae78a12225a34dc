package rtl8720dn

import (
	"encoding/binary"
	"io"
	"net/netip"

	"github.com/netdev-go/netdev"
)

// nonblock has accept and connect return at once. What moves data says so with
// each call.
func (c *chip) nonblock(id int) error {
	e := c.request(serviceLwIP, lwipFcntl)
	e.Int32(int32(id))
	e.Int32(fSETFL)
	e.Int32(oNONBLOCK)
	_, err := c.lwip(repeat)
	return err
}

// bindPort binds a socket.
func (c *chip) bindPort(id int, port uint16) error {
	to := newSockaddr(anyAddr(port))
	e := c.request(serviceLwIP, lwipBind)
	e.Int32(int32(id))
	e.Binary(to[:])
	e.Uint32(sockaddrLen)
	_, err := c.lwip(once)
	return err
}

// Connect begins to connect.
func (c *chip) Connect(id int, local uint16, to netip.AddrPort, host string) error {
	err := c.bindPort(id, local)
	if err == netdev.ErrAddrInUse {
		// The port may be that of a connection in TIME-WAIT.
		if err = c.setInt(id, solSocket, soReuseAddr, 1); err == nil {
			err = c.bindPort(id, local)
		}
	}
	if err == nil {
		err = c.nonblock(id)
	}
	if err == nil {
		peer := newSockaddr(to)
		e := c.request(serviceLwIP, lwipConnect)
		e.Int32(int32(id))
		e.Binary(peer[:])
		e.Uint32(sockaddrLen)
		_, err = c.lwip(once)
	}
	return connectError(err)
}

// Connected asks for what has become of it.
func (c *chip) Connected(id int) error {
	e := c.request(serviceLwIP, lwipGetSockOpt)
	e.Int32(int32(id))
	e.Int32(solSocket)
	e.Int32(soError)
	var value [4]byte
	e.Binary(value[:])
	e.Uint32(uint32(len(value)))
	d, err := c.call(c.config.Timeout, repeat)
	if err != nil {
		return connectError(err)
	}
	b := d.Binary()
	d.Uint32() // its length
	n := d.Int32()
	switch {
	case d.End() != nil || n >= 0 && len(b) != len(value):
		return connectError(errBus)
	case n < 0:
		return connectError(c.cause())
	}
	switch n := int(int32(binary.LittleEndian.Uint32(b))); n {
	case 0:
		return nil
	case eAGAIN:
		return netdev.ErrInProgress
	default:
		return connectError(errnoError(n))
	}
}

// Send sends what lwIP has room for.
func (c *chip) Send(id int, b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil // the firmware does not answer to nothing
	}
	e := c.request(serviceLwIP, lwipSend)
	e.Int32(int32(id))
	e.Binary(b)
	e.Int32(msgDontWait)
	n, err := c.lwip(once)
	switch {
	case err == errBus, n > len(b):
		// There is no telling what it has sent. For the chip nothing has happened, so
		// that receiving must end here too.
		c.mark(id, isBroken)
		return 0, netdev.ErrConnReset
	case err != nil:
		return 0, c.streamError(err)
	}
	return n, nil
}

// Recv receives what there is. Beside nothing the firmware sends a byte of junk.
func (c *chip) Recv(id int, b []byte) (int, error) {
	if c.fds[id]&isBroken != 0 {
		return 0, netdev.ErrConnReset
	}
	e := c.request(serviceLwIP, lwipRecv)
	e.Int32(int32(id))
	e.Uint32(uint32(len(b)))
	e.Int32(msgDontWait)
	e.Uint32(0) // a timeout, which the firmware does not look at
	d, err := c.call(c.config.Timeout, once)
	if err != nil {
		return 0, c.streamError(err)
	}
	data := d.Binary()
	n := int(d.Int32())
	switch {
	case d.End() != nil:
		return 0, netdev.ErrConnReset
	case n == 0:
		return 0, io.EOF
	case n < 0:
		return 0, c.streamError(c.dry(id))
	case n != len(data) || n > len(b):
		return 0, netdev.ErrConnReset
	}
	c.empty[id] = 0
	return copy(b, data), nil
}

// CloseWrite sends a FIN behind what was sent.
func (c *chip) CloseWrite(id int) error {
	e := c.request(serviceLwIP, lwipShutdown)
	e.Int32(int32(id))
	e.Int32(shutWrite)
	_, err := c.lwip(repeat)
	if err == netdev.ErrNotConnected {
		return nil // made twice, or the connection has ended: Recv tells
	}
	return c.streamError(err)
}
