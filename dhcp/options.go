package dhcp

import (
	"net/netip"

	"github.com/netdev-go/netdev/wire/dhcpv4"
)

// parameters are the options that the client asks for, classless routes before
// routers as RFC 3442 wants it.
const parameters = string(rune(dhcpv4.OptSubnetMask)) +
	string(rune(dhcpv4.OptClasslessRoutes)) +
	string(rune(dhcpv4.OptRouters)) +
	string(rune(dhcpv4.OptDNSServers)) +
	string(rune(dhcpv4.OptDomainName)) +
	string(rune(dhcpv4.OptDomainSearch)) +
	string(rune(dhcpv4.OptInterfaceMTU)) +
	string(rune(dhcpv4.OptBroadcastAddr)) +
	string(rune(dhcpv4.OptNTPServers)) +
	string(rune(dhcpv4.OptLeaseTime)) +
	string(rune(dhcpv4.OptServerID)) +
	string(rune(dhcpv4.OptRenewalTime)) +
	string(rune(dhcpv4.OptRebindingTime))

// newLease returns what the message says of a lease, but for its times.
func (c *Config) newLease(m dhcpv4.Message, server netip.Addr) *Lease {
	l := &Lease{
		Addr:   prefixOf(m),
		DNS:    addrsOf(m.DNSServers(), c.most(maxAddrs)),
		NTP:    addrsOf(m.NTPServers(), c.most(maxAddrs)),
		Domain: c.domainOf(m.DomainName()),
		Search: c.searchOf(m),
		Server: server,
	}
	if a, ok := m.BroadcastAddr(); ok && !a.IsUnspecified() && !a.IsLoopback() {
		l.Broadcast = a
	}
	if mtu, ok := m.InterfaceMTU(); ok {
		l.MTU = int(mtu)
	}
	if !l.addRoutes(m, c.most(maxRoutes)) {
		l.Router = firstHost(m.Routers())
	}
	return l
}

// addRoutes takes the classless routes, and reports whether there are any.
func (l *Lease) addRoutes(m dhcpv4.Message, most int) bool {
	n := 0
	for it := m.Options(); it.Next(); {
		if it.Code() == dhcpv4.OptClasslessRoutes {
			n += len(it.Data())
		}
	}
	if n == 0 {
		return false
	}
	var buf []byte
	if m.Split(dhcpv4.OptClasslessRoutes) {
		buf = make([]byte, n)
	}
	list, _ := m.Join(dhcpv4.OptClasslessRoutes, buf)
	routes := dhcpv4.Routes(list)
	any := false
	for dst, router, ok := routes.Next(); ok; dst, router, ok = routes.Next() {
		switch {
		case dst.Bits() == 0 && isHost(router):
			any = true
			if !l.Router.IsValid() {
				l.Router = router
			}
		case router.IsUnspecified():
			any = true
			l.route(Route{Dst: dst.Masked()}, most)
		case isHost(router):
			any = true
			l.route(Route{Dst: dst.Masked(), Router: router}, most)
		}
	}
	return any
}

func (l *Lease) route(r Route, most int) {
	if len(l.Routes) < most {
		if l.Routes == nil {
			l.Routes = make([]Route, 0, min(most, 2))
		}
		l.Routes = append(l.Routes, r)
	}
}

// digestOf hashes (FNV-1a) all that newLease reads, so that a renewal which changes
// nothing is known without making a lease of it.
func (c *Client) digestOf(m dhcpv4.Message) uint64 {
	h := uint64(14695981039346656037)
	add := func(b byte) { h = (h ^ uint64(b)) * 1099511628211 }
	for _, b := range c.addr.As4() {
		add(b)
	}
	for _, b := range c.server.As4() {
		add(b)
	}
	for it := m.Options(); it.Next(); {
		switch it.Code() {
		case dhcpv4.OptSubnetMask, dhcpv4.OptClasslessRoutes, dhcpv4.OptRouters,
			dhcpv4.OptDNSServers, dhcpv4.OptDomainName, dhcpv4.OptDomainSearch,
			dhcpv4.OptInterfaceMTU, dhcpv4.OptBroadcastAddr, dhcpv4.OptNTPServers:
			add(byte(it.Code()))
			add(byte(len(it.Data())))
			for _, b := range it.Data() {
				add(b)
			}
		}
	}
	return h
}
