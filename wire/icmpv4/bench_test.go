package icmpv4

import "testing"

func BenchmarkParse(b *testing.B) {
	for _, v := range vectors[2:4] {
		b.Run(v.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(v.message)))
			for b.Loop() {
				m, err := Parse(v.message)
				if err != nil || !m.ChecksumOK() || len(m.Quote()) == 0 {
					b.Fatal("not parsed")
				}
			}
		})
	}
}

func BenchmarkEmit(b *testing.B) {
	mem := dirty(64)
	h := Echo(1, 2)
	b.ReportAllocs()
	b.SetBytes(64)
	for b.Loop() {
		h.Emit(mem)
		Message(mem).FillChecksum()
	}
}
