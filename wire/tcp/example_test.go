package tcp_test

import (
	"fmt"
	"net/netip"

	"github.com/netdev-go/netdev/wire/tcp"
)

func Example() {
	src, dst := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	header := tcp.Header{
		SrcPort: 49152,
		DstPort: 80,
		Seq:     1000,
		Flags:   tcp.SYN,
		Window:  65535,
		Options: tcp.Options{Has: tcp.HasMSS | tcp.HasSACKPermitted, MSS: 1460},
	}
	b := make([]byte, tcp.MaxHeaderLen)
	tcp.Segment(b[:header.Emit(b)]).FillChecksum(src, dst)

	s, err := tcp.Parse(b[:header.Len()])
	if err != nil || !s.ChecksumOK(src, dst) {
		fmt.Println("dropped:", err)
		return
	}
	var options tcp.Options
	if err := options.Parse(s.OptionBytes()); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%v to port %d, SEG.SEQ=%d SEG.LEN=%d MSS=%d\n", s.Flags(), s.DstPort(), s.Seq(), s.Len(), options.MSS)
	// Output: SYN to port 80, SEG.SEQ=1000 SEG.LEN=1 MSS=1460
}
