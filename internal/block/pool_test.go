package block_test

import (
	"testing"

	"github.com/netdev-go/netdev/internal/block"
)

func TestPoolMakesEachBlockOnce(t *testing.T) {
	for _, pre := range []bool{false, true} {
		p := block.NewPool(block.Config{BlockSize: 16, Blocks: 10, Preallocate: pre})
		b := make([]byte, 160)
		var q block.Queue
		cycle := func() {
			if q.Append(p, b) != len(b) || q.Append(p, b) != 0 {
				t.Fatal("the pool does not have what it was made with")
			}
			q.Read(p, b[:7])
			q.Drop(p, 100)
			q.Free(p)
		}
		if pre {
			if n := testing.AllocsPerRun(1, cycle); n != 0 {
				t.Errorf("%v allocations in a preallocated pool", n)
			}
		}
		cycle()
		if n := testing.AllocsPerRun(100, cycle); n != 0 {
			t.Errorf("%v allocations, Preallocate %v", n, pre)
		}
		if p.InUse() != 0 || p.Peak() != 10 || p.BlockSize() != 16 {
			t.Errorf("InUse %d, Peak %d, BlockSize %d", p.InUse(), p.Peak(), p.BlockSize())
		}
	}
}

// A block of the arena ends where the next one begins, also for append.
func TestPreallocatedBlocksDoNotOverlap(t *testing.T) {
	p := block.NewPool(block.Config{BlockSize: 3, Blocks: 4, Preallocate: true})
	var qs [4]block.Queue
	for i := range qs {
		qs[i].Append(p, count(10*i, 3))
	}
	for i := range qs {
		wantContent(t, &qs[i], count(10*i, 3))
	}
}

func TestPoolWithoutBlocks(t *testing.T) {
	p := block.NewPool(block.Config{BlockSize: 1})
	var q block.Queue
	if n := q.Append(p, count(0, 1)); n != 0 {
		t.Errorf("Append = %d", n)
	}
	wantInUse(t, p, 0)
}

func TestPoolOfAnImpossibleSizePanics(t *testing.T) {
	for _, c := range []block.Config{
		{BlockSize: 0, Blocks: 1},
		{BlockSize: block.MaxBlockSize + 1, Blocks: 1},
		{BlockSize: 1, Blocks: -1},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("NewPool(%+v) returned", c)
				}
			}()
			block.NewPool(c)
		}()
	}
}

func TestLargestBlock(t *testing.T) {
	p := block.NewPool(block.Config{BlockSize: block.MaxBlockSize, Blocks: 2})
	var q block.Queue
	q.Append(p, count(0, block.MaxBlockSize))
	q.Append(p, count(block.MaxBlockSize, 2))
	wantInUse(t, p, 2)
	c := q.Seek(block.MaxBlockSize)
	wantCopy(t, &c, count(block.MaxBlockSize, 2))
	wantContent(t, &q, count(0, block.MaxBlockSize+2))
}
