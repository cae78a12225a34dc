// Package boards puts together what a board with a network chip is made of: the
// driver, the chip it drives, and the network that the chip is on. Everything
// between driver and chip goes over the simulated bus, byte for byte.
package boards

import (
	"errors"
	"net"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/radio"
)

// Config describes a board.
type Config struct {
	// Network is the chip's name, address and network. Its profile is the chip's
	// own: Small counts for nothing.
	Network sim.Config

	// SSID and Passphrase are of the WiFi network that there is, and that
	// NetConnect joins where it is given no name. Without an SSID every network is
	// there.
	SSID, Passphrase string

	// Air is what the chip's antenna receives, where it is more than that.
	Air *radio.Air

	// Firmware is the version that the chip says it has, in the chip's own way.
	// Empty is a current one.
	Firmware string

	// Seed decides what the chip does by chance. Zero is the network's.
	Seed uint64
}

// A Board is a driver's device. Capabilities are the driver's: netdev.As finds
// them.
type Board struct {
	netdev.Netdever
	Network *sim.Board // inside the chip, with the gateway and other hosts around it
	Air     *radio.Air
	config  Config
	link    netlink.Netlinker
	stops   []func() error // what Stop does, the last first
}

// device is what a driver gives.
type device interface {
	netdev.Netdever
	netlink.Netlinker
	Stop() error
}

// open returns the board without its chip, and what the chip is made from.
func open(c Config) (*Board, error) {
	c.Air = c.air()
	if c.SSID == "" {
		c.SSID = "netdev"
	}
	if c.Seed == 0 {
		c.Seed = c.Network.Seed
	}
	if c.Network.Name == "" {
		c.Network.Name = "board"
	}
	network, err := sim.Boot(c.Network)
	if err != nil {
		return nil, err
	}
	return &Board{Network: network, Air: c.Air, config: c, stops: []func() error{network.Stop}}, nil
}

// drive adds the chip and its driver.
func (b *Board) drive(dev device, stopChip func() error) *Board {
	b.Netdever, b.link = dev, dev
	b.stops = append(b.stops, stopChip, dev.Stop)
	return b
}

// Unwrap returns the driver's device.
func (b *Board) Unwrap() netdev.Netdever { return b.Netdever }

// Peer adds a host to the network of the chip. See sim.Board.
func (b *Board) Peer() (*sim.Peer, error) {
	p, err := b.Network.Peer()
	if err != nil {
		return nil, err
	}
	// The driver has a name of its own for the chip's interface.
	if lister, ok := netdev.As[netdev.InterfaceLister](b.Netdever); ok {
		if all, err := lister.Interfaces(); err == nil && len(all) > 0 {
			p.Towards = all[0].Name
		}
	}
	return p, nil
}

// NetConnect is the driver's. Where params has no SSID it is that of the
// configuration, and where it has no host name that is the board's.
func (b *Board) NetConnect(params *netlink.ConnectParams) error {
	p := Credentials(params, b.config.SSID, b.config.Passphrase)
	if p.Hostname == "" {
		p.Hostname = b.config.Network.Name
	}
	return b.link.NetConnect(p)
}

// Credentials returns params, with an SSID and its passphrase where there is no
// SSID.
func Credentials(params *netlink.ConnectParams, ssid, passphrase string) *netlink.ConnectParams {
	var p netlink.ConnectParams
	if params != nil {
		p = *params
	}
	if p.Ssid == "" {
		p.Ssid, p.Passphrase = ssid, passphrase
	}
	return &p
}

// NetDisconnect is the driver's.
func (b *Board) NetDisconnect() { b.link.NetDisconnect() }

// NetNotify is the driver's.
func (b *Board) NetNotify(f func(netlink.Event)) { b.link.NetNotify(f) }

// GetHardwareAddr is the driver's.
func (b *Board) GetHardwareAddr() (net.HardwareAddr, error) { return b.link.GetHardwareAddr() }

// Stop ends the driver, the chip and the network.
func (b *Board) Stop() error {
	var errs []error
	for i := len(b.stops) - 1; i >= 0; i-- {
		errs = append(errs, b.stops[i]())
	}
	b.stops = nil
	return errors.Join(errs...)
}
