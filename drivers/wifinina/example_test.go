//go:build !tinygo

package wifinina_test

import (
	"fmt"

	"github.com/netdev-go/netdev/drivers/wifinina"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/nina"
)

// On a board SPI and pins are those of package machine; here they are a simulated
// chip's.
func Example() {
	board, err := sim.Boot(sim.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer board.Stop()
	chip := nina.New(nina.Config{Network: board, Fast: true})
	defer chip.Stop()

	wifi := wifinina.New(&wifinina.Config{
		SPI:   chip,
		CS:    chip.CS,
		Ready: chip.Ready,
		Reset: chip.Reset,
	})
	defer wifi.Stop()
	if err := wifi.NetConnect(&netlink.ConnectParams{Ssid: "home", Passphrase: "secret and long"}); err != nil {
		fmt.Println(err)
		return
	}
	version, err := wifi.Firmware()
	fmt.Println(version, err)
	addr, err := wifi.Addr()
	fmt.Println(addr.Is4(), err)
	// Output:
	// 2.0.0 <nil>
	// true <nil>
}
