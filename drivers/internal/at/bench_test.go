package at_test

import (
	"strings"
	"testing"

	"github.com/netdev-go/netdev/drivers/internal/at"
)

// BenchmarkScan takes a stream apart: what is received, and what is said of it.
func BenchmarkScan(b *testing.B) {
	text := []byte("\r\n+IPD,1,9\r\n+CIPRECVDATA:1024,\"10.0.0.2\",80," + strings.Repeat("0123456789abcdef", 64) + "\r\nOK\r\n")
	var s at.Scanner
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		s.Expect("+CIPRECVDATA:", true)
		for rest := text; len(rest) > 0; {
			n, _ := s.Scan(rest)
			rest = rest[n:]
		}
	}
}
