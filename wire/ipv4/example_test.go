package ipv4_test

import (
	"fmt"
	"net/netip"

	"github.com/netdev-go/netdev/wire/ipv4"
)

func Example() {
	h := ipv4.Header{
		TTL:      1,
		Protocol: 2,
		Src:      netip.MustParseAddr("192.0.2.1"),
		Dst:      netip.MustParseAddr("224.0.0.22"),
		Options:  ipv4.RouterAlert[:],
	}
	payload := "a report"
	h.TotalLen = h.Len() + len(payload)
	b := make([]byte, h.TotalLen)
	copy(b[h.Emit(b):], payload)

	p, err := ipv4.Parse(b)
	if err != nil || !p.ChecksumOK() {
		fmt.Println("not for us:", err)
		return
	}
	fmt.Printf("%v to %v, protocol %d: %q\n", p.Src(), p.Dst(), p.Protocol(), p.Payload())
	for opts := p.Options(); opts.Next(); {
		fmt.Println("option", opts.Option().Type(), "at", opts.Offset())
	}
	// Output:
	// 192.0.2.1 to 224.0.0.22, protocol 2: "a report"
	// option 148 at 20
}
