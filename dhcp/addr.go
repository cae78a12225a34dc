package dhcp

import (
	"net/netip"

	"github.com/netdev-go/netdev/wire/dhcpv4"
)

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// isHost reports whether a may be the address of a host.
func isHost(a netip.Addr) bool {
	if !a.Is4() {
		return false
	}
	first := a.As4()[0]
	return first != 0 && first != 127 && first < 224
}

// prefixOf returns the address that m gives, with the length of its network: that of
// its class where the server tells no mask.
func prefixOf(m dhcpv4.Message) netip.Prefix {
	a := m.YIAddr()
	bits, ok := m.PrefixLen()
	if !ok || bits == 0 {
		switch first := a.As4()[0]; {
		case first < 0x80:
			bits = 8
		case first < 0xc0:
			bits = 16
		default:
			bits = 24
		}
	}
	return netip.PrefixFrom(a, bits)
}

// assignable reports whether p is an address for a host, and not that of its network
// or of all in it.
func assignable(p netip.Prefix) bool {
	if !isHost(p.Addr()) {
		return false
	}
	b := p.Addr().As4()
	host := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	ones := uint32(1)<<(32-p.Bits()) - 1
	// RFC 3021: in a network of two there is neither.
	return p.Bits() >= 31 || host&ones != 0 && host&ones != ones
}

func serverOf(m dhcpv4.Message) (netip.Addr, bool) {
	a, ok := m.ServerID()
	return a, ok && isHost(a)
}

func firstHost(list dhcpv4.Addrs) netip.Addr {
	for i := 0; i < list.Len(); i++ {
		if a := list.At(i); isHost(a) {
			return a
		}
	}
	return netip.Addr{}
}

func addrsOf(list dhcpv4.Addrs, most int) []netip.Addr {
	var addrs []netip.Addr
	for i := 0; i < list.Len() && len(addrs) < most; i++ {
		if a := list.At(i); isHost(a) {
			if addrs == nil {
				addrs = make([]netip.Addr, 0, min(list.Len()-i, most))
			}
			addrs = append(addrs, a)
		}
	}
	return addrs
}
