package udp_test

import (
	"fmt"
	"net/netip"

	"github.com/netdev-go/netdev/wire/udp"
)

func Example() {
	src, dst := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	const payload = "hello"
	b := make([]byte, udp.HeaderLen+len(payload))
	header := udp.Header{SrcPort: 49152, DstPort: 7, Length: uint16(len(b))}
	copy(b[header.Emit(b):], payload)
	udp.Datagram(b).FillChecksum(src, dst)

	d, err := udp.Parse(b)
	if err != nil || !d.ChecksumOK(src, dst) {
		fmt.Println("dropped:", err)
		return
	}
	fmt.Printf("%q to port %d, checksum %#04x\n", d.Payload(), d.DstPort(), d.Checksum())
	// Output: "hello" to port 7, checksum 0x77f6
}
