package ethernet

import "testing"

func BenchmarkParse(b *testing.B) {
	for _, v := range vectors[:3] {
		frame := append(v.frame[:len(v.frame):len(v.frame)], make([]byte, 1500)...)
		b.Run(v.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(frame)))
			for b.Loop() {
				f, err := Parse(frame)
				if err != nil || f.Type() == 0 || len(f.Payload()) == 0 || f.Dst() == ([6]byte{}) {
					b.Fatal("not parsed")
				}
			}
		})
	}
}

func BenchmarkEmit(b *testing.B) {
	for _, v := range vectors[:3] {
		mem := make([]byte, MaxHeaderLen)
		b.Run(v.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(v.header.Len()))
			for b.Loop() {
				v.header.Emit(mem)
			}
		})
	}
}
