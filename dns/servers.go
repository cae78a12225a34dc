package dns

import "net/netip"

// Servers makes [Config].Servers of a function that returns addresses alone, such
// as the DNSServers of a [netdev.DNSServerLister].
func Servers(addrs func() []netip.Addr) func() []netip.AddrPort {
	return func() []netip.AddrPort {
		servers := addrs()
		list := make([]netip.AddrPort, len(servers))
		for i, a := range servers {
			list[i] = netip.AddrPortFrom(a, 0)
		}
		return list
	}
}
