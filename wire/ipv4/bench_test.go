package ipv4

import "testing"

func BenchmarkParse(b *testing.B) {
	h := vectors[0].header
	h.TotalLen = 1500
	packet := dirty(1500)
	h.Emit(packet)
	b.ReportAllocs()
	b.SetBytes(1500)
	for b.Loop() {
		p, err := Parse(packet)
		if err != nil || !p.ChecksumOK() || p.IsFragment() || p.Protocol() != 1 || p.Dst() != bob || len(p.Payload()) == 0 {
			b.Fatal("not parsed")
		}
	}
}

func BenchmarkEmit(b *testing.B) {
	for _, v := range []int{0, 2} {
		mem := make([]byte, MaxHeaderLen)
		h := vectors[v].header
		b.Run(vectors[v].name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(h.Len()))
			for b.Loop() {
				h.Emit(mem)
			}
		})
	}
}

func BenchmarkDecrementTTL(b *testing.B) {
	p := Packet(append([]byte(nil), vectors[0].packet...))
	b.ReportAllocs()
	for b.Loop() {
		p[8] = 64
		p.DecrementTTL()
	}
}
