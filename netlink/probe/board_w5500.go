//go:build tinygo && w5500_evb_pico

package probe

import (
	"machine"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/w5500"
	"github.com/netdev-go/netdev/netlink"
)

// Pins of the W5500-EVB-Pico, which are also those of the W5500 hat for a Pico:
// tinygo flash -target pico -tags w5500_evb_pico.
const (
	w5500SDI   = machine.GPIO16
	w5500CS    = machine.GPIO17
	w5500SCK   = machine.GPIO18
	w5500SDO   = machine.GPIO19
	w5500Reset = machine.GPIO20
	w5500Int   = machine.GPIO21
)

// Probe returns the board's W5500, and makes it the current device.
func Probe() (netlink.Netlinker, netdev.Netdever) {
	machine.SPI0.Configure(machine.SPIConfig{Frequency: 20_000_000, SDI: w5500SDI, SDO: w5500SDO, SCK: w5500SCK})
	w5500CS.Configure(machine.PinConfig{Mode: machine.PinOutput})
	w5500CS.High()
	w5500Reset.Configure(machine.PinConfig{Mode: machine.PinOutput})
	w5500Int.Configure(machine.PinConfig{Mode: machine.PinInputPullup})
	dev := w5500.New(&w5500.Config{
		SPI:       machine.SPI0,
		CS:        w5500CS.Set,
		Reset:     w5500Reset.Set,
		Interrupt: w5500Int.Get,
		OnInterrupt: func(f func()) {
			w5500Int.SetInterrupt(machine.PinFalling, func(machine.Pin) { f() })
		},
	})
	netdev.UseNetdev(dev)
	return dev, dev
}
