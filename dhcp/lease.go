package dhcp

import (
	"net/netip"
	"time"
)

// How much of a server's lists a lease keeps, unless Config.MaxList says less.
const (
	maxAddrs  = 4 // of DNS, of NTP
	maxRoutes = 16
	maxSearch = 8
)

// Lease is an address and what the server told with it. A field that the server
// said nothing about, or nothing that makes sense, is zero.
type Lease struct {
	Addr      netip.Prefix // the address, with its network's length
	Broadcast netip.Addr
	Router    netip.Addr   // the default router, from classless routes where there are any
	Routes    []Route      // other classless routes (RFC 3442)
	DNS       []netip.Addr // four at most, the preferred one first
	NTP       []netip.Addr // four at most, the preferred one first
	Domain    string       // for names without one; no dot at its end
	Search    []string     // domains to search (RFC 3397), eight at most
	MTU       int          // bytes
	Server    netip.Addr   // who gave the lease

	// When the client asks its server for more time, when it asks any server, and
	// when the lease ends, by the owner's clock. All are 0 on a lease without end.
	T1, T2, Expiry time.Duration
}

// Route is a way to a network.
type Route struct {
	Dst    netip.Prefix
	Router netip.Addr // invalid: Dst is on the link
}

func (l *Lease) expired(now time.Duration) bool {
	return l.Expiry != 0 && now >= l.Expiry
}
