package nina_test

import (
	"fmt"
	"log"
	"runtime"

	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/nina"
)

// The version of the firmware, as a microcontroller asks for it.
func Example() {
	board, err := sim.Boot(sim.Config{Forwards: []sim.Forward{}})
	if err != nil {
		log.Fatal(err)
	}
	defer board.Stop()
	chip := nina.New(nina.Config{Network: board, Fast: true})
	defer chip.Stop()

	transfer := func(w, r []byte) {
		for chip.Ready() {
			runtime.Gosched() // until it is low; OnReady tells without asking
		}
		chip.CS(false)
		if err := chip.Tx(w, r); err != nil {
			log.Fatal(err)
		}
		chip.CS(true)
	}
	transfer([]byte{0xE0, 0x37, 0, 0xEE}, nil)
	response := make([]byte, 12)
	transfer(nil, response)
	fmt.Printf("% X\n", response)
	fmt.Printf("%s\n", response[4:9])
	// Output:
	// E0 B7 01 06 32 2E 30 2E 30 00 EE 00
	// 2.0.0
}
