package arp

import "testing"

func BenchmarkParse(b *testing.B) {
	packet := vectors[0].packet
	b.ReportAllocs()
	b.SetBytes(Len)
	for b.Loop() {
		p, err := Parse(packet)
		if err != nil || p.Op() != OpRequest || p.SenderIP() != aliceIP || p.TargetIP() != bobIP {
			b.Fatal("not parsed")
		}
	}
}

func BenchmarkEmit(b *testing.B) {
	mem := make([]byte, Len)
	h := Request(alice, aliceIP, bobIP)
	b.ReportAllocs()
	b.SetBytes(Len)
	for b.Loop() {
		h.Emit(mem)
	}
}
