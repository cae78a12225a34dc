package rtl8720dn

import (
	"encoding/binary"
	"net/netip"
)

// sockaddrLen is the size of lwIP's sockaddr_in: its length, which is not looked
// at, the family, the port, the address, and eight bytes of nothing.
const sockaddrLen = 16

const afINET = 2

type sockaddr [sockaddrLen]byte

func newSockaddr(a netip.AddrPort) (s sockaddr) {
	s[1] = afINET
	binary.BigEndian.PutUint16(s[2:], a.Port())
	if ip := a.Addr().Unmap(); ip.Is4() {
		b := ip.As4()
		copy(s[4:], b[:])
	}
	return s
}

// parseSockaddr returns the address, or false where the firmware has not written
// one.
func parseSockaddr(b []byte) (netip.AddrPort, bool) {
	if len(b) < 8 || b[1] != afINET {
		return netip.AddrPort{}, false
	}
	ip, port := parseIP(b[4:]), binary.BigEndian.Uint16(b[2:])
	return netip.AddrPortFrom(ip, port), !ip.IsUnspecified() && port != 0
}

// parseIP returns the address at the front of b, which has four bytes.
func parseIP(b []byte) netip.Addr { return netip.AddrFrom4([4]byte(b[:4])) }

// anyAddr is port at any of the chip's addresses.
func anyAddr(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.IPv4Unspecified(), port)
}
