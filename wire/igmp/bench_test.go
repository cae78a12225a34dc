package igmp

import "testing"

func BenchmarkParse(b *testing.B) {
	message := vectors[10].message
	b.ReportAllocs()
	b.SetBytes(int64(len(message)))
	for b.Loop() {
		m, err := Parse(message)
		if err != nil || !m.ChecksumOK() {
			b.Fatal("not parsed")
		}
		for r := m.Records(); r.Next(); {
			if !r.Record().Group().IsMulticast() {
				b.Fatal("not read")
			}
		}
	}
}

func BenchmarkEmit(b *testing.B) {
	mem := dirty(64)
	for _, v := range vectors[8:11] {
		b.Run(v.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(v.from.Len()))
			for b.Loop() {
				v.from.Emit(mem)
			}
		})
	}
}
