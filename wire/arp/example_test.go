package arp_test

import (
	"fmt"
	"net/netip"

	"github.com/netdev-go/netdev/wire/arp"
)

func Example() {
	ours := netip.MustParseAddr("192.0.2.2")
	ask := arp.Request([6]byte{2, 0, 0, 0, 0, 1}, netip.MustParseAddr("192.0.2.1"), ours)
	b := make([]byte, arp.Len)
	ask.Emit(b)

	p, err := arp.Parse(b)
	if err != nil {
		fmt.Println(err)
		return
	}
	if p.Op() == arp.OpRequest && p.TargetIP() == ours {
		answer := arp.Reply([6]byte{2, 0, 0, 0, 0, 2}, p)
		fmt.Printf("%v is at %x, says a reply to %v\n", answer.SenderIP, answer.SenderHW, answer.TargetIP)
	}
	// Output: 192.0.2.2 is at 020000000002, says a reply to 192.0.2.1
}
