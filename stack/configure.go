package stack

import (
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
)

// Configure replaces Config's Address, Gateway and DNS from the next NetConnect
// on: with the zero Prefix DHCP finds them. Between NetConnect and NetDisconnect
// it is netlink.ErrConnected. dns is copied.
func (s *Stack) Configure(addr netip.Prefix, gateway netip.Addr, dns []netip.Addr) error {
	s.lock()
	defer s.mu.Unlock()
	if s.link.wanted != nil {
		return netlink.ErrConnected
	}
	c := s.config
	c.Address, c.Gateway, c.DNS = addr, gateway, append([]netip.Addr(nil), dns...)
	if err := c.check(); err != nil {
		return err
	}
	for _, a := range dns {
		if !a.IsValid() {
			return netdev.ErrInvalid
		}
	}
	s.config = c
	s.link.static = addr.IsValid()
	s.eth.claim.Keep = s.link.static
	return nil
}
