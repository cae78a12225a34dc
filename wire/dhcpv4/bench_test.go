package dhcpv4_test

import (
	"testing"

	"github.com/netdev-go/netdev/wire/dhcpv4"
)

func BenchmarkParseAndReadAll(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(capturedAck)))
	buf := make([]byte, 600)
	for range b.N {
		m, err := dhcpv4.Parse(capturedAck)
		if err != nil {
			b.Fatal(err)
		}
		use(m, buf)
	}
}

func BenchmarkWrite(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(capturedAck)))
	buf := make([]byte, dhcpv4.MaxLen)
	for range b.N {
		if _, err := ack(buf); err != nil {
			b.Fatal(err)
		}
	}
}
