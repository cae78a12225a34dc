package ether_test

import (
	"fmt"
	"log"
	"time"

	"github.com/netdev-go/netdev/sim/ether"
)

func Example() {
	sw := ether.NewSwitch(ether.SwitchConfig{})
	defer sw.Close()
	board, err := sw.Open(ether.Config{Name: "board", MAC: [6]byte{2, 0, 0, 0, 0, 1}})
	if err != nil {
		log.Fatal(err)
	}
	host, err := sw.Open(ether.Config{Name: "host", MAC: [6]byte{2, 0, 0, 0, 0, 2}})
	if err != nil {
		log.Fatal(err)
	}

	slow, err := ether.ParseImpairment("delay 20ms, rate 1mbit")
	if err != nil {
		log.Fatal(err)
	}
	if err := board.Impair(ether.Transmit, slow); err != nil {
		log.Fatal(err)
	}

	arrived := make(chan time.Time)
	host.SetEthRecvHandler(func(frame []byte) {
		fmt.Printf("from % x: %s\n", frame[6:12], frame[14:])
		arrived <- time.Now()
	})
	start := time.Now()
	frame := []byte("\x02\x00\x00\x00\x00\x02" + "\x02\x00\x00\x00\x00\x01" + "\x88\xb5" + "hello")
	if err := board.SendOffsetEthFrame(frame); err != nil {
		log.Fatal(err)
	}
	fmt.Println("after 20ms:", (<-arrived).Sub(start) >= 20*time.Millisecond)
	fmt.Println(board.Stats(ether.Transmit).Delivered, "delivered over a link with", slow)

	// Output:
	// from 02 00 00 00 00 01: hello
	// after 20ms: true
	// 1 delivered over a link with delay 20ms, rate 1mbit
}
