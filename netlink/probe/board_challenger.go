//go:build tinygo && challenger_rp2040

package probe

import (
	"machine"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/espat"
	"github.com/netdev-go/netdev/netlink"
)

// Probe returns the Challenger RP2040's ESP, and makes it the current device. The
// pin that resets the ESP differs from one Challenger to another; without it the
// ESP is reset by a command.
func Probe() (netlink.Netlinker, netdev.Netdever) {
	machine.UART1.Configure(machine.UARTConfig{BaudRate: 115200, TX: machine.UART1_TX_PIN, RX: machine.UART1_RX_PIN})
	dev := espat.New(&espat.Config{UART: machine.UART1})
	netdev.UseNetdev(dev)
	return dev, dev
}
