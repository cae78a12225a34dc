package tcp_test

import (
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"

	"github.com/netdev-go/netdev/wire/tcp"
)

var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// Captured from a Linux kernel that talked to itself, with the checksums that
// tshark asks for in place of the loopback's partial ones.
var captured = []struct {
	name    string
	bytes   string
	header  tcp.Header
	payload string
	len     int
}{
	{
		name: "SYN",
		bytes: "adfc 99f3 4c4846a4 00000000 a002 ffd7 554b 0000" +
			"0204ffd7 0402 080a e8fb36db 00000000 01 03030a",
		header: tcp.Header{
			SrcPort: 44540, DstPort: 39411, Seq: 0x4c4846a4, Flags: tcp.SYN, Window: 65495, Checksum: 0x554b,
			Options: tcp.Options{
				Has: tcp.HasMSS | tcp.HasSACKPermitted | tcp.HasTimestamps | tcp.HasWindowScale,
				MSS: 65495, TSVal: 3908777691, WindowScale: 10,
			},
		},
		len: 1,
	},
	{
		name: "SYN,ACK",
		bytes: "99f3 adfc 77d41691 4c4846a5 a012 ffcb 020c 0000" +
			"0204ffd7 0402 080a 1c74a860 e8fb36db 01 03030a",
		header: tcp.Header{
			SrcPort: 39411, DstPort: 44540, Seq: 0x77d41691, Ack: 0x4c4846a5, Flags: tcp.SYN | tcp.ACK, Window: 65483, Checksum: 0x020c,
			Options: tcp.Options{
				Has: tcp.HasMSS | tcp.HasSACKPermitted | tcp.HasTimestamps | tcp.HasWindowScale,
				MSS: 65495, TSVal: 477407328, TSEcr: 3908777691, WindowScale: 10,
			},
		},
		len: 1,
	},
	{
		name: "data",
		bytes: "adfc 99f3 4c4846a5 77d41692 8018 0040 4bd1 0000" +
			"0101 080a e8fb36db 1c74a860" +
			"474554202f20485454502f312e300d0a0d0a",
		header: tcp.Header{
			SrcPort: 44540, DstPort: 39411, Seq: 0x4c4846a5, Ack: 0x77d41692, Flags: tcp.PSH | tcp.ACK, Window: 64, Checksum: 0x4bd1,
			Options: tcp.Options{Has: tcp.HasTimestamps, TSVal: 3908777691, TSEcr: 477407328},
		},
		payload: "GET / HTTP/1.0\r\n\r\n",
		len:     18,
	},
	{
		name:  "FIN",
		bytes: "99f3 adfc 77d41697 4c4846b8 8011 0040 2a72 0000 0101 080a 1c74a860 e8fb36db",
		header: tcp.Header{
			SrcPort: 39411, DstPort: 44540, Seq: 0x77d41697, Ack: 0x4c4846b8, Flags: tcp.FIN | tcp.ACK, Window: 64, Checksum: 0x2a72,
			Options: tcp.Options{Has: tcp.HasTimestamps, TSVal: 477407328, TSEcr: 3908777691},
		},
		len: 1,
	},
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// dirty returns n bytes that are not zero, so that one left out shows.
func dirty(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = 0xa5
	}
	return b
}
