package gateway

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/sim/gateway/internal/dhcpd"
)

// A Lease is an address that a board has from the gateway.
type Lease struct {
	MAC     [6]byte
	Addr    netip.Addr
	Name    string // the board's name in DNS, without the domain; "" for none
	Expires time.Time
}

// Leases returns the leases of now, by address.
func (g *Gateway) Leases() []Lease {
	var leases []Lease
	for _, l := range g.dhcp.Leases(time.Now()) {
		leases = append(leases, Lease(l))
	}
	return leases
}

// address and name are the two directions of DNS.
func (g *Gateway) address(name string) (netip.Addr, bool) {
	l, ok, _ := g.dhcp.Find(time.Now(), func(l dhcpd.Lease) bool { return name != "" && l.Name == name })
	if !ok && g.config.Names != nil {
		return g.config.Names(name)
	}
	return l.Addr, ok
}

func (g *Gateway) name(addr netip.Addr) (string, bool) {
	l, ok, _ := g.dhcp.Find(time.Now(), func(l dhcpd.Lease) bool { return l.Addr == addr && l.Name != "" })
	if !ok && g.config.Addrs != nil {
		return g.config.Addrs(addr)
	}
	return l.Name, ok
}
