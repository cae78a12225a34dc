package wifinina

import (
	"io"
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/nina"
)

// much is how many bytes of a Recv have the next one asked for without a look: with
// more on the way that saves an exchange, and with none it costs one.
const much = 1024

// sendFD sends what the chip has room for.
func (c *chip) sendFD(s *sock, b []byte) (int, error) {
	if s.full {
		ready, err := c.poll(s)
		if err == nil && ready&pollWrite == 0 {
			err = netdev.ErrWouldBlock
		}
		if err != nil {
			return 0, err
		}
	}
	q := c.port.Begin(nina.Send)
	q.Byte(s.num)
	q.Data(b)
	r, err := c.exchange()
	switch {
	case err == nina.ErrRejected:
		return 0, netdev.ErrWouldBlock // the chip has not understood
	case err != nil:
		// How much of it went out nobody knows, and none may go out twice.
		return 0, netdev.ErrConnReset
	}
	n := int(r.Big(0))
	switch {
	case n > len(b):
		return 0, netdev.ErrConnReset
	case n > 0:
		s.full = n < len(b)
		return n, nil
	}
	number, err := c.errno()
	if err != nil {
		return 0, netdev.ErrConnReset
	}
	if s.full = true; number == errnoNone {
		return 0, netdev.ErrWouldBlock
	}
	return 0, c.explain(s, number)
}

// recvFD receives what there is. An end is looked at twice: a request of which the
// bus has made one for no bytes has a reply that is much the same.
func (c *chip) recvFD(s *sock, b []byte) (int, error) {
	if !s.hot {
		if err := c.hasData(s); err != nil {
			return 0, err
		}
	}
	b = b[:min(len(b), maxRead)]
	n, number, err := c.recvOnce(s, b)
	if err != io.EOF {
		return n, err
	}
	// lwIP says "not connected" of an end, and some versions only once.
	told := number == errnoNotConn
	if n, _, err = c.recvOnce(s, b); told && err == netdev.ErrWouldBlock {
		err = io.EOF
	}
	return n, err
}

// recvOnce returns the error's number beside io.EOF.
func (c *chip) recvOnce(s *sock, b []byte) (n int, number byte, err error) {
	q := c.port.Begin(nina.Recv)
	q.Byte(s.num)
	q.Size(uint16(len(b)))
	q.Into(b)
	r, err := c.exchange()
	switch {
	case err == nina.ErrRejected:
		return 0, 0, netdev.ErrWouldBlock
	case err != nil:
		return 0, 0, netdev.ErrConnReset // with what it brought
	}
	n = r.Len()
	if s.hot = n >= much || n > 0 && n == len(b); n > 0 {
		return n, 0, nil
	}
	number, err = c.errno()
	switch {
	case err != nil:
		return 0, 0, netdev.ErrConnReset
	case number == errnoNone || number == errnoNotConn:
		return 0, number, io.EOF
	}
	return 0, number, c.explain(s, number)
}

// hasData is nil where a Recv has something to tell.
func (c *chip) hasData(s *sock) error {
	ready, err := c.poll(s)
	if err == nil && ready&pollRead == 0 {
		err = netdev.ErrWouldBlock
	}
	return err
}

// sendToFD sends a datagram. One whose reply is not understood counts as sent: it
// may be, and datagrams get lost.
func (c *chip) sendToFD(s *sock, b []byte, to netip.AddrPort) error {
	if !s.cast && c.isBroadcast(to.Addr()) {
		if err := c.setOption(s, optBroadcast, true); err != nil {
			return err
		}
		s.cast = true
	}
	q := c.port.Begin(nina.SendTo)
	q.Byte(s.num)
	q.Addr(to.Addr().As4())
	q.Port(to.Port())
	q.Data(b)
	r, err := c.exchange()
	switch {
	case err == nina.ErrRejected:
		return netdev.ErrWouldBlock
	case err == nina.ErrUnclear:
		return nil
	case err != nil:
		return netdev.ErrNetDown
	case int(r.Big(0)) == len(b) && len(b) > 0:
		return nil
	}
	number, err := c.errno()
	if err != nil || number == errnoNone {
		return nil
	}
	return c.explain(s, number)
}

// isBroadcast reports whether a datagram goes to all of the network.
func (c *chip) isBroadcast(a netip.Addr) bool {
	b := a.As4()
	if b == [4]byte{255, 255, 255, 255} {
		return true
	}
	c.mu.Lock()
	p := c.prefix
	c.mu.Unlock()
	if !p.IsValid() || !p.Contains(a) || p.Bits() > 30 {
		return false
	}
	host := ^uint32(0) >> p.Bits()
	return (uint32(b[0])<<24|uint32(b[1])<<16|uint32(b[2])<<8|uint32(b[3]))&host == host
}

// recvFromFD receives a datagram.
func (c *chip) recvFromFD(s *sock, b []byte) (int, netip.AddrPort, error) {
	if err := c.hasData(s); err != nil {
		return 0, netip.AddrPort{}, err
	}
	b = b[:min(len(b), maxRead)]
	q := c.port.Begin(nina.RecvFrom)
	q.Byte(s.num)
	q.Size(uint16(len(b)))
	q.Into(b)
	r, err := c.exchange()
	if err != nil {
		return 0, netip.AddrPort{}, netdev.ErrWouldBlock // and a datagram lost
	}
	n, from := r.Len(), netip.AddrPortFrom(netip.AddrFrom4(r.Addr(0)), r.Little(1))
	if n == 0 {
		number, err := c.errno()
		if err != nil {
			return 0, netip.AddrPort{}, netdev.ErrWouldBlock
		}
		if number != errnoNone {
			return 0, netip.AddrPort{}, c.explain(s, number)
		}
	}
	return n, from, nil
}
