//go:build tinygo && ninafw

package probe

import (
	"machine"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/wifinina"
	"github.com/netdev-go/netdev/netlink"
)

// Probe returns the board's NINA-W102, and makes it the current device.
func Probe() (netlink.Netlinker, netdev.Netdever) {
	machine.NINA_SPI.Configure(machine.SPIConfig{
		Frequency: 8_000_000,
		SDO:       machine.NINA_SDO,
		SDI:       machine.NINA_SDI,
		SCK:       machine.NINA_SCK,
	})
	machine.NINA_CS.Configure(machine.PinConfig{Mode: machine.PinOutput})
	machine.NINA_CS.High()
	machine.NINA_ACK.Configure(machine.PinConfig{Mode: machine.PinInput})
	machine.NINA_RESETN.Configure(machine.PinConfig{Mode: machine.PinOutput})
	dev := wifinina.New(&wifinina.Config{
		SPI:           machine.NINA_SPI,
		CS:            machine.NINA_CS.Set,
		Ready:         machine.NINA_ACK.Get,
		Reset:         machine.NINA_RESETN.Set,
		ResetInverted: resetInverted,
		GPIO0:         gpio0,
	})
	netdev.UseNetdev(dev)
	return dev, dev
}

// gpio0 is high over a reset, and then the chip's.
func gpio0(drive bool) {
	if drive {
		machine.NINA_GPIO0.Configure(machine.PinConfig{Mode: machine.PinOutput})
		machine.NINA_GPIO0.High()
		return
	}
	machine.NINA_GPIO0.Configure(machine.PinConfig{Mode: machine.PinInput})
}
