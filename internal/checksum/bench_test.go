package checksum

import (
	"fmt"
	"net/netip"
	"testing"
)

// naive is what one writes first: words of 16 bits, folded at the end.
func naive(b []byte) Sum {
	var s uint32
	for ; len(b) >= 2; b = b[2:] {
		s += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) > 0 {
		s += uint32(b[0]) << 8
	}
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return Sum(s)
}

var sink Sum

// BenchmarkSum has the naive loop and the loops of both machines in one run.
func BenchmarkSum(b *testing.B) {
	for _, size := range []int{20, 64, 1460, 64 << 10} {
		memory, dst := random(size, 1), make([]byte, size)
		run := func(how string, f func() Sum) {
			b.Run(fmt.Sprintf("%dB/%s", size, how), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(size))
				for b.Loop() {
					sink = f()
				}
			})
		}
		run("naive", func() Sum { return naive(memory) })
		run("Of", func() Sum { return Of(memory) })
		run("of32bits", func() Sum { return little(sum32(memory)) })
		run("copyThenOf", func() Sum { copy(dst, memory); return Of(dst) })
		run("Copy", func() Sum { return Copy(dst, memory) })
	}
}

func BenchmarkPseudo(b *testing.B) {
	for _, addr := range []string{"192.0.2.1", "2001:db8::1"} {
		src := netip.MustParseAddr(addr)
		b.Run(addr, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink = Pseudo(src, src, 6, 1480)
			}
		})
	}
}
