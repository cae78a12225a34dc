package reassembly_test

import (
	"fmt"
	"testing"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/stack/tcp/internal/reassembly"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// BenchmarkAdd is one segment behind a hole, which extends a run, with its SACK
// blocks, while other holes are open: its cost must not depend on those.
func BenchmarkAdd(b *testing.B) {
	for _, holes := range []int{1, 16, 100} {
		b.Run(fmt.Sprint("holes=", holes), func(b *testing.B) {
			p := newPool(2048, 2048)
			var q reassembly.Queue
			var into block.Queue
			var buf [wire.MaxSACKBlocks]wire.SACKBlock
			data := make([]byte, 1448)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			s, first := wire.Seq(0), wire.Seq(0)
			for b.Loop() {
				if s.Diff(first) > 1<<20 || s == first {
					q.Take(p, s, &into)
					q.Free(p)
					into.Free(p.Blocks)
					first = s
					for range holes {
						s += 1448
						q.Add(p, s, data[:100], first, noLimit)
					}
					s += 100
				}
				q.Add(p, s, data, first, noLimit)
				q.Blocks(&buf, 3)
				s += 1448
			}
		})
	}
}

// BenchmarkHole is a whole episode: 32 segments behind a hole, and the hole filled.
func BenchmarkHole(b *testing.B) {
	p := newPool(2048, 128)
	var q reassembly.Queue
	var into block.Queue
	data := make([]byte, 1448)
	b.ReportAllocs()
	nxt := wire.Seq(0)
	for b.Loop() {
		for i := 1; i <= 32; i++ {
			q.Add(p, nxt.Add(i*1448), data, nxt, noLimit)
		}
		nxt = nxt.Add(1448)
		nxt = nxt.Add(q.Take(p, nxt, &into))
		into.Free(p.Blocks)
	}
}
