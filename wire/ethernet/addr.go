package ethernet

import "net/netip"

// Broadcast is the address of every station.
var Broadcast = [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// IsBroadcast tells whether addr is [Broadcast].
func IsBroadcast(addr [6]byte) bool {
	return addr[0]&addr[1]&addr[2]&addr[3]&addr[4]&addr[5] == 0xff
}

// IsMulticast tells whether addr is that of a group, of which [Broadcast] is one.
func IsMulticast(addr [6]byte) bool { return addr[0]&1 != 0 }

// IsLocal tells whether addr was given by whoever runs the network, and not by a
// manufacturer.
func IsLocal(addr [6]byte) bool { return addr[0]&2 != 0 }

// Multicast returns the address to which frames for an IP multicast group go
// (RFC 1112 §6.4, RFC 2464 §7). For an address of no group it has no meaning.
func Multicast(group netip.Addr) [6]byte {
	a := group.As16()
	if group.Is4() || group.Is4In6() {
		return [6]byte{0x01, 0x00, 0x5e, a[13] & 0x7f, a[14], a[15]}
	}
	return [6]byte{0x33, 0x33, a[12], a[13], a[14], a[15]}
}
