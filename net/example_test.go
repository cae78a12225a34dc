//go:build !tinygo

package net_test

import (
	"fmt"
	"io"
	"log"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/net"
)

func Example() {
	netdev.UseNetdev(host.New()) // a program mostly calls probe.Probe instead

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		fmt.Fprintln(c, "hello from a netdev")
	}()

	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	text, err := io.ReadAll(c)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(string(text))
	// Output: hello from a netdev
}
