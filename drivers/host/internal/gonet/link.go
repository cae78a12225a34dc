//go:build !tinygo

package gonet

import (
	"context"
	"maps"
	"net"
	"net/netip"
	"slices"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
)

// NetConnect ignores its parameters: the host has joined its networks by
// itself.
func (d *Device) NetConnect(*netlink.ConnectParams) error {
	d.mu.Lock()
	if d.joined {
		d.mu.Unlock()
		return netlink.ErrConnected
	}
	d.joined, d.down = true, false
	notify := d.notify
	d.mu.Unlock()
	if notify != nil {
		notify(netlink.EventNetUp)
	}
	return nil
}

// NetDisconnect takes the device, not the host, off the network: its sockets
// fail with ErrNetDown, and are to be closed as ever.
func (d *Device) NetDisconnect() {
	d.mu.Lock()
	was := d.down
	d.joined, d.down = false, true
	sockets := slices.Collect(maps.Values(d.sockets))
	notify := d.notify
	d.mu.Unlock()
	if was {
		return
	}
	for _, s := range sockets {
		s.end(netdev.ErrNetDown)
	}
	if notify != nil {
		notify(netlink.EventNetDown)
	}
}

// NetNotify has cb called by NetConnect and NetDisconnect, on their goroutine.
func (d *Device) NetNotify(cb func(netlink.Event)) {
	d.mu.Lock()
	d.notify = cb
	d.mu.Unlock()
}

// GetHardwareAddr is HardwareAddr.
func (d *Device) GetHardwareAddr() (net.HardwareAddr, error) { return HardwareAddr() }

// Interfaces lists the host's interfaces.
func (d *Device) Interfaces() ([]netdev.Interface, error) { return Interfaces() }

// Addr returns the address that the host speaks from.
func (d *Device) Addr() (netip.Addr, error) {
	if err := d.linkError(); err != nil {
		return netip.Addr{}, err
	}
	return Addr()
}

// GetHostByName asks Go's resolver, and prefers an IPv4 address.
func (d *Device) GetHostByName(name string) (netip.Addr, error) {
	if err := d.linkError(); err != nil {
		return netip.Addr{}, err
	}
	return GetHostByName(net.DefaultResolver, name)
}

// LookupNetIP asks Go's resolver.
func (d *Device) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if err := d.linkError(); err != nil {
		return nil, err
	}
	return LookupNetIP(ctx, net.DefaultResolver, network, host)
}

func (d *Device) linkError() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.down {
		return netdev.ErrNetDown
	}
	return nil
}
