//go:build !tinygo

package rtl8720dn_test

import (
	"context"
	"fmt"
	"log"

	"github.com/netdev-go/netdev"
	driver "github.com/netdev-go/netdev/drivers/rtl8720dn"
	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/rtl8720dn"
)

// On a Wio Terminal UART is the machine's, set to 614400 bit/s, and Enable sets
// the pin RTL8720D_CHIP_PU. Here a simulated chip takes their place.
func Example() {
	network, err := sim.Boot(sim.Config{Forwards: []sim.Forward{}})
	if err != nil {
		log.Fatal(err)
	}
	defer network.Stop()
	chip := rtl8720dn.New(rtl8720dn.Config{Network: network, BootTime: -1})
	defer chip.Stop()

	dev := driver.New(&driver.Config{UART: chip.Port(), Enable: chip.Enable})
	defer dev.Stop()
	netdev.UseNetdev(dev)
	defer netdev.UseNetdev(nil)

	if err := dev.NetConnect(&netlink.ConnectParams{Ssid: "home", Passphrase: "correct horse"}); err != nil {
		log.Fatal(err)
	}
	version, err := dev.Firmware()
	if err != nil {
		log.Fatal(err)
	}
	addrs, err := net.DefaultResolver.LookupHost(context.Background(), "gateway.netdev")
	fmt.Println(version, addrs, err)
	// Output: 2.1.3 [10.0.2.1] <nil>
}
