//go:build !tinygo

package host

import (
	"context"
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host/internal/gonet"
)

var (
	_ netdev.MultiResolver   = (*Device)(nil)
	_ netdev.InterfaceLister = (*Device)(nil)
)

// GetHostByName asks Go's resolver, and prefers an IPv4 address.
func (d *Device) GetHostByName(name string) (netip.Addr, error) {
	if d.table.isDown() {
		return netip.Addr{}, netdev.ErrNetDown
	}
	return gonet.GetHostByName(resolver(), name)
}

// LookupNetIP asks Go's resolver.
func (d *Device) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if d.table.isDown() {
		return nil, netdev.ErrNetDown
	}
	return gonet.LookupNetIP(ctx, resolver(), network, host)
}

// Addr returns the address that the host speaks from: that of its default
// route where there is one.
func (d *Device) Addr() (netip.Addr, error) {
	if d.table.isDown() {
		return netip.Addr{}, netdev.ErrNetDown
	}
	for _, far := range gonet.FarAway {
		if addr, err := d.source(far); err == nil {
			return addr, nil
		}
	}
	return gonet.InterfaceAddr()
}

// source returns the address that a datagram to far leaves from. Package net
// would know it too, but in a program built with the overlay it asks Addr.
func (d *Device) source(far netip.AddrPort) (netip.Addr, error) {
	family := netdev.AF_INET
	if far.Addr().Is6() {
		family = netdev.AF_INET6
	}
	fd, err := d.Socket(family, netdev.SOCK_DGRAM, netdev.IPPROTO_UDP)
	if err != nil {
		return netip.Addr{}, err
	}
	defer d.Close(fd)
	if err := d.Connect(fd, "", far); err != nil {
		return netip.Addr{}, err
	}
	near, err := d.GetSockName(fd)
	return near.Addr().Unmap().WithZone(""), err
}

// Interfaces lists the host's interfaces.
func (d *Device) Interfaces() ([]netdev.Interface, error) { return gonet.Interfaces() }
