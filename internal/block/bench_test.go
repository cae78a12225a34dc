package block_test

import (
	"testing"

	"github.com/netdev-go/netdev/internal/block"
)

// One segment's bytes written, copied out with their sum, and acknowledged.
func BenchmarkSend(b *testing.B) {
	p := block.NewPool(block.Config{BlockSize: 2048, Blocks: 64})
	var q block.Queue
	data, segment := make([]byte, 16<<10), make([]byte, 1448)
	q.Append(p, data)
	c := q.Seek(0)
	b.SetBytes(int64(len(segment)))
	b.ReportAllocs()
	for b.Loop() {
		if c.Left() < len(segment) {
			q.Append(p, data)
		}
		c.CopySum(segment)
		q.Drop(p, len(segment))
	}
}

// One segment's bytes appended, and read once there are 16 KiB.
func BenchmarkReceive(b *testing.B) {
	p := block.NewPool(block.Config{BlockSize: 2048, Blocks: 64})
	var q block.Queue
	data, segment := make([]byte, 16<<10), make([]byte, 1448)
	b.SetBytes(int64(len(segment)))
	b.ReportAllocs()
	for b.Loop() {
		q.Append(p, segment)
		if q.Len() >= len(data) {
			q.Read(p, data)
		}
	}
}

func BenchmarkSmall(b *testing.B) {
	p := block.NewPool(block.Config{BlockSize: 2048, Blocks: 64})
	var q block.Queue
	data := make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		q.Append(p, data)
		q.Read(p, data)
	}
}

func BenchmarkSplice(b *testing.B) {
	p := block.NewPool(block.Config{BlockSize: 2048, Blocks: 64})
	var q, o block.Queue
	o.Append(p, make([]byte, 100<<10))
	b.ReportAllocs()
	for b.Loop() {
		q.Splice(p, &o)
		o.Splice(p, &q)
	}
}
