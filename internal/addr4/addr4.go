// Package addr4 writes addresses into the 4-byte fields of IPv4's protocols.
package addr4

import "net/netip"

// Put writes a onto the first 4 bytes of b: an IPv4 address, or what is mapped into
// IPv6 of one, as it is, and any other, the zero Addr among them, as 0.0.0.0. It
// panics if b is shorter.
func Put(b []byte, a netip.Addr) {
	var v [4]byte
	if a.Is4() || a.Is4In6() {
		v = a.As4()
	}
	*(*[4]byte)(b) = v
}
