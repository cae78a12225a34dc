package dhcp_test

import (
	"fmt"
	"time"

	oracle "github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/netdev-go/netdev/dhcp"
	"github.com/netdev-go/netdev/wire/dhcpv4"
)

func ExampleClient() {
	// A network of one server.
	network := func(b []byte) []byte {
		m, err := oracle.FromBytes(b)
		if err != nil {
			return nil
		}
		if m.MessageType() == oracle.MessageTypeDiscover {
			return reply(m, oracle.MessageTypeOffer).ToBytes()
		}
		return reply(m, oracle.MessageTypeAck).ToBytes()
	}

	c := dhcp.New(dhcp.Config{
		HardwareAddr: [6]byte{0x02, 0, 0, 0, 0, 0x15},
		Hostname:     "board",
		Rand:         func() uint32 { return 4 }, // on a device, a random number
	})
	now := time.Second
	c.Start(now)
	b := make([]byte, dhcpv4.MaxLen)
	for c.Lease() == nil {
		if n, dst, ok := c.Output(now, b); ok {
			fmt.Println("to", dst, dhcpv4.Message(b[:n]).Type())
			c.Input(now, network(b[:n]))
		}
	}
	l := c.Lease()
	fmt.Println(c.Event(), l.Addr, "from", l.Server, "for", l.Expiry-now)
	// Output:
	// to 255.255.255.255 DHCPDISCOVER
	// to 255.255.255.255 DHCPREQUEST
	// bound 10.0.2.15/24 from 10.0.2.1 for 1h0m0s
}
