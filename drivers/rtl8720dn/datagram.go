package rtl8720dn

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// Bind binds a datagram socket.
func (c *chip) Bind(id int, port uint16) error { return c.bindPort(id, port) }

// emptyTime is how long the chip has to answer to an empty datagram. A firmware
// whose memory manager returns nothing for nothing never does: it is taken for one
// after maxUnheard of them, since one reply may be lost.
const (
	emptyTime  = 100 * time.Millisecond
	maxUnheard = 2
)

// SendTo sends a datagram. One whose call had no reply may have been sent, and
// counts so: datagrams may be lost.
func (c *chip) SendTo(id int, b []byte, to netip.AddrPort) error {
	if isBroadcast(to.Addr()) && c.fds[id]&mayBroadcast == 0 {
		if err := c.setInt(id, solSocket, soBroadcast, 1); err != nil {
			return datagramError(err)
		}
		c.mark(id, mayBroadcast)
	}
	peer := newSockaddr(to)
	e := c.request(serviceLwIP, lwipSendTo)
	e.Int32(int32(id))
	e.Binary(b)
	e.Int32(msgDontWait)
	e.Binary(peer[:])
	e.Uint32(sockaddrLen)
	timeout := c.config.Timeout
	if len(b) == 0 {
		if c.unheard >= maxUnheard {
			return netdev.ErrNotSupported
		}
		timeout = min(timeout, emptyTime)
	}
	n, err := c.result(timeout, once)
	switch {
	case err != nil && len(b) == 0 && c.booted:
		c.unheard++
		return netdev.ErrNotSupported
	case err == nil && len(b) == 0:
		c.unheard = 0
	}
	if err == nil && n < 0 {
		err = c.cause()
	}
	return datagramError(err)
}

// isBroadcast reports whether an address may be that of a network as a whole. The
// option does no harm where it is not.
func isBroadcast(a netip.Addr) bool { return a.As4()[3] == 255 }

// datagramError is for a socket that stays, whatever became of one datagram.
func datagramError(err error) error {
	switch err {
	case errBus:
		return nil
	case netdev.ErrNoBuffers:
		return netdev.ErrWouldBlock
	}
	return err
}

// RecvFrom returns the next datagram. One that was lost on the way from the chip
// is lost.
func (c *chip) RecvFrom(id int, b []byte) (int, netip.AddrPort, error) {
	n, from, err := c.receive(id, b)
	if err != nil {
		return 0, netip.AddrPort{}, err
	}
	sender, ok := parseSockaddr(from)
	if !ok {
		return 0, netip.AddrPort{}, netdev.ErrWouldBlock
	}
	return n, sender, nil
}

// receive returns the next datagram and its sender's sockaddr, which is valid until
// the next call.
func (c *chip) receive(id int, b []byte) (n int, from []byte, err error) {
	e := c.request(serviceLwIP, lwipRecvFrom)
	e.Int32(int32(id))
	e.Uint32(uint32(len(b)))
	e.Int32(msgDontWait)
	e.Uint32(sockaddrLen)
	e.Uint32(0) // a timeout, which the firmware does not look at
	d, err := c.call(c.config.Timeout, once)
	if err != nil {
		return 0, nil, netdev.ErrWouldBlock
	}
	data, from := d.Binary(), d.Binary()
	d.Uint32() // the address's length
	n = int(d.Int32())
	switch {
	case d.End() != nil:
		return 0, nil, netdev.ErrWouldBlock
	case n < 0:
		if err = c.dry(id); err == errBus {
			err = netdev.ErrWouldBlock
		}
		return 0, nil, err
	case n == 0:
		data = nil // a byte of junk
	}
	c.empty[id] = 0
	if n != len(data) || n > len(b) {
		return 0, nil, netdev.ErrWouldBlock
	}
	return copy(b, data), from, nil
}
