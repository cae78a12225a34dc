//go:build !tinygo

package gonet

import (
	"bytes"
	"net"
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
)

// Interfaces lists the interfaces of the host.
func Interfaces() ([]netdev.Interface, error) {
	list, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	interfaces := make([]netdev.Interface, 0, len(list))
	for i := range list {
		addrs, err := list[i].Addrs()
		if err != nil {
			continue // the interface has gone since
		}
		interfaces = append(interfaces, netdev.Interface{
			Index:        list[i].Index,
			MTU:          list[i].MTU,
			Name:         list[i].Name,
			HardwareAddr: list[i].HardwareAddr,
			Flags:        list[i].Flags,
			Addrs:        prefixes(addrs),
		})
	}
	return interfaces, nil
}

func prefixes(addrs []net.Addr) []netip.Prefix {
	var list []netip.Prefix
	for _, a := range addrs {
		n, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		if ip, ok := netip.AddrFromSlice(n.IP); ok {
			bits, _ := n.Mask.Size()
			list = append(list, netip.PrefixFrom(ip.Unmap(), bits))
		}
	}
	return list
}

// FarAway are addresses of documentation (RFC 5737, RFC 3849): the way to them
// is the default route. Connecting a datagram socket sends nothing.
var FarAway = [...]netip.AddrPort{
	netip.MustParseAddrPort("198.51.100.1:9"),
	netip.MustParseAddrPort("[2001:db8::1]:9"),
}

// Addr returns the address that the host speaks from: that of its default
// route, or InterfaceAddr.
func Addr() (netip.Addr, error) {
	for _, far := range FarAway {
		c, err := net.Dial("udp", far.String())
		if err != nil {
			continue
		}
		addr := c.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
		c.Close()
		return addr.WithZone(""), nil
	}
	return InterfaceAddr()
}

// InterfaceAddr returns the address of an interface that is up, or the loopback
// one.
func InterfaceAddr() (netip.Addr, error) {
	interfaces, err := Interfaces()
	if err != nil {
		return netip.Addr{}, err
	}
	var loopback netip.Addr
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 {
			continue
		}
		for _, p := range i.Addrs {
			switch addr := p.Addr(); {
			case addr.IsLoopback():
				if !loopback.IsValid() {
					loopback = addr
				}
			case !addr.IsLinkLocalUnicast():
				return addr, nil
			}
		}
	}
	if !loopback.IsValid() {
		return netip.Addr{}, netdev.ErrNetDown
	}
	return loopback, nil
}

// HardwareAddr returns the MAC address of the interface that has Addr, or else
// of the first one that has any.
func HardwareAddr() (net.HardwareAddr, error) {
	interfaces, err := Interfaces()
	if err != nil {
		return nil, err
	}
	addr, _ := Addr()
	var first net.HardwareAddr
	for _, i := range interfaces {
		if len(i.HardwareAddr) == 0 {
			continue
		}
		if first == nil {
			first = i.HardwareAddr
		}
		for _, p := range i.Addrs {
			if p.Addr() == addr {
				return bytes.Clone(i.HardwareAddr), nil
			}
		}
	}
	if first == nil {
		return nil, netlink.ErrNotSupported
	}
	return bytes.Clone(first), nil
}
