package boards

import (
	"net/netip"

	driver "github.com/netdev-go/netdev/drivers/w5500"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/gateway"
	"github.com/netdev-go/netdev/sim/w5500"
)

// W5500 returns a board with a W5500 on its SPI bus, all of whose pins are
// connected.
func W5500(c Config) (*Board, *w5500.Chip, error) {
	return W5500With(c, nil)
}

// W5500With is [W5500] with a driver whose configuration set may change.
func W5500With(c Config, set func(*driver.Config)) (*Board, *w5500.Chip, error) {
	b, chip, err := w5500Chip(&c)
	if err != nil {
		return nil, nil, err
	}
	dc := driver.Config{
		SPI: chip, CS: chip.CS, Reset: chip.Reset, Interrupt: chip.Interrupt, OnInterrupt: chip.OnInterrupt,
		Hostname: b.config.Network.Name, Memory: 512 << 10, SocketBuffer: 64 << 10,
	}
	mac, err := b.Network.GetHardwareAddr()
	if err != nil {
		return nil, nil, err
	}
	dc.MAC = [6]byte(mac)
	if a := b.config.Network.Addr; a.IsValid() {
		dc.Address, dc.Gateway = a, gateway.DefaultPrefix.Addr().Next()
		dc.DNS = []netip.Addr{dc.Gateway}
	}
	if set != nil {
		set(&dc)
	}
	return b.drive(driver.New(&dc), func() error { chip.Stop(); return nil }), chip, nil
}

// w5500Chip is the board without a driver.
func w5500Chip(c *Config) (*Board, *w5500.Chip, error) {
	var cable *w5500.Cable
	c.Network.Wrap = func(dev netlink.FrameDevice) (_ netlink.FrameDevice, err error) {
		cable, err = w5500.NewCable(dev)
		return cable, err
	}
	b, err := open(*c)
	if err != nil {
		return nil, nil, err
	}
	return b, w5500.New(w5500.Config{Network: b.Network, Cable: cable, Boot: -1, Seed: b.config.Seed}), nil
}

// W5500Frames returns a W5500 that moves frames on the network of c, whose board
// is the chip, and is not connected.
func W5500Frames(c Config, set func(*driver.Config)) (*driver.Frames, *Board, *w5500.Chip, error) {
	b, chip, err := w5500Chip(&c)
	if err != nil {
		return nil, nil, nil, err
	}
	mac, err := b.Network.GetHardwareAddr()
	if err != nil {
		return nil, nil, nil, err
	}
	dc := driver.Config{
		SPI: chip, CS: chip.CS, Reset: chip.Reset, Interrupt: chip.Interrupt, OnInterrupt: chip.OnInterrupt,
		MAC: [6]byte(mac),
	}
	if set != nil {
		set(&dc)
	}
	f := driver.NewFrames(&dc)
	b.stops = append(b.stops, func() error { chip.Stop(); return nil }, f.Stop)
	return f, b, chip, nil
}
