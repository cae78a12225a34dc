//go:build !tinygo

package espat_test

import (
	"context"
	"fmt"
	"log"

	"github.com/netdev-go/netdev"
	driver "github.com/netdev-go/netdev/drivers/espat"
	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/espat"
)

// On a board UART is the machine's, set to 115200 bit/s, and Reset sets the pin
// that the module's EN is wired to; on a Linux machine UART is what
// serialport.Open returns. Here a simulated module takes their place.
func Example() {
	network, err := sim.Boot(sim.Config{Forwards: []sim.Forward{}})
	if err != nil {
		log.Fatal(err)
	}
	defer network.Stop()
	module := espat.New(espat.Config{Network: network, BootTime: -1, Firmware: "4.1.0.0"})
	defer module.Stop()

	dev := driver.New(&driver.Config{UART: module.Port(), Reset: module.Enable})
	defer dev.Stop()
	netdev.UseNetdev(dev)
	defer netdev.UseNetdev(nil)

	if err := dev.NetConnect(&netlink.ConnectParams{Ssid: "home", Passphrase: "correct horse"}); err != nil {
		log.Fatal(err)
	}
	addrs, err := net.DefaultResolver.LookupHost(context.Background(), "gateway.netdev")
	fmt.Println(addrs, err)
	// Output: [10.0.2.1] <nil>
}
