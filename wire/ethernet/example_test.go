package ethernet_test

import (
	"fmt"

	"github.com/netdev-go/netdev/wire/ethernet"
)

func Example() {
	h := ethernet.Header{
		Dst:  ethernet.Broadcast,
		Src:  [6]byte{0x02, 0, 0, 0, 0, 1},
		Tags: [2]ethernet.Tag{{TPID: ethernet.TypeVLAN, VID: 7}},
		Type: ethernet.TypeARP,
	}
	b := make([]byte, ethernet.MinLen)
	n := h.Emit(b)
	n += copy(b[n:], "who is there?")
	b = b[:ethernet.Pad(b, n)]

	f, err := ethernet.Parse(b)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%v on VLAN %d, %q\n", f.Type(), f.Tags()[0].VID, f.Payload()[:13])
	// Output: ARP on VLAN 7, "who is there?"
}
