package dhcpv4

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// Infinite is the lease time, in seconds, of an address that is given for ever.
const Infinite = 0xffffffff

// minMTU is the smallest MTU that RFC 2132 §5.1 allows.
const minMTU = 68

// Type returns what the message says, or 0 where that is missing: in BOOTP.
func (m Message) Type() MessageType {
	if v, ok := m.Option(OptMessageType); ok && len(v) == 1 {
		return MessageType(v[0])
	}
	return 0
}

// ServerID returns the address by which the server knows itself.
func (m Message) ServerID() (netip.Addr, bool) { return m.Addr(OptServerID) }

// RequestedIP returns the address that the client asks for.
func (m Message) RequestedIP() (netip.Addr, bool) { return m.Addr(OptRequestedIP) }

// SubnetMask returns the mask of the network.
func (m Message) SubnetMask() (netip.Addr, bool) { return m.Addr(OptSubnetMask) }

// PrefixLen returns how many bits the mask of the network has. It returns false
// where there is none, or one with holes.
func (m Message) PrefixLen() (int, bool) {
	mask, ok := m.Uint32(OptSubnetMask)
	n := bits.LeadingZeros32(^mask)
	if !ok || mask<<n != 0 {
		return 0, false
	}
	return n, true
}

// BroadcastAddr returns the broadcast address of the network.
func (m Message) BroadcastAddr() (netip.Addr, bool) { return m.Addr(OptBroadcastAddr) }

// LeaseTime returns for how many seconds the address is given, [Infinite] for
// ever.
func (m Message) LeaseTime() (seconds uint32, ok bool) { return m.Uint32(OptLeaseTime) }

// RenewalTime returns T1: after how many seconds the client asks its server for
// more time.
func (m Message) RenewalTime() (seconds uint32, ok bool) { return m.Uint32(OptRenewalTime) }

// RebindingTime returns T2: after how many seconds it asks any server.
func (m Message) RebindingTime() (seconds uint32, ok bool) { return m.Uint32(OptRebindingTime) }

// InterfaceMTU returns the MTU of the network. It returns false for one below 68,
// which is not allowed.
func (m Message) InterfaceMTU() (uint16, bool) {
	mtu, ok := m.Uint16(OptInterfaceMTU)
	return mtu, ok && mtu >= minMTU
}

// MaxMessageSize returns the length of the longest message, its IP and UDP header
// included, that the sender takes.
func (m Message) MaxMessageSize() (uint16, bool) { return m.Uint16(OptMaxMessageSize) }

// Routers returns the routers, the preferred one first.
func (m Message) Routers() Addrs { return m.addrs(OptRouters) }

// DNSServers returns the name servers, the preferred one first.
func (m Message) DNSServers() Addrs { return m.addrs(OptDNSServers) }

// NTPServers returns the time servers, the preferred one first.
func (m Message) NTPServers() Addrs { return m.addrs(OptNTPServers) }

// HostName returns the client's name, nil for none.
func (m Message) HostName() []byte { return m.text(OptHostName) }

// DomainName returns the domain for names without one, nil for none.
func (m Message) DomainName() []byte { return m.text(OptDomainName) }

// DomainSearch returns the list of domains to search, nil for none, as it stands
// there: names of the DNS, compressed (RFC 3397). A list in several parts is put
// together in buf, and counts as none where buf is too short.
func (m Message) DomainSearch(buf []byte) []byte {
	v, _ := m.Join(OptDomainSearch, buf)
	return v
}

// Text returns what a server wants to be shown or logged, nil for nothing.
func (m Message) Text() []byte { return m.text(OptMessage) }

// ClientID returns the identifier by which a server knows the client, nil where
// that is its hardware address.
func (m Message) ClientID() []byte {
	v, _ := m.Option(OptClientID)
	return v
}

// ParameterList returns the codes of the options that the client wants.
func (m Message) ParameterList() []byte {
	v, _ := m.Option(OptParameterList)
	return v
}

// Addr returns the value of an option that is one address, and false where there
// is none or its length is another.
func (m Message) Addr(code Code) (netip.Addr, bool) {
	v, _ := m.Option(code)
	if len(v) != 4 {
		return netip.Addr{}, false
	}
	return addrAt(v), true
}

// Uint32 returns the value of an option that is a number of 32 bits, and false
// where there is none or its length is another.
func (m Message) Uint32(code Code) (uint32, bool) {
	v, _ := m.Option(code)
	if len(v) != 4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(v), true
}

// Uint16 returns the value of an option that is a number of 16 bits, and false
// where there is none or its length is another.
func (m Message) Uint16(code Code) (uint16, bool) {
	v, _ := m.Option(code)
	if len(v) != 2 {
		return 0, false
	}
	return binary.BigEndian.Uint16(v), true
}

func (m Message) addrs(code Code) Addrs {
	v, _ := m.Option(code)
	return Addrs(v)
}

// text returns the value of an option that is text, without the zeros that some
// servers send behind it (RFC 2132 §2).
func (m Message) text(code Code) []byte {
	v, _ := m.Option(code)
	for len(v) > 0 && v[len(v)-1] == 0 {
		v = v[:len(v)-1]
	}
	return v
}
