package block_test

import (
	"bytes"
	"testing"
	"unsafe"

	"github.com/netdev-go/netdev/internal/block"
)

// count returns n bytes that count up from first.
func count(first, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(first + i)
	}
	return b
}

// content returns what q holds.
func content(q *block.Queue) []byte {
	b := make([]byte, q.Len()+1)
	return b[:q.Peek(b)]
}

func wantContent(t *testing.T, q *block.Queue, want []byte) {
	t.Helper()
	if got := content(q); !bytes.Equal(got, want) {
		t.Fatalf("queue holds %v, want %v", got, want)
	}
	if q.Len() != len(want) {
		t.Fatalf("Len() = %d, want %d", q.Len(), len(want))
	}
}

func wantInUse(t *testing.T, p *block.Pool, want int) {
	t.Helper()
	if p.InUse() != want || p.Free() != p.Blocks()-want {
		t.Fatalf("%d blocks in use and %d free of %d, want %d in use", p.InUse(), p.Free(), p.Blocks(), want)
	}
}

func TestEmptyQueueHoldsNoMemory(t *testing.T) {
	if size := unsafe.Sizeof(block.Queue{}); size > 32 {
		t.Errorf("a queue takes %d bytes", size)
	}
	p := block.NewPool(block.Config{BlockSize: 4, Blocks: 3})
	var q block.Queue
	q.Append(p, count(0, 9))
	wantInUse(t, p, 3)
	if n := q.Read(p, make([]byte, 9)); n != 9 {
		t.Fatalf("Read = %d", n)
	}
	wantInUse(t, p, 0)
	if n := q.Read(p, make([]byte, 1)); n != 0 {
		t.Errorf("Read of an empty queue = %d", n)
	}
	if n := q.Drop(p, 1); n != 0 {
		t.Errorf("Drop of an empty queue = %d", n)
	}
	wantContent(t, &q, nil)
}

func TestAppendFillsTheLastBlockFirst(t *testing.T) {
	p := block.NewPool(block.Config{BlockSize: 8, Blocks: 4})
	var q block.Queue
	for i := range 8 {
		q.Append(p, count(i, 1))
	}
	wantInUse(t, p, 1)
	q.Append(p, count(8, 9))
	wantInUse(t, p, 3)
	wantContent(t, &q, count(0, 17))
}

func TestAppendStopsWhereMemoryEnds(t *testing.T) {
	p := block.NewPool(block.Config{BlockSize: 4, Blocks: 3})
	var q, other block.Queue
	q.Append(p, count(0, 1))
	if n := other.Append(p, count(0, 100)); n != 8 {
		t.Errorf("Append = %d with two blocks free, want 8", n)
	}
	if n := q.Append(p, count(1, 100)); n != 3 {
		t.Errorf("Append = %d with room for 3 in the last block, want 3", n)
	}
	if n := q.Append(p, count(0, 1)); n != 0 {
		t.Errorf("Append = %d without memory", n)
	}
	wantContent(t, &q, count(0, 4))
	wantContent(t, &other, count(0, 8))
	if p.Peak() != 3 {
		t.Errorf("Peak() = %d, want 3", p.Peak())
	}
	other.Free(p)
	wantInUse(t, p, 1)
	if p.Peak() != 3 {
		t.Errorf("Peak() = %d after Free, want 3", p.Peak())
	}
	if n := q.Append(p, count(4, 100)); n != 8 {
		t.Errorf("Append = %d after blocks came back, want 8", n)
	}
}

func TestPeekAtTakesNothing(t *testing.T) {
	p := block.NewPool(block.Config{BlockSize: 4, Blocks: 8})
	var q block.Queue
	q.Append(p, count(0, 23))
	q.Drop(p, 3)
	for off := range 25 {
		for n := range 25 {
			dst := make([]byte, n)
			want := count(3+off, max(0, min(n, 20-off)))
			if got := dst[:q.PeekAt(off, dst)]; !bytes.Equal(got, want) {
				t.Fatalf("PeekAt(%d, %d bytes) = %v, want %v", off, n, got, want)
			}
		}
	}
	wantContent(t, &q, count(3, 20))
}

func TestSpliceMovesChains(t *testing.T) {
	p := block.NewPool(block.Config{BlockSize: 8, Blocks: 16})
	for have := range 20 {
		for more := range 20 {
			var q, o block.Queue
			q.Append(p, count(0, have))
			o.Append(p, count(have-3, more+3))
			o.Drop(p, 3)
			q.Splice(p, &o)
			wantContent(t, &q, count(0, have+more))
			wantContent(t, &o, nil)
			o.Append(p, count(1, 1))
			q.Append(p, count(have+more, 5))
			wantContent(t, &q, count(0, have+more+5))
			wantContent(t, &o, count(1, 1))
			q.Free(p)
			o.Free(p)
			wantInUse(t, p, 0)
		}
	}
}

func TestSpliceOfAFewBytesGivesTheirBlockBack(t *testing.T) {
	p := block.NewPool(block.Config{BlockSize: 64, Blocks: 8})
	var q block.Queue
	for i := range 64 {
		var o block.Queue
		o.Append(p, count(i, 1))
		q.Splice(p, &o)
	}
	wantContent(t, &q, count(0, 64))
	wantInUse(t, p, 1)
}

func TestSpliceNeedsNoMemory(t *testing.T) {
	p := block.NewPool(block.Config{BlockSize: 8, Blocks: 4})
	var q, o block.Queue
	q.Append(p, count(0, 15))
	o.Append(p, count(15, 16))
	wantInUse(t, p, 4)
	q.Splice(p, &o)
	wantContent(t, &q, count(0, 31))
}

func TestAppendSumOfMoreThanFitsPanics(t *testing.T) {
	p := block.NewPool(block.Config{BlockSize: 16, Blocks: 2})
	var q block.Queue
	if !q.Fits(p, 32) || q.Fits(p, 33) {
		t.Error("Fits is wrong about an empty queue")
	}
	q.Append(p, make([]byte, 20))
	if !q.Fits(p, 12) || q.Fits(p, 13) {
		t.Error("Fits is wrong about the room of the last block")
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	q.AppendSum(p, make([]byte, 13))
}
