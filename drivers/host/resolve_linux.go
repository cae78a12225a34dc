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
	return gonet.GetHostByName(name)
}

// LookupNetIP asks Go's resolver.
func (d *Device) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if d.table.isDown() {
		return nil, netdev.ErrNetDown
	}
	return gonet.LookupNetIP(ctx, network, host)
}

// Addr returns the address that the host speaks from: that of its default
// route where there is one.
func (d *Device) Addr() (netip.Addr, error) {
	if d.table.isDown() {
		return netip.Addr{}, netdev.ErrNetDown
	}
	return gonet.Addr()
}

// Interfaces lists the host's interfaces.
func (d *Device) Interfaces() ([]netdev.Interface, error) { return gonet.Interfaces() }
