package stack

import (
	"context"
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/dns"
)

func (s *Stack) newResolver() *dns.Client {
	c := s.config.dns()
	c.Device, c.Servers, c.Search = s, dns.Servers(s.DNSServers), s.searchDomains
	c.Hosts = []dns.Host{{Name: "localhost", Addrs: []netip.Addr{loopback}}}
	c.Rand, c.Now = s.rand32, s.clock.Now
	return dns.New(c)
}

func (s *Stack) rand32() uint32 {
	s.lock()
	defer s.mu.Unlock()
	return uint32(s.rand())
}

// DNSServers returns the name servers of the configuration, or else of the lease.
func (s *Stack) DNSServers() []netip.Addr {
	s.lock()
	defer s.mu.Unlock()
	servers := s.config.DNS
	if lease := s.link.lease(); len(servers) == 0 && lease != nil {
		servers = lease.DNS
	}
	return append([]netip.Addr(nil), servers...)
}

func (s *Stack) searchDomains() []string {
	s.lock()
	defer s.mu.Unlock()
	lease := s.link.lease()
	switch {
	case len(s.config.Search) > 0 || lease == nil:
		return s.config.Search
	case len(lease.Search) > 0:
		return lease.Search
	case lease.Domain != "":
		return []string{lease.Domain}
	}
	return nil
}

// GetHostByName asks the name servers of the configuration or the lease.
func (s *Stack) GetHostByName(name string) (netip.Addr, error) {
	if s.resolver == nil {
		return netip.Addr{}, netdev.ErrNotSupported
	}
	return s.resolver.GetHostByName(name)
}

// LookupNetIP asks the name servers of the configuration or the lease.
func (s *Stack) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if s.resolver == nil {
		return nil, netdev.ErrNotSupported
	}
	return s.resolver.LookupNetIP(ctx, network, host)
}

// Addr returns the address of eth0, or ErrNetDown while it has none.
func (s *Stack) Addr() (netip.Addr, error) {
	s.lock()
	defer s.mu.Unlock()
	if !s.eth.up() {
		return netip.Addr{}, netdev.ErrNetDown
	}
	return s.eth.addr, nil
}

var _ dns.Device = (*Stack)(nil)
