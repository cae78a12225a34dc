//go:build !tinygo

package host_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

// A datagram goes from one socket of the host to another.
func Example() {
	dev := host.New()
	server, err := dev.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, netdev.IPPROTO_UDP)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer dev.Close(server)
	if err := dev.Bind(server, netip.MustParseAddrPort("127.0.0.1:0")); err != nil {
		fmt.Println(err)
		return
	}
	addr, _ := dev.GetSockName(server)

	client, err := dev.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, netdev.IPPROTO_UDP)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer dev.Close(client)
	if err := dev.Connect(client, "", addr); err != nil {
		fmt.Println(err)
		return
	}
	deadline := time.Now().Add(time.Second)
	dev.Send(client, []byte("hello"), 0, deadline)

	buf := make([]byte, 64)
	n, err := dev.Recv(server, buf, 0, deadline)
	fmt.Println(string(buf[:n]), err)
	// Output: hello <nil>
}
