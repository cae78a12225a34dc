//go:build !tinygo

package w5500_test

import (
	"fmt"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/boards"
)

// The chip here is one of software. On a board it is
//
//	dev := w5500.New(&w5500.Config{
//		SPI: machine.SPI0, CS: cs.Set, Reset: rst.Set, Interrupt: int.Get,
//		OnInterrupt: func(f func()) {
//			int.SetInterrupt(machine.PinFalling, func(machine.Pin) { f() })
//		},
//	})
func Example() {
	dev, _, err := boards.W5500(boards.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer dev.Stop()
	if err := dev.NetConnect(&netlink.ConnectParams{Hostname: "sensor"}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(dev.GetHostByName("gateway.netdev"))
	// Output: 10.0.2.1 <nil>
}
