package dhcpv4

import "net/netip"

// Addrs is a list of addresses, as a part of a message. The nil list is empty.
type Addrs []byte

// Len returns how many addresses there are. Bytes that are not a whole one do not
// count.
func (a Addrs) Len() int { return len(a) / 4 }

// At returns the address at i, which is less than Len, or it panics.
func (a Addrs) At(i int) netip.Addr { return addrAt(a[4*i : 4*i+4]) }

// Routes is the list of [OptClasslessRoutes], as [Message.Join] returns it
// (RFC 3442). A client that gets one passes over [Message.Routers].
type Routes []byte

// Next takes the first route off the list. A router of 0.0.0.0 stands for the
// link itself. It returns false at the end, and where the rest is no route.
func (r *Routes) Next() (dst netip.Prefix, router netip.Addr, ok bool) {
	b := *r
	*r = nil
	if len(b) == 0 || b[0] > 32 {
		return dst, router, false
	}
	bits := int(b[0])
	n := (bits + 7) / 8
	if len(b) < 1+n+4 {
		return dst, router, false
	}
	var addr [4]byte
	copy(addr[:], b[1:1+n])
	*r = b[1+n+4:]
	// RFC 3442: bits behind the mask are cleared.
	return netip.PrefixFrom(netip.AddrFrom4(addr), bits).Masked(), addrAt(b[1+n : 1+n+4]), true
}
