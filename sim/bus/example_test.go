package bus_test

import (
	"fmt"

	"github.com/netdev-go/netdev/sim/bus"
)

func ExampleUART() {
	mcu, chip := bus.UART(bus.Config{})
	chip.Inject(bus.Nth(3, bus.Lose)) // of what arrives at the chip

	mcu.Write([]byte("hello"))
	b := make([]byte, 10)
	n, _ := chip.Read(b)
	fmt.Printf("%q\n", b[:n])
	// Output: "helo"
}
