package rtl8720dn

import (
	"net/netip"

	"github.com/netdev-go/netdev"
)

// Listen has a stream listen.
func (c *chip) Listen(id int, port uint16, backlog int) error {
	// Connections of an earlier listener in TIME-WAIT keep nobody from the port;
	// that no two listen on it is seen to by the Core.
	err := c.setInt(id, solSocket, soReuseAddr, 1)
	if err == nil {
		err = c.bindPort(id, port)
	}
	if err == nil {
		e := c.request(serviceLwIP, lwipListen)
		e.Int32(int32(id))
		e.Int32(int32(min(backlog, maxBacklog)))
		_, err = c.lwip(repeat)
	}
	if err == nil {
		err = c.nonblock(id)
	}
	return err
}

// maxBacklog is what lwIP keeps a backlog in.
const maxBacklog = 255

// Accept returns the next connection.
func (c *chip) Accept(id int) (int, netip.AddrPort, error) {
	var room sockaddr // stays in the chip
	e := c.request(serviceLwIP, lwipAccept)
	e.Int32(int32(id))
	e.Binary(room[:])
	e.Uint32(sockaddrLen)
	d, err := c.call(c.config.Timeout, once)
	if err != nil {
		c.orphans = true
		return -1, netip.AddrPort{}, c.notAccepted(err)
	}
	d.Uint32() // the address's length
	fd := int(d.Int32())
	switch {
	case d.End() != nil:
		c.orphans = true
		return -1, netip.AddrPort{}, c.notAccepted(errBus)
	case fd < 0:
		return -1, netip.AddrPort{}, c.notAccepted(c.dry(id))
	}
	c.empty[id] = 0
	if err := c.keep(fd); err != nil {
		return -1, netip.AddrPort{}, err
	}
	peer, err := c.peer(fd)
	if err != nil {
		c.Close(fd, true)
		return -1, netip.AddrPort{}, c.notAccepted(err)
	}
	return fd, peer, nil
}

// notAccepted leaves a listener as it is, unless the chip has lost it: what
// befell a connection that nobody has yet, or a lack of memory, passes.
func (c *chip) notAccepted(err error) error {
	if !c.booted {
		return netdev.ErrNetDown
	}
	switch err {
	case errBus:
		c.sweep()
	case netdev.ErrWouldBlock, netdev.ErrConnAborted, netdev.ErrConnReset, netdev.ErrNotConnected,
		netdev.ErrNoBuffers, netdev.ErrNoMoreSockets:
	default:
		return err
	}
	return netdev.ErrWouldBlock
}

// nameTries is how often a peer's address is asked for. The firmware has lwIP
// write as many bytes of it as happen to stand in memory that it has not set: none
// at all, or the port and half of the address. After one such call that is likely
// to be the number that it should be.
const nameTries = 4

// peer returns the address of a connection's peer, zeros where it stays unknown,
// or an error if there is no connection any more.
func (c *chip) peer(fd int) (netip.AddrPort, error) {
	var before netip.AddrPort
	for n := 0; n < nameTries; n++ {
		e := c.request(serviceLwIP, lwipGetPeerName)
		e.Int32(int32(fd))
		e.Uint32(sockaddrLen)
		d, err := c.call(c.config.Timeout, repeat)
		if err != nil {
			return netip.AddrPort{}, err
		}
		name := d.Binary()
		d.Uint32() // its length
		result := d.Int32()
		if d.End() != nil {
			return netip.AddrPort{}, errBus
		}
		if result < 0 {
			return netip.AddrPort{}, c.cause()
		}
		peer, ok := parseSockaddr(name)
		// An address that ends with something is whole.
		if ok && (peer.Addr().As4()[3] != 0 || peer == before) {
			return peer, nil
		}
		before = peer
	}
	return anyAddr(0), nil
}
