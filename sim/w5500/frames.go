package w5500

import (
	"net/netip"

	"github.com/netdev-go/netdev/wire/arp"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/icmpv4"
	"github.com/netdev-go/netdev/wire/ipv4"
	"github.com/netdev-go/netdev/wire/udp"
)

// The longest and the shortest frame, without FCS.
const (
	maxFrame = 1514
	minFrame = 60
)

// frame is one from the cable.
func (c *Chip) frame(b []byte) {
	f, err := ethernet.Parse(b)
	if err != nil {
		return
	}
	if s := &c.sockets[0]; s.state() == srMACRAW && c.lets(s, f) {
		c.arriveRaw(s, b)
	}
	switch f.Type() {
	case ethernet.TypeARP:
		if p, err := arp.Parse(f.Payload()); err == nil {
			c.told(p)
		}
	case ethernet.TypeIPv4:
		p, err := ipv4.Parse(f.Payload())
		if err != nil || p.IsFragment() || !p.ChecksumOK() {
			return
		}
		switch {
		case p.Protocol() == udp.Protocol && !c.address.up:
			c.broadcastArrived(p)
		case p.Protocol() == icmpv4.Protocol:
			c.icmpArrived(p)
		}
	}
}

// lets reports whether a frame passes the filters of a MACRAW socket.
func (c *Chip) lets(s *socket, f ethernet.Frame) bool {
	mode, dst := s.regs[snMR], f.Dst()
	switch {
	case mode&mrMIP6B != 0 && f.Type() == ethernet.TypeIPv6:
		return false
	case ethernet.IsBroadcast(dst):
		return mode&mrBCASTB == 0
	case ethernet.IsMulticast(dst):
		return mode&mrMMB == 0
	}
	return mode&mrMFEN == 0 || dst == [6]byte(c.common[regSHAR:])
}

// arriveRaw puts a frame into the ring behind its length, which counts itself.
func (c *Chip) arriveRaw(s *socket, b []byte) {
	n := max(len(b), minFrame)
	if n > maxFrame || c.rxFree(s) < 2+n {
		return
	}
	var header [2]byte
	putWord(header[:], uint16(2+n))
	c.arrive(s, header[:])
	c.arrive(s, b)
	c.arrive(s, make([]byte, n-len(b)))
	c.arrived(s)
}

// sendRaw sends a frame as the MCU has made it.
func (c *Chip) sendRaw(s *socket) {
	n := int(s.end - s.reg(snTX_RD))
	if n < ethernet.HeaderLen || n > maxFrame {
		c.abuse("a frame of an impossible length")
		c.sent(s, intSendOK)
		return
	}
	b := make([]byte, max(n, minFrame))
	c.txRing(0).get(s.reg(snTX_RD), b[:n])
	c.config.Cable.send(b)
	c.sent(s, intSendOK)
}

// told is for an ARP packet: somebody's hardware address, or a claim on ours.
func (c *Chip) told(p arp.Packet) {
	if c.address.up && p.SenderIP() == c.address.prefix.Addr() && p.SenderHW() != [6]byte(c.common[regSHAR:]) {
		c.common[regIR] |= irConflict
	}
	for i := range c.sockets {
		if s := &c.sockets[i]; s.sending && s.await.IsValid() && s.await == p.SenderIP() {
			c.resolve(s)
			c.sent(s, intSendOK)
		}
	}
}

// broadcastArrived is for a datagram while there is no address: only a broadcast can
// be meant for the chip.
func (c *Chip) broadcastArrived(p ipv4.Packet) {
	d, err := udp.Parse(p.Payload())
	if err != nil || p.Dst() != broadcast || !d.ChecksumOK(p.Src(), p.Dst()) {
		return
	}
	for i := range c.sockets {
		s := &c.sockets[i]
		if s.state() == srUDP && s.reg(snPORT) == d.DstPort() && s.regs[snMR]&mrBCASTB == 0 {
			c.arriveUDP(s, netip.AddrPortFrom(p.Src(), d.SrcPort()), d.Payload())
		}
	}
}

// icmpArrived sets UIPR and UPORTR for an unreachable message.
func (c *Chip) icmpArrived(p ipv4.Packet) {
	m, err := icmpv4.Parse(p.Payload())
	if err != nil || m.Type() != icmpv4.TypeUnreachable {
		return
	}
	q, err := ipv4.ParseQuote(m.Quote())
	if err != nil || q.Protocol() != udp.Protocol || len(q.Payload()) < 4 || q.Src() != c.address.prefix.Addr() {
		return
	}
	dst := q.Dst4()
	copy(c.common[regUIPR:], dst[:])
	copy(c.common[regUPORTR:], q.Payload()[2:4])
	c.common[regIR] |= irUnreach
}

// sendFrames sends datagrams without Network: from before there is an address, and
// to a hardware address that the MCU knows.
func (c *Chip) sendFrames(s *socket, mac bool) {
	var buf [maxDatagram]byte
	to := s.peer()
	hw := ethernet.Broadcast
	if mac || s.regs[snMR]&mrMulti != 0 {
		hw = [6]byte(s.regs[snDHAR:])
	} else if to.Addr() != broadcast {
		hw = [6]byte{}
	}
	if c.config.Cable == nil || hw == ([6]byte{}) {
		s.owed = false
		c.unreached(s)
		return
	}
	for {
		b := c.nextDatagram(s, buf[:])
		c.sendFrame(s, hw, to, b)
		if s.given += uint16(len(b)); s.given == s.end {
			break
		}
	}
	c.sent(s, intSendOK)
}

func (c *Chip) sendFrame(s *socket, hw [6]byte, to netip.AddrPort, data []byte) {
	const headers = ethernet.HeaderLen + ipv4.HeaderLen + udp.HeaderLen
	src := netip.AddrFrom4([4]byte(c.common[regSIPR:]))
	b := make([]byte, max(headers+len(data), minFrame))
	eth := ethernet.Header{Dst: hw, Src: [6]byte(c.common[regSHAR:]), Type: ethernet.TypeIPv4}
	at := eth.Emit(b)
	ip := ipv4.Header{
		TOS: s.regs[snTOS], TotalLen: headers - ethernet.HeaderLen + len(data), ID: uint16(c.rng.Uint32()),
		TTL: s.regs[snTTL], Protocol: udp.Protocol, Src: src, Dst: to.Addr(),
	}
	at += ip.Emit(b[at:])
	u := udp.Header{SrcPort: s.reg(snPORT), DstPort: to.Port(), Length: uint16(udp.HeaderLen + len(data))}
	u.Emit(b[at:])
	d := udp.Datagram(b[at : at+udp.HeaderLen+len(data)])
	copy(d.Payload(), data)
	d.FillChecksum(src, to.Addr())
	c.config.Cable.send(b)
}
