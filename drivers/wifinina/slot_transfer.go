package wifinina

import (
	"io"
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/nina"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// maxSlotRead is the most that a read is asked for: the firmware writes as much
// behind a head of 5 bytes, whatever room there is.
const maxSlotRead = maxRead

// sendSlot sends what the chip has room for. 0 is a full buffer, or an error.
func (c *chip) sendSlot(s *sock, b []byte) (int, error) {
	if s.held > 0 {
		b = b[:min(len(b), s.held)]
	}
	q := c.port.Begin(nina.WriteClient)
	q.Byte(s.num)
	q.Data(b)
	r, err := c.exchange()
	switch {
	case err == nina.ErrRejected:
		return 0, netdev.ErrWouldBlock
	case err != nil:
		return 0, netdev.ErrConnReset
	}
	n := int(r.Little(0))
	switch {
	case n > len(b):
		return 0, netdev.ErrConnReset
	case n > 0:
		s.held = 0
		return n, nil
	}
	if c.isConnected(s) {
		if s.kind == offload.TLS {
			// mbedTLS has made records of it, and says how much is done of what it is
			// given next as if it were the same.
			s.held = len(b)
		}
		return 0, netdev.ErrWouldBlock
	}
	return 0, netdev.ErrConnReset
}

// recvSlot receives what there is. The state is only asked for where there is
// nothing: the firmware frees the slot of a connection that has ended.
func (c *chip) recvSlot(s *sock, b []byte) (int, error) {
	n, err := c.available(s.num)
	if err != nil {
		return 0, netdev.ErrWouldBlock
	}
	if n > 0 {
		n, err = c.read(s.num, b[:min(n, len(b), maxSlotRead)])
		switch {
		case err == nina.ErrRejected:
			return 0, netdev.ErrWouldBlock
		case err != nil:
			return 0, netdev.ErrConnReset
		case n > 0:
			return n, nil
		}
	}
	if c.isConnected(s) || s.num != none {
		return 0, netdev.ErrWouldBlock
	}
	// The firmware closes connections when it has lost its network, too.
	if c.isDown() {
		return 0, netdev.ErrNetDown
	}
	return 0, io.EOF
}

// available returns how many bytes a read would bring.
func (c *chip) available(slot byte) (int, error) {
	q := c.port.Begin(nina.Available)
	q.Byte(slot)
	q.Byte(0)
	r, err := c.exchange()
	if err != nil {
		return 0, err
	}
	return int(r.Little(0)), nil
}

func (c *chip) read(slot byte, b []byte) (int, error) {
	q := c.port.Begin(nina.ReadClient)
	q.Byte(slot)
	q.Size(uint16(len(b)))
	q.Into(b)
	r, err := c.exchange()
	if err != nil {
		return 0, err
	}
	return r.Len(), nil
}

// An early datagram had to be fetched before its time.
type early struct {
	full bool
	slot byte
	n    int
	from netip.AddrPort
	b    []byte
}

// sendToSlot sends a datagram: its receiver, its bytes, and off. The firmware keeps
// the receiver where it has the sender of a datagram that waits to be read, which
// is therefore read first.
func (c *chip) sendToSlot(s *sock, b []byte, to netip.AddrPort) error {
	if len(b) > maxDatagram {
		return netdev.ErrMessageTooLong
	}
	if n, err := c.available(s.num); err == nil && n > 0 {
		c.fetch(s)
	}
	if s.num == none {
		return netdev.ErrNetDown
	}
	c.client(s.num, "", to, modeUDP)
	if r, err := c.exchange(); err != nil || r.Params() != 1 {
		return c.unsent(err)
	}
	if len(b) > 0 {
		q := c.port.Begin(nina.AppendPacket)
		q.Byte(s.num)
		q.Data(b)
		if r, err := c.exchange(); err != nil || r.Byte(0) != 1 {
			return c.unsent(err)
		}
	}
	c.port.Begin(nina.SendPacket).Byte(s.num)
	r, err := c.exchange()
	switch {
	case err == nil && r.Byte(0) == 1, err == nina.ErrUnclear:
		return nil
	}
	return c.unsent(err)
}

// unsent is the error of a datagram that the firmware would not have, of which it
// tells no reason. None of it was sent.
func (c *chip) unsent(err error) error {
	switch {
	case err == nina.ErrUnclear || err == nina.ErrRejected:
		return netdev.ErrWouldBlock
	case err != nil || c.isDown():
		return netdev.ErrNetDown
	}
	return netdev.ErrHostUnreachable
}

// fetch reads a datagram that stands in the way. Only one is kept.
func (c *chip) fetch(s *sock) {
	if c.early.b == nil {
		c.early.b = make([]byte, maxDatagram)
	}
	if n, from, err := c.readDatagram(s, c.early.b); err == nil {
		c.early.full, c.early.slot, c.early.n, c.early.from = true, s.num, n, from
	}
}

// recvFromSlot receives a datagram.
func (c *chip) recvFromSlot(s *sock, b []byte) (int, netip.AddrPort, error) {
	if e := &c.early; e.full && e.slot == s.num {
		e.full = false
		return copy(b, e.b[:e.n]), e.from, nil
	}
	n, from, err := c.readDatagram(s, b)
	if err != nil {
		c.doubt(s)
	}
	return n, from, err
}

// readDatagram reads a datagram whole, since the firmware would tell its rest as the
// next one.
func (c *chip) readDatagram(s *sock, b []byte) (int, netip.AddrPort, error) {
	size, err := c.available(s.num)
	if err != nil || size == 0 {
		return 0, netip.AddrPort{}, netdev.ErrWouldBlock
	}
	c.port.Begin(nina.RemoteAddr).Byte(s.num)
	r, err := c.exchange()
	if err != nil {
		return 0, netip.AddrPort{}, netdev.ErrWouldBlock
	}
	from := netip.AddrPortFrom(netip.AddrFrom4(r.Addr(0)), r.Big(1))
	n := 0
	if b = b[:min(len(b), size, maxSlotRead)]; len(b) > 0 {
		n, err = c.read(s.num, b)
	}
	for size -= n; err == nil && size > 0; {
		var more int
		if more, err = c.read(s.num, c.rest[:min(size, len(c.rest))]); more == 0 {
			break
		}
		size -= more
	}
	if err != nil || n < len(b) || n == 0 {
		return 0, netip.AddrPort{}, netdev.ErrWouldBlock // and a datagram lost
	}
	return n, from, nil
}
