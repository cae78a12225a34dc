package net

import (
	"context"
	stdnet "net"
	"net/netip"
	"strconv"

	"github.com/netdev-go/netdev"
)

// transport returns what comes before the family in network: "tcp" or "udp".
func transport(network string) (string, error) {
	switch network {
	case "tcp", "tcp4", "tcp6":
		return "tcp", nil
	case "udp", "udp4", "udp6":
		return "udp", nil
	case "ip", "ip4", "ip6", "unix", "unixgram", "unixpacket":
		return "", netdev.ErrNotSupported
	}
	for i := 0; i < len(network); i++ {
		if network[i] == ':' && (network[:i] == "ip" || network[:i] == "ip4" || network[:i] == "ip6") {
			return "", netdev.ErrNotSupported
		}
	}
	return "", UnknownNetworkError(network)
}

// fits reports whether an address may be used on network.
func fits(network string, a netip.Addr) bool {
	switch network[len(network)-1] {
	case '4':
		return a.Is4()
	case '6':
		return a.Is6()
	}
	return true
}

// checkFamily is the error, in Go's words, of an address that does not fit.
func checkFamily(network string, a netip.Addr) error {
	if !a.IsValid() || fits(network, a) || a.IsUnspecified() {
		return nil
	}
	return &AddrError{Err: "non-IPv" + network[len(network)-1:] + " address", Addr: a.String()}
}

// addrPort returns the address that a TCPAddr or UDPAddr is made of.
func addrPort(ip IP, port int, zone string) (netip.AddrPort, error) {
	if port < 0 || port > 65535 {
		return netip.AddrPort{}, &AddrError{Err: "invalid port", Addr: strconv.Itoa(port)}
	}
	a, ok := netip.AddrFromSlice(ip)
	if !ok && len(ip) != 0 {
		return netip.AddrPort{}, &AddrError{Err: "invalid IP address", Addr: ip.String()}
	}
	return netip.AddrPortFrom(a.Unmap().WithZone(zone), uint16(port)), nil
}

func tcpAddrPort(a *TCPAddr) (netip.AddrPort, error) {
	if a == nil {
		return netip.AddrPort{}, nil
	}
	return addrPort(a.IP, a.Port, a.Zone)
}

func udpAddrPort(a *UDPAddr) (netip.AddrPort, error) {
	if a == nil {
		return netip.AddrPort{}, nil
	}
	return addrPort(a.IP, a.Port, a.Zone)
}

// resolveAddrPorts returns the addresses that address spells or that its host
// has, at least one. A host of "" is one address that is not valid.
func (r *Resolver) resolveAddrPorts(ctx context.Context, dev netdev.Netdever, network, address string) (host string, _ []netip.AddrPort, err error) {
	if address == "" {
		return "", []netip.AddrPort{{}}, nil
	}
	host, service, err := stdnet.SplitHostPort(address)
	if err != nil {
		return "", nil, err
	}
	port, err := r.LookupPort(ctx, network, service)
	if err != nil {
		return "", nil, err
	}
	if host == "" {
		return "", []netip.AddrPort{netip.AddrPortFrom(netip.Addr{}, uint16(port))}, nil
	}
	addrs, err := r.internetAddrs(ctx, dev, network, host)
	if err != nil {
		return "", nil, err
	}
	list := make([]netip.AddrPort, 0, len(addrs))
	for _, a := range addrs {
		if a = a.Unmap(); fits(network, a) {
			list = append(list, netip.AddrPortFrom(a, uint16(port)))
		}
	}
	if len(list) == 0 {
		return "", nil, &AddrError{Err: errNoSuitableAddress, Addr: host}
	}
	return host, list, nil
}

// internetAddrs is lookupFor for an end point: "::" alone stands for IPv4's
// wildcard too, as in Go.
func (r *Resolver) internetAddrs(ctx context.Context, dev netdev.Netdever, network, host string) ([]netip.Addr, error) {
	addrs, err := r.lookupFor(ctx, dev, network, host)
	if len(addrs) == 1 && addrs[0].WithZone("") == netip.IPv6Unspecified() {
		addrs = append(addrs, netip.IPv4Unspecified())
	}
	return addrs, err
}

// first returns the first address of the family that is wanted, or where there
// is none the first.
func first(list []netip.AddrPort, ipv4 bool) netip.AddrPort {
	for _, ap := range list {
		if ap.Addr().Is4() == ipv4 {
			return ap
		}
	}
	return list[0]
}

func resolveOne(network, address, want string) (netip.AddrPort, error) {
	if t, err := transport(network); err != nil || t != want {
		return netip.AddrPort{}, UnknownNetworkError(network)
	}
	_, list, err := DefaultResolver.resolveAddrPorts(context.Background(), current(), network, address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	// IPv4, unless address is an IPv6 literal.
	want6 := (network == "tcp" || network == "udp") && address != "" && address[0] == '['
	return first(list, !want6), nil
}

// ResolveTCPAddr returns the address of a TCP end point. Where a host name has
// several addresses it is one of them, IPv4 first.
func ResolveTCPAddr(network, address string) (*TCPAddr, error) {
	if network == "" {
		network = "tcp"
	}
	ap, err := resolveOne(network, address, "tcp")
	if err != nil {
		return nil, err
	}
	return stdnet.TCPAddrFromAddrPort(ap), nil
}

// ResolveUDPAddr returns the address of a UDP end point. Where a host name has
// several addresses it is one of them, IPv4 first.
func ResolveUDPAddr(network, address string) (*UDPAddr, error) {
	if network == "" {
		network = "udp"
	}
	ap, err := resolveOne(network, address, "udp")
	if err != nil {
		return nil, err
	}
	return stdnet.UDPAddrFromAddrPort(ap), nil
}

// ResolveIPAddr returns an address of a host; network is "ip", "ip4" or "ip6".
func ResolveIPAddr(network, address string) (*IPAddr, error) {
	switch network {
	case "":
		network = "ip"
	case "ip", "ip4", "ip6":
	default:
		return nil, UnknownNetworkError(network)
	}
	if address == "" {
		return &IPAddr{}, nil
	}
	addrs, err := DefaultResolver.internetAddrs(context.Background(), current(), network, address)
	if err != nil {
		return nil, err
	}
	var found netip.Addr
	for _, a := range addrs {
		if a = a.Unmap(); fits(network, a) && (!found.IsValid() || a.Is4() && found.Is6()) {
			found = a
		}
	}
	if !found.IsValid() {
		return nil, &AddrError{Err: errNoSuitableAddress, Addr: address}
	}
	return &IPAddr{IP: found.AsSlice(), Zone: found.Zone()}, nil
}
