package w5500

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// maxDatagram is what fits into a frame. The chip knows no fragments: more than
// that goes out as several datagrams, and does not come in.
const maxDatagram = 1472

// udpHeaderLen is what a datagram in the ring begins with: the sender's address
// and port, and the length.
const udpHeaderLen = 8

func (c *Chip) openUDP(s *socket) {
	s.set(srUDP)
	c.bindUDP(s)
}

// bindUDP gives s a socket of Network, which hears what Sn_MR lets through. There is
// none without an address.
func (c *Chip) bindUDP(s *socket) {
	n := c.config.Network
	if n == nil || !c.address.up {
		return
	}
	fd, err := n.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, netdev.IPPROTO_UDP)
	if err != nil {
		return
	}
	local, group := netip.IPv4Unspecified(), s.peer().Addr()
	multi := s.regs[snMR]&mrMulti != 0 && group.IsMulticast()
	switch {
	case multi && s.regs[snMR]&mrUCASTB != 0:
		local = group
	case !multi && s.regs[snMR]&mrBCASTB != 0:
		local = c.address.prefix.Addr()
	}
	n.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_REUSEADDR, true)
	n.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_BROADCAST, true)
	n.SetSockOpt(fd, netdev.IPPROTO_IP, netdev.IP_TTL, int(s.regs[snTTL]))
	n.SetSockOpt(fd, netdev.IPPROTO_IP, netdev.IP_TOS, int(s.regs[snTOS]))
	n.SetSockOpt(fd, netdev.IPPROTO_IP, netdev.IP_MULTICAST_TTL, int(s.regs[snTTL]))
	n.SetSockOpt(fd, netdev.IPPROTO_IP, netdev.IP_MULTICAST_LOOP, false)
	if n.Bind(fd, netip.AddrPortFrom(local, s.reg(snPORT))) != nil {
		n.Close(fd)
		return
	}
	if multi {
		n.JoinGroup(fd, group, "")
	}
	c.take(s, fd)
}

// fillUDP receives datagrams. One that there is no room for is lost.
func (c *Chip) fillUDP(s *socket) {
	buf := &c.scratch
	for s.fd >= 0 {
		n, from, err := c.config.Network.RecvFrom(s.fd, buf[:], netdev.MSG_DONTWAIT, time.Time{})
		if err != nil {
			return
		}
		if n <= maxDatagram {
			c.arriveUDP(s, from, buf[:n])
		}
	}
}

func (c *Chip) arriveUDP(s *socket, from netip.AddrPort, b []byte) {
	if c.rxFree(s) < udpHeaderLen+len(b) {
		return
	}
	var header [udpHeaderLen]byte
	a := from.Addr().Unmap().As4()
	copy(header[:], a[:])
	putWord(header[4:], from.Port())
	putWord(header[6:], uint16(len(b)))
	c.arrive(s, header[:])
	c.arrive(s, b)
	c.arrived(s)
}

// sendUDP sends what SEND has commanded.
func (c *Chip) sendUDP(s *socket, mac bool) {
	s.owed, s.given = true, s.reg(snTX_RD)
	if mac || !c.address.up {
		c.sendFrames(s, mac)
		return
	}
	c.sendDatagrams(s)
}

// nextDatagram returns the next that is to be sent: b's front.
func (c *Chip) nextDatagram(s *socket, b []byte) []byte {
	limit := maxDatagram
	if mss := int(s.reg(snMSSR)); mss > 0 && mss < limit {
		limit = mss
	}
	b = b[:min(limit, int(s.end-s.given))]
	if len(b) > 0 {
		c.txRing(s.n).get(s.given, b)
	}
	return b
}

// sendDatagrams sends through Network. SENDOK comes when the first of them could go
// out: when the hardware address of the next host is known.
func (c *Chip) sendDatagrams(s *socket) {
	var buf [maxDatagram]byte
	to := s.peer()
	if s.fd < 0 || to.Port() == 0 || to.Addr().IsUnspecified() {
		s.owed = false
		c.unreached(s)
		return
	}
	for {
		b := c.nextDatagram(s, buf[:])
		_, err := c.config.Network.SendTo(s.fd, b, netdev.MSG_DONTWAIT, to, time.Time{})
		if err == netdev.ErrWouldBlock {
			return // Network tells when there is room
		}
		if err != nil {
			s.owed = false
			c.unreached(s)
			return
		}
		if s.given += uint16(len(b)); s.given == s.end {
			break
		}
	}
	s.owed = false
	if hop := c.hop(to.Addr()); hop.IsValid() && !c.resolve(s) {
		s.await = hop
		c.unreached(s)
		return
	}
	c.sent(s, intSendOK)
}

// unreached has SEND fail when ARP has had its time.
func (c *Chip) unreached(s *socket) {
	s.due = time.Now().Add(c.arpTimeout())
	c.poke()
}

// resolve puts the hardware address of the next host into Sn_DHAR, and reports
// whether it is known. Without a cable every host's is.
func (c *Chip) resolve(s *socket) bool {
	mac, ok := [6]byte{2, 0, 0, 0, 0, 1}, true
	if c.config.Cable != nil {
		mac, ok = c.config.Cable.lookup(c.hop(s.peer().Addr()))
	}
	if ok {
		copy(s.regs[snDHAR:], mac[:])
	}
	return ok
}

// hop returns whom a packet to dst is given to, or the zero Addr where nobody needs
// to be asked for it.
func (c *Chip) hop(dst netip.Addr) netip.Addr {
	p := c.address.prefix
	switch {
	case dst.IsMulticast() || dst == p.Addr() || dst == broadcast || dst.IsLoopback() || dst == lastOf(p):
		return netip.Addr{}
	case p.Contains(dst):
		return dst
	}
	return c.address.gateway
}

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// lastOf is the broadcast address of a network.
func lastOf(p netip.Prefix) netip.Addr {
	a := p.Addr().As4()
	for i := p.Bits(); i < 32; i++ {
		a[i/8] |= 0x80 >> (i % 8)
	}
	return netip.AddrFrom4(a)
}
