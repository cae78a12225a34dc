package icmp

import (
	"net/netip"

	"github.com/netdev-go/netdev/wire/icmpv4"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// Answerable tells whether an ICMP error may be sent about p, that came in on an
// interface with the address and network own; group tells that the frame it came
// in was sent to more than one station. An error is never sent about an ICMP
// error, about what went to more than one host, about any fragment but the first,
// and to who is no single host (RFC 1122 §3.2.2).
func Answerable(p ipv4.Packet, own netip.Prefix, group bool) bool {
	if group || p.FragmentOffset() != 0 {
		return false
	}
	src, dst := p.Src(), p.Dst()
	if !single(src, own) || dst.IsMulticast() || broadcast(dst, own) {
		return false
	}
	if src.IsLoopback() && !dst.IsLoopback() && !own.Addr().IsLoopback() {
		return false
	}
	if p.Protocol() != icmpv4.Protocol {
		return true
	}
	m := p.Payload()
	return len(m) > 0 && !icmpv4.Type(m[0]).IsError()
}

// single tells whether a is the address of one host.
func single(a netip.Addr, own netip.Prefix) bool {
	b := a.As4()
	// Network 0 is this network, and 240 on are reserved (RFC 1122 §3.2.1.3).
	return b[0] != 0 && b[0] < 224 && !broadcast(a, own)
}

// broadcast tells whether a is the broadcast address of everybody or of the network
// own, whose last two addresses are those of hosts if it has no more (RFC 3021).
func broadcast(a netip.Addr, own netip.Prefix) bool {
	b := a.As4()
	if b == [4]byte{255, 255, 255, 255} {
		return true
	}
	if own.Bits() > 30 || !own.Contains(a) {
		return false
	}
	for bit := own.Bits(); bit < 32; bit++ {
		if b[bit/8]&(0x80>>(bit%8)) == 0 {
			return false
		}
	}
	return true
}

// QuoteLen returns how much of p an error about it quotes.
func QuoteLen(p ipv4.Packet) int { return min(len(p), icmpv4.MaxQuoteLen) }
