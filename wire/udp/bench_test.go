package udp_test

import (
	"testing"

	"github.com/netdev-go/netdev/wire/udp"
)

func full(size int) []byte {
	b := make([]byte, size)
	(&udp.Header{SrcPort: 1, DstPort: 2, Length: uint16(size)}).Emit(b)
	return b
}

func BenchmarkParse(b *testing.B) {
	raw := full(1480)
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	n := 0
	for range b.N {
		d, err := udp.Parse(raw)
		if err != nil {
			b.Fatal(err)
		}
		n += int(d.SrcPort()) + int(d.DstPort()) + len(d.Payload())
	}
	_ = n
}

func BenchmarkEmit(b *testing.B) {
	raw := full(udp.HeaderLen)
	b.ReportAllocs()
	b.SetBytes(udp.HeaderLen)
	for range b.N {
		capturedHeader.Emit(raw)
	}
}

func BenchmarkFillChecksum(b *testing.B) {
	d := udp.Datagram(full(1480))
	b.ReportAllocs()
	b.SetBytes(int64(len(d)))
	for range b.N {
		d.FillChecksum(loopback, loopback)
	}
}
