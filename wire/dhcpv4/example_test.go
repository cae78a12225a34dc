package dhcpv4_test

import (
	"fmt"

	"github.com/netdev-go/netdev/wire/dhcpv4"
)

func Example() {
	header := dhcpv4.ClientHeader(0x12345678, [6]byte{2, 0, 0, 0, 0, 1})
	b := make([]byte, dhcpv4.MaxLen)
	w := dhcpv4.NewWriter(b, &header)
	w.Type(dhcpv4.Discover)
	w.Text(dhcpv4.OptHostName, "board")
	w.Bytes(dhcpv4.OptParameterList, []byte{byte(dhcpv4.OptSubnetMask), byte(dhcpv4.OptRouters), byte(dhcpv4.OptDNSServers)})
	n, err := w.End()
	if err != nil {
		fmt.Println(err)
		return
	}

	m, err := dhcpv4.Parse(b[:n])
	if err != nil {
		fmt.Println("dropped:", err)
		return
	}
	fmt.Printf("%v from %q, %d bytes\n", m.Type(), m.HostName(), len(m))
	for it := m.Options(); it.Next(); {
		fmt.Printf("option %d: % x\n", it.Code(), it.Data())
	}
	// Output:
	// DHCPDISCOVER from "board", 300 bytes
	// option 53: 01
	// option 12: 62 6f 61 72 64
	// option 55: 01 03 06
}
