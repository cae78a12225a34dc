package dhcpd

import (
	"net"
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

// A request is a message with what the server looks at in it.
type request struct {
	*dhcpv4.DHCPv4
	client string
	mac    [6]byte
	has    netip.Addr // ciaddr: the address the client speaks from
	wish   netip.Addr // the requested address, unspecified for none
	chosen netip.Addr // the server that the client speaks to
}

func (s *Server) answer(now time.Time, m *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
	r := request{
		DHCPv4: m, mac: [6]byte(m.ClientHWAddr), has: addr4(m.ClientIPAddr),
		wish: addr4(m.RequestedIPAddress()), chosen: addr4(m.ServerIdentifier()),
	}
	// RFC 2131 §4.2: the identifier, or else the hardware address.
	if id := m.GetOneOption(dhcpv4.OptionClientIdentifier); len(id) > 0 {
		r.client = "id " + string(id)
	} else {
		r.client = "mac " + string(r.mac[:])
	}
	switch m.MessageType() {
	case dhcpv4.MessageTypeDiscover:
		s.stats.Discover++
		return s.discover(now, r)
	case dhcpv4.MessageTypeRequest:
		s.stats.Request++
		return s.request(now, r)
	case dhcpv4.MessageTypeDecline:
		s.stats.Decline++
		s.decline(now, r)
	case dhcpv4.MessageTypeRelease:
		s.stats.Release++
		s.release(r)
	case dhcpv4.MessageTypeInform:
		s.stats.Inform++
		return s.inform(r)
	}
	return nil
}

func (s *Server) discover(now time.Time, r request) *dhcpv4.DHCPv4 {
	addr := s.table.choose(r.client, r.mac, r.wish)
	if !addr.IsValid() {
		s.stats.Exhausted++
		return nil
	}
	b := s.table.byClient[r.client]
	if b == nil || b.state == offered {
		b = s.table.bind(r.client, s.lease(r, addr, now.Add(offerTime)), offered)
	}
	s.stats.Offer++
	return s.reply(r, dhcpv4.MessageTypeOffer, &b.Lease)
}

func (s *Server) request(now time.Time, r request) *dhcpv4.DHCPv4 {
	b := s.table.byClient[r.client]
	if isSet(r.chosen) && r.chosen != s.config.Server {
		// RFC 2131 §4.3.2: the client has taken another server's offer.
		if b != nil && b.state == offered {
			s.table.remove(b)
		}
		return nil
	}
	addr := r.wish // SELECTING and INIT-REBOOT
	if isSet(r.has) {
		addr = r.has // RENEWING and REBINDING
	}
	if !isSet(addr) {
		return nil
	}
	known := b != nil && b.Addr == addr
	if !known && (b != nil && b.state == leased || !s.table.available(r.client, r.mac, addr) || s.full(b)) {
		s.stats.Nak++
		s.notify(Refused, Lease{MAC: r.mac, Addr: addr, Name: label(r.HostName())})
		return s.reply(r, dhcpv4.MessageTypeNak, nil)
	}
	change := Given
	if known && b.state == leased {
		change = Renewed
	}
	b = s.table.bind(r.client, s.lease(r, addr, now.Add(s.config.LeaseTime)), leased)
	s.notify(change, b.Lease)
	s.stats.Ack++
	return s.reply(r, dhcpv4.MessageTypeAck, &b.Lease)
}

// full reports whether there is no room for a binding beside b.
func (s *Server) full(b *binding) bool {
	return b == nil && len(s.table.byAddr) >= s.table.max && !s.table.withdrawOffer()
}

func (s *Server) decline(now time.Time, r request) {
	b := s.table.byClient[r.client]
	if r.chosen != s.config.Server || b == nil || b.Addr != r.wish {
		return
	}
	s.table.remove(b)
	s.table.decline(b.Addr, now.Add(declineTime))
	s.notify(Declined, b.Lease)
}

func (s *Server) release(r request) {
	b := s.table.byClient[r.client]
	if r.chosen != s.config.Server || b == nil || b.Addr != r.has || b.state != leased {
		return
	}
	s.table.remove(b)
	s.notify(Released, b.Lease)
}

// inform tells a client that has its address from elsewhere about the network.
func (s *Server) inform(r request) *dhcpv4.DHCPv4 {
	if !s.table.assignable(r.has) {
		return nil
	}
	s.stats.Ack++
	return s.reply(r, dhcpv4.MessageTypeAck, nil)
}

// lease keeps the name of a client that does not say it every time.
func (s *Server) lease(r request, addr netip.Addr, until time.Time) Lease {
	name := s.nameFor(r.client, r.HostName())
	if b := s.table.byClient[r.client]; b != nil && name == "" {
		name = b.Name
	}
	return Lease{MAC: r.mac, Addr: addr, Name: name, Expires: until}
}

// reply makes a message of the type; l is nil where no address is given.
func (s *Server) reply(r request, t dhcpv4.MessageType, l *Lease) *dhcpv4.DHCPv4 {
	c := &s.config
	server := ip(c.Server)
	m, err := dhcpv4.NewReplyFromRequest(r.DHCPv4, dhcpv4.WithMessageType(t), dhcpv4.WithOption(dhcpv4.OptServerIdentifier(server)))
	if err != nil {
		return nil
	}
	// RFC 6842: the client knows its answer by it.
	if id := r.GetOneOption(dhcpv4.OptionClientIdentifier); id != nil {
		m.UpdateOption(dhcpv4.OptClientIdentifier(id))
	}
	if t == dhcpv4.MessageTypeNak {
		m.SetBroadcast()
		m.UpdateOption(dhcpv4.OptMessage("address not available"))
		return m
	}
	m.ClientIPAddr = ip(r.has)
	m.UpdateOption(dhcpv4.OptSubnetMask(net.CIDRMask(c.Prefix.Bits(), 32)))
	m.UpdateOption(dhcpv4.OptBroadcastAddress(ip(broadcast(c.Prefix))))
	m.UpdateOption(dhcpv4.OptRouter(server))
	m.UpdateOption(dhcpv4.OptDNS(server))
	m.UpdateOption(dhcpv4.OptGeneric(dhcpv4.OptionInterfaceMTU, dhcpv4.Uint16(c.MTU).ToBytes()))
	if c.Domain != "" {
		m.UpdateOption(dhcpv4.OptDomainName(c.Domain))
	}
	if l == nil {
		return m
	}
	m.YourIPAddr = ip(l.Addr)
	m.UpdateOption(dhcpv4.OptIPAddressLeaseTime(c.LeaseTime))
	m.UpdateOption(dhcpv4.OptRenewTimeValue(c.LeaseTime / 2))
	m.UpdateOption(dhcpv4.OptRebindingTimeValue(c.LeaseTime * 7 / 8))
	if l.Name != "" {
		m.UpdateOption(dhcpv4.OptHostName(l.Name))
	}
	return m
}

// addr4 is the IPv4 address of a field or option; unspecified for none.
func addr4(b net.IP) netip.Addr {
	if b = b.To4(); b == nil {
		return netip.IPv4Unspecified()
	}
	return netip.AddrFrom4([4]byte(b))
}

func ip(a netip.Addr) net.IP { return a.AsSlice() }

func isSet(a netip.Addr) bool { return a.IsValid() && !a.IsUnspecified() }
