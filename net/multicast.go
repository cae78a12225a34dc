package net

import (
	"net/netip"

	"github.com/netdev-go/netdev"
)

// ListenMulticastUDP returns a connection for datagrams to the group gaddr
// that arrive on ifi; nil is the device's choice. Network is "udp", "udp4" or
// "udp6". The device must have netdev.MulticastJoiner.
func ListenMulticastUDP(network string, ifi *Interface, gaddr *UDPAddr) (*UDPConn, error) {
	c, err := listenMulticastUDP(current(), network, ifi, gaddr)
	if err != nil {
		return nil, &OpError{Op: "listen", Net: network, Addr: opUDPAddr(gaddr), Err: err}
	}
	return c, nil
}

func listenMulticastUDP(dev netdev.Netdever, network string, ifi *Interface, gaddr *UDPAddr) (*UDPConn, error) {
	if t, err := transport(network); err != nil || t != "udp" {
		return nil, UnknownNetworkError(network)
	}
	if gaddr == nil || gaddr.IP == nil {
		return nil, errMissingAddress
	}
	group, err := udpAddrPort(gaddr)
	if err != nil {
		return nil, err
	}
	if !group.Addr().IsMulticast() {
		return nil, &AddrError{Err: "not a multicast address", Addr: gaddr.IP.String()}
	}
	d, ok := netdev.As[netdev.MulticastJoiner](dev)
	if !ok {
		return nil, syscallError("setsockopt", netdev.ErrNotSupported)
	}
	c, err := listenUDP(dev, network, gaddr)
	if err != nil {
		return nil, err
	}
	name := ""
	if ifi != nil {
		name = ifi.Name
	}
	if err := c.joinGroup(d, group.Addr(), name); err != nil {
		c.s.close()
		return nil, err
	}
	return c, nil
}

// joinGroup joins, and as Go does stops hearing what this end sends, on a
// device that has such an option.
func (c *UDPConn) joinGroup(d netdev.MulticastJoiner, group netip.Addr, iface string) error {
	if group.Is4() {
		c.s.dev.SetSockOpt(c.s.fd, netdev.IPPROTO_IP, netdev.IP_MULTICAST_LOOP, false)
	} else {
		c.s.dev.SetSockOpt(c.s.fd, netdev.IPPROTO_IPV6, netdev.IPV6_MULTICAST_LOOP, false)
	}
	return callError("setsockopt", d.JoinGroup(c.s.fd, group, iface))
}
