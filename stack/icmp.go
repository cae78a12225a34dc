package stack

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/checksum"
	"github.com/netdev-go/netdev/stack/internal/icmp"
	"github.com/netdev-go/netdev/wire/icmpv4"
	"github.com/netdev-go/netdev/wire/ipv4"
	"github.com/netdev-go/netdev/wire/tcp"
	"github.com/netdev-go/netdev/wire/udp"
)

// Limits of the ICMP errors that are sent (RFC 1812 §4.3.2.8).
const (
	errorsPerSecond = 100
	errorsAtOnce    = 50
)

func (s *Stack) inputICMP(now time.Duration, a *arrival) *forwarded {
	c := &s.counters.ICMP
	c.InMsgs++
	m, err := icmpv4.Parse(a.packet.Payload())
	if err != nil || !m.ChecksumOK() {
		c.InErrors++
		return nil
	}
	s.counters.IP.InDelivers++
	switch t := m.Type(); {
	case t == icmpv4.TypeEcho && a.foreign:
		c.InEchos++
		if s.config.Forward.Echo != nil {
			return s.tell(forwarded{from: netip.AddrPortFrom(a.src, 0), to: netip.AddrPortFrom(a.dst, 0), echo: true, id: m.ID(), seq: m.Seq(), payload: m.Payload()})
		}
	case t == icmpv4.TypeEcho:
		c.InEchos++
		// RFC 1122 §3.2.2.6: to a group one may keep silent.
		if a.unicast() {
			s.sendEchoReply(now, a.dst, a.src, m.ID(), m.Seq(), a.packet.TOS(), m.Payload())
		}
	case t == icmpv4.TypeEchoReply:
		c.InEchoReps++
		s.pong(a.src, m)
	case t.IsError():
		c.InDestUnreachs++
		if fault, ok := icmp.Decode(m); ok {
			s.fault(now, &fault)
		}
	}
	return nil
}

// sendICMP sends a message, and drops it where there is no way or no room. The
// source is src if that is valid, else the address that the way begins at.
func (s *Stack) sendICMP(now time.Duration, src, dst netip.Addr, tos uint8, h icmpv4.Header, data []byte) error {
	way, err := s.route(dst, netip.Addr{})
	if err != nil {
		return err
	}
	if !src.IsValid() {
		src = way.src
	}
	var header [icmpv4.HeaderLen]byte
	h.Emit(header[:])
	m := icmpv4.Message(header[:])
	m.FillChecksumParts(checksum.Of(data))
	err = s.sendIP(now, &way, ipv4.Header{TOS: tos, ID: s.nextID(), TTL: defaultTTL, Protocol: icmpv4.Protocol, Src: src, Dst: dst},
		&payload{header: header[:], data: data})
	if err != nil {
		s.counters.Interface.OutDiscards++
		return err
	}
	s.counters.ICMP.OutMsgs++
	return nil
}

func (s *Stack) sendEchoReply(now time.Duration, from, to netip.Addr, id, seq uint16, tos uint8, data []byte) error {
	err := s.sendICMP(now, from, to, tos, icmpv4.EchoReply(id, seq), data)
	if err == nil {
		s.counters.ICMP.OutEchoReps++
	}
	return err
}

// sendError tells the sender of a packet what is wrong with it, where the rules
// allow that.
func (s *Stack) sendError(now time.Duration, a *arrival, h icmpv4.Header) {
	if icmp.Answerable(a.packet, s.eth.prefix, a.group) {
		s.sendErrorAbout(now, a.packet, a.dst, h)
	}
}

func (s *Stack) sendErrorAbout(now time.Duration, p ipv4.Packet, from netip.Addr, h icmpv4.Header) {
	if !s.icmpRate.Allow(now) {
		return
	}
	if s.sendICMP(now, from, p.Src(), p.TOS()&^3, h, p[:icmp.QuoteLen(p)]) != nil {
		return
	}
	if h.Type == icmpv4.TypeTimeExceeded {
		s.counters.ICMP.OutTimeExcds++
	} else {
		s.counters.ICMP.OutDestUnreachs++
	}
}

// fault tells the socket that sent a packet what an ICMP error says about it.
func (s *Stack) fault(now time.Duration, f *icmp.Fault) {
	q := f.Quote
	src, dst := q.Src(), q.Dst()
	if !s.isLocal(src) && s.config.Forward == nil || q.FragmentOffset() != 0 {
		return
	}
	b := q.Payload()
	switch q.Protocol() {
	case tcp.Protocol:
		// Ports and sequence number are in the 8 bytes that each error quotes.
		if s.streams != nil && len(b) >= 8 {
			s.streams.unreachable(now, *f, src, dst, b)
		}
	case udp.Protocol:
		if len(b) >= udp.HeaderLen {
			local, remote := quotedPorts(src, dst, b)
			s.faultUDP(now, local, remote, f)
		}
	case icmpv4.Protocol:
		if m, err := icmpv4.Parse(b); err == nil && m.Type() == icmpv4.TypeEcho {
			s.pingFailed(dst, m.ID(), m.Seq(), f.Err)
		}
	}
}

func isNoWay(err error) bool {
	return err == netdev.ErrHostUnreachable || err == netdev.ErrNetUnreachable
}

func quotedPorts(src, dst netip.Addr, b []byte) (local, remote netip.AddrPort) {
	return netip.AddrPortFrom(src, uint16(b[0])<<8|uint16(b[1])), netip.AddrPortFrom(dst, uint16(b[2])<<8|uint16(b[3]))
}

// unresolved tells the socket that sent a packet that nobody on the link answers
// for the next hop.
func (s *Stack) unresolved(now time.Duration, b []byte) {
	if p, err := ipv4.ParseQuote(b); err == nil {
		s.fault(now, &icmp.Fault{Err: netdev.ErrHostUnreachable, Hard: true, Quote: p})
	}
}
