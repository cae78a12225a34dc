package icmp

import (
	"net/netip"

	"github.com/netdev-go/netdev/wire/ipv4"
)

// Answerable tells whether an ICMP error may be sent about p, that came in on an
// interface with the address own, in a frame that was for the station alone or
// for a group of them. It is never sent about an ICMP error, about what went to
// more than one host, about any fragment but the first, and to who is no single
// host.
func Answerable(p ipv4.Packet, own netip.Prefix, group bool) bool { return false }

// QuoteLen returns how much of p an error about it quotes.
func QuoteLen(p ipv4.Packet) int { return 0 }
