package tcp_test

import (
	"testing"

	"github.com/netdev-go/netdev/wire/tcp"
)

func BenchmarkParse(b *testing.B) {
	raw := make([]byte, 1480)
	header := captured[2].header
	header.Emit(raw)
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	var sum uint32
	for range b.N {
		s, err := tcp.Parse(raw)
		if err != nil {
			b.Fatal(err)
		}
		val, _, _ := s.Timestamps()
		sum += val + uint32(s.Seq()) + uint32(s.Ack()) + s.Prediction() + uint32(len(s.Payload()))
	}
	_ = sum
}

func BenchmarkOptions(b *testing.B) {
	for _, c := range layouts {
		raw := unhex(b, c.bytes)
		o := c.options
		b.Run("parse/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(raw)))
			var o tcp.Options
			for range b.N {
				if err := o.Parse(raw); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("emit/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(raw)))
			out := make([]byte, tcp.MaxOptionsLen)
			for range b.N {
				o.Emit(out)
			}
		})
	}
}

func BenchmarkEmit(b *testing.B) {
	header := captured[2].header
	out := make([]byte, tcp.MaxHeaderLen)
	b.ReportAllocs()
	b.SetBytes(int64(header.Len()))
	for range b.N {
		header.Emit(out)
	}
}

func BenchmarkFillChecksum(b *testing.B) {
	raw := make([]byte, 1480)
	header := captured[2].header
	header.Emit(raw)
	s := tcp.Segment(raw)
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	for range b.N {
		s.FillChecksum(loopback, loopback)
	}
}
