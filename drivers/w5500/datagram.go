package w5500

import (
	"net/netip"

	"github.com/netdev-go/netdev"
)

// udpHeader is what the chip puts before each datagram: address, port, length.
const udpHeader = 8

// maxDatagram is what fits into a frame: the chip does not fragment, and cuts
// what is longer.
const maxDatagram = 1472

// Bind opens a datagram socket.
func (c *chip) Bind(id int, port uint16) error {
	for n := range c.socks {
		if s := &c.socks[n]; s.owner != id && s.mode&0x0F == modeUDP && s.port == port {
			return netdev.ErrAddrInUse
		}
	}
	c.ends[id].port = port
	return c.failed(c.openDatagram(c.socketOf(id)))
}

// openDatagram opens s as its end is to be: for a group, or for none.
func (c *chip) openDatagram(s *socket) error {
	e := &c.ends[s.owner]
	mode := byte(modeUDP)
	if e.group.IsValid() {
		mode |= modeMULTI
		if err := c.close(s); err != nil {
			return err
		}
		c.six = groupMAC(e.group)
		if err := c.write(registers(s.n), snDHAR, c.six[:]); err != nil {
			return err
		}
		if err := c.address4(s, netip.AddrPortFrom(e.group, e.port)); err != nil {
			return err
		}
	}
	return c.open(s, mode, e.port)
}

// groupMAC is the hardware address of a group (RFC 1112 §6.4).
func groupMAC(group netip.Addr) [6]byte {
	a := group.As4()
	return [6]byte{0x01, 0x00, 0x5E, a[1] & 0x7F, a[2], a[3]}
}

// SendTo has the chip find the peer, and send.
func (c *chip) SendTo(id int, b []byte, to netip.AddrPort) error {
	s := c.socketOf(id)
	ip := to.Addr()
	if !ip.Is4() || to.Port() == 0 {
		return netdev.ErrInvalid
	}
	if len(b) > c.config.size(c.config.TxKB, s.n) {
		return netdev.ErrMessageTooLong
	}
	if !ip.IsMulticast() && ip != broadcast && !c.reachable(ip) {
		return netdev.ErrNetUnreachable
	}
	if err := c.progress(s); err != nil {
		return c.failed(err)
	}
	if s.sending || len(b) > int(s.free) {
		return netdev.ErrWouldBlock
	}
	return c.failed(c.sendTo(s, b, to))
}

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

func (c *chip) sendTo(s *socket, b []byte, to netip.AddrPort) error {
	cmd := byte(cmdSEND)
	if to.Addr().IsMulticast() {
		// The chip would ask by ARP who has the group.
		cmd = cmdSENDMAC
		c.six = groupMAC(to.Addr())
		if err := c.write(registers(s.n), snDHAR, c.six[:]); err != nil {
			return err
		}
	}
	if err := c.address4(s, to); err != nil {
		return err
	}
	err := c.transmit(s, b, cmd)
	if err == nil && cmd == cmdSENDMAC {
		c.loopBack(b, s.port, to)
	}
	return err
}

// RecvFrom takes the header off a datagram.
func (c *chip) RecvFrom(id int, b []byte) (int, netip.AddrPort, error) {
	if e := &c.ends[id]; e.looped.IsValid() {
		n, from := e.takeLoop(b)
		return n, from, nil
	}
	s := c.socketOf(id)
	if err := c.ask(s); err != nil {
		return 0, netip.AddrPort{}, c.failed(err)
	}
	if s.waiting == 0 {
		return 0, netip.AddrPort{}, netdev.ErrWouldBlock
	}
	n, from, err := c.recvFrom(s, b)
	return n, from, c.failed(err)
}

func (c *chip) recvFrom(s *socket, b []byte) (int, netip.AddrPort, error) {
	if s.waiting < udpHeader {
		return 0, netip.AddrPort{}, c.partial(s)
	}
	h := c.head[:]
	if err := c.read(rxBuffer(s.n), s.rd, h); err != nil {
		return 0, netip.AddrPort{}, err
	}
	n := int(be16(h[6:]))
	if udpHeader+n > int(s.waiting) {
		return 0, netip.AddrPort{}, c.partial(s)
	}
	from := netip.AddrPortFrom(netip.AddrFrom4([4]byte(h)), be16(h[4:]))
	b = b[:min(n, len(b))]
	if err := c.read(rxBuffer(s.n), s.rd+udpHeader, b); err != nil {
		return 0, netip.AddrPort{}, err
	}
	return len(b), from, c.consume(s, uint16(udpHeader+n))
}

// partial is for a datagram of which the chip has not told all.
func (c *chip) partial(s *socket) error {
	had := s.waiting
	if err := c.look(s); err != nil {
		return err
	}
	if s.waiting > had {
		c.news |= 1 << s.n
		return netdev.ErrWouldBlock
	}
	return errBus
}
