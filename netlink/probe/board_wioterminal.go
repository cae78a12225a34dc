//go:build tinygo && wioterminal

package probe

import (
	"machine"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/rtl8720dn"
	"github.com/netdev-go/netdev/netlink"
)

// Probe returns the Wio Terminal's RTL8720DN, and makes it the current device.
func Probe() (netlink.Netlinker, netdev.Netdever) {
	machine.UART3.Configure(machine.UARTConfig{BaudRate: 614400, TX: machine.PB24, RX: machine.PC24})
	machine.RTL8720D_CHIP_PU.Configure(machine.PinConfig{Mode: machine.PinOutput})
	dev := rtl8720dn.New(&rtl8720dn.Config{
		UART:   machine.UART3,
		Enable: machine.RTL8720D_CHIP_PU.Set,
	})
	netdev.UseNetdev(dev)
	return dev, dev
}
