package ntp_test

import (
	"testing"

	"github.com/netdev-go/netdev/wire/ntp"
)

func BenchmarkParse(b *testing.B) {
	raw := unhex(b, captured[1].bytes)
	b.ReportAllocs()
	b.SetBytes(ntp.HeaderLen)
	for range b.N {
		p, err := ntp.Parse(raw)
		if err != nil || p.TransmitTime().Time(capturedReceive).IsZero() {
			b.Fatal(err)
		}
	}
}

func BenchmarkEmit(b *testing.B) {
	out := make([]byte, ntp.HeaderLen)
	h := captured[1].header
	b.ReportAllocs()
	b.SetBytes(ntp.HeaderLen)
	for range b.N {
		h.TransmitTime = ntp.TimestampOf(capturedReceive)
		h.Emit(out)
	}
}
