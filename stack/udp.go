package stack

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/checksum"
	"github.com/netdev-go/netdev/stack/internal/icmp"
	"github.com/netdev-go/netdev/wire/icmpv4"
	"github.com/netdev-go/netdev/wire/ipv4"
	"github.com/netdev-go/netdev/wire/udp"
)

func (s *Stack) inputUDP(now time.Duration, a *arrival) *forwarded {
	c := &s.counters.UDP
	d, err := udp.Parse(a.packet.Payload())
	if err != nil {
		c.InErrors++
		return nil
	}
	if !d.ChecksumOK(a.src, a.dst) {
		c.InErrors++
		c.InCsumErrors++
		return nil
	}
	s.counters.IP.InDelivers++
	from, to := netip.AddrPortFrom(a.src, d.SrcPort()), netip.AddrPortFrom(a.dst, d.DstPort())
	if !a.local && s.link.inputDHCP(s, now, a, from, to, d.Payload()) {
		return nil
	}
	if !a.unicast() {
		s.inputGroup(a, from, to, d.Payload())
		return nil
	}
	if k := s.findUDP(from, to); k != nil {
		c.InDatagrams++
		s.queueDatagram(k, from, d.Payload())
		return nil
	}
	c.NoPorts++
	if f := s.config.Forward; f != nil && f.UDP != nil && !a.local {
		return s.tell(forwarded{from: from, to: to, payload: d.Payload()})
	}
	s.sendError(now, a, icmpv4.Unreachable(icmpv4.CodePortUnreachable))
	return nil
}

// findUDP returns the socket that fits best: connected to the sender, bound to the
// address, bound to the port. Of several that share a port each sender has one.
func (s *Stack) findUDP(from, to netip.AddrPort) *socket {
	var best *socket
	most, alike := 0, uint64(0)
	for k := s.udp.first(to.Port()); k != nil; k = k.next {
		score := k.fits(from, to)
		switch {
		case score == 0 || score < most:
		case score > most:
			best, most, alike = k, score, 1
		case k.has(reusePort):
			if alike++; spread(from)%alike == 0 {
				best = k
			}
		}
	}
	return best
}

// fits returns how well a socket fits a datagram, 0 for not at all.
func (k *socket) fits(from, to netip.AddrPort) int {
	if k.local.Port() != to.Port() || !k.hears(from) {
		return 0
	}
	score := 1
	if !k.local.Addr().IsUnspecified() {
		if k.local.Addr() != to.Addr() {
			return 0
		}
		score += 2
	}
	if k.dgram.remote.IsValid() {
		score += 4
	}
	return score
}

// spread is a number that is a sender's own, of bits that all depend on all of it.
func spread(from netip.AddrPort) uint64 {
	a := from.Addr().As16()
	h := binary.LittleEndian.Uint64(a[:]) ^ bits.RotateLeft64(binary.LittleEndian.Uint64(a[8:]), 16) ^ uint64(from.Port())
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// inputGroup gives a datagram to each socket that hears its group.
func (s *Stack) inputGroup(a *arrival, from, to netip.AddrPort, b []byte) {
	index := ethIndex
	if a.local {
		index = loIndex
	}
	found := false
	for k := s.udp.first(to.Port()); k != nil; k = k.next {
		if k.local.Port() == to.Port() && k.hears(from) && k.inGroup(to.Addr(), index) {
			found = true
			s.queueDatagram(k, from, b)
		}
	}
	if found {
		s.counters.UDP.InDatagrams++
	} else {
		s.counters.UDP.NoPorts++
	}
}

// inGroup reports whether k hears what is sent to a group or to all.
func (k *socket) inGroup(dst netip.Addr, index int) bool {
	if local := k.local.Addr(); !local.IsUnspecified() && local != dst {
		return false
	}
	if !dst.IsMulticast() {
		return true
	}
	for _, j := range k.dgram.groups {
		if j.group == dst && (j.index == index || index == loIndex) {
			return true
		}
	}
	return false
}

// faultUDP tells a connected socket of an ICMP error. Others could not know which
// of their datagrams is meant.
func (s *Stack) faultUDP(now time.Duration, local, remote netip.AddrPort, f *icmp.Fault) {
	for k := s.udp.first(local.Port()); k != nil; k = k.next {
		if k.local != local || k.dgram.remote != remote {
			continue
		}
		if f.MTU != 0 {
			s.eth.paths.Reduce(now, remote.Addr(), f.MTU, s.eth.mtu)
			return
		}
		if f.Hard || isNoWay(f.Err) {
			k.dgram.err = f.Err
			s.wake(k, readable|writable)
		}
		return
	}
}

// sendFrom sends a datagram of a socket.
func (s *Stack) sendFrom(k *socket, to netip.AddrPort, data []byte) error {
	d := k.dgram
	dst := to.Addr()
	h, err := s.routeFor(k, dst)
	if err != nil {
		return err
	}
	group := !h.local && (dst.IsMulticast() || s.eth.isBroadcast(dst))
	if group && !dst.IsMulticast() && d.noBroadcast {
		return netdev.ErrAccess
	}
	ttl := d.hopLimit(dst)
	now := s.now()
	if !group || ttl != 0 {
		if err := s.sendUDP(now, &h, k.local.Port(), to, ttl, d.tos, data); err != nil {
			return err
		}
	}
	if group && !d.noLoop && s.loopsBack(dst, to.Port()) {
		lo := hop{src: h.src, local: true, mtu: h.mtu}
		if s.sendUDP(now, &lo, k.local.Port(), to, ttl, d.tos, data) != nil {
			s.counters.Interface.OutDiscards++ // it was sent, and must not be again
		}
	}
	return nil
}

// hopLimit returns the time to live of packets to dst.
func (d *dgram) hopLimit(dst netip.Addr) uint8 {
	switch {
	case dst.IsMulticast():
		return d.groupTTL
	case d.ttl != 0:
		return d.ttl
	}
	return defaultTTL
}

// sendUDP sends a datagram from port of h's source.
func (s *Stack) sendUDP(now time.Duration, h *hop, port uint16, to netip.AddrPort, ttl, tos uint8, data []byte) error {
	if len(data) > ipv4.MaxLen-ipv4.HeaderLen-udp.HeaderLen {
		return netdev.ErrMessageTooLong
	}
	n := udp.HeaderLen + len(data)
	var header [udp.HeaderLen]byte
	u := udp.Header{SrcPort: port, DstPort: to.Port(), Length: uint16(n)}
	u.Emit(header[:])
	udp.Datagram(header[:]).FillChecksumParts(checksum.Pseudo(h.src, to.Addr(), udp.Protocol, n), checksum.Of(data))
	ip := ipv4.Header{TOS: tos, ID: s.nextID(), TTL: ttl, Protocol: udp.Protocol, Src: h.src, Dst: to.Addr()}
	if err := s.sendIP(now, h, ip, &payload{header: header[:], data: data}); err != nil {
		return err
	}
	s.counters.UDP.OutDatagrams++
	return nil
}

// loopsBack reports whether a socket of ours may hear what goes to a group.
func (s *Stack) loopsBack(dst netip.Addr, port uint16) bool {
	for k := s.udp.first(port); k != nil; k = k.next {
		if k.local.Port() == port && k.inGroup(dst, ethIndex) {
			return true
		}
	}
	return false
}
