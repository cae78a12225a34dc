package tcp

import "net/netip"

// Path is what the IP layer needs to know of a segment: the two ends, and the
// fields of the IP header that are the connection's.
type Path struct {
	Local, Remote netip.AddrPort
	TTL           uint8 // 0: the owner's default
	TOS           uint8
	// MayFragment tells that the segment goes out without Don't Fragment, because
	// the path takes less than any MTU that discovery accepts.
	MayFragment bool
}
