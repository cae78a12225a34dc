package stack_test

import (
	"context"
	"fmt"
	"log"
	"net/netip"

	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

// Two machines on a cable, in one process.
func Example() {
	left, right, err := ether.Cable(ether.Config{}, ether.Config{})
	if err != nil {
		log.Fatal(err)
	}
	machine := func(dev netlink.FrameDevice, addr string) *stack.Stack {
		s, err := stack.New(dev, stack.Config{Address: netip.MustParsePrefix(addr)})
		if err != nil {
			log.Fatal(err)
		}
		if err := s.NetConnect(nil); err != nil {
			log.Fatal(err)
		}
		return s
	}
	server := machine(left, "10.0.0.1/24")
	client := machine(right, "10.0.0.2/24")
	defer server.Stop()
	defer client.Stop()

	pc, err := (&net.ListenConfig{Device: server}).ListenPacket(context.Background(), "udp", ":7")
	if err != nil {
		log.Fatal(err)
	}
	conn, err := (&net.Dialer{Device: client}).Dial("udp", "10.0.0.1:7")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprint(conn, "hello")
	buf := make([]byte, 16)
	n, from, err := pc.ReadFrom(buf)
	if err != nil {
		log.Fatal(err)
	}
	host, _, _ := net.SplitHostPort(from.String())
	fmt.Printf("%s from %s\n", buf[:n], host)
	// Output: hello from 10.0.0.2
}

func ExampleConfig_Memory() {
	m := stack.SmallBoard().Memory()
	fmt.Println(m.Ring > 0, m.Total() < 24<<10)
	// Output: true true
}
