package block_test

import (
	"bytes"
	"testing"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/internal/checksum"
)

// wantCopy reads len(want) bytes at c, and checks them and their sum.
func wantCopy(t *testing.T, c *block.Cursor, want []byte) {
	t.Helper()
	dst := bytes.Repeat([]byte{0xa5}, len(want))
	sum := c.CopySum(dst)
	if !bytes.Equal(dst, want) {
		t.Fatalf("copied %v, want %v", dst, want)
	}
	wantSum(t, sum, want)
}

func wantSum(t *testing.T, sum checksum.Sum, of []byte) {
	t.Helper()
	// A sum has two zeros, 0 and 0xffff, which are the same to a checksum.
	if slow := checksum.Of(of); sum != slow && (sum != 0xffff || slow != 0) && (sum != 0 || slow != 0xffff) {
		t.Fatalf("sum %#x of %v, want %#x", sum, of, slow)
	}
}

func TestCopySumOverOddBlockEdges(t *testing.T) {
	for size := 1; size <= 9; size++ {
		p := block.NewPool(block.Config{BlockSize: size, Blocks: 60})
		for gone := range size {
			var q block.Queue
			q.Append(p, count(0, gone+24))
			q.Drop(p, gone)
			for off := range 25 {
				for n := range 25 - off {
					c := q.Seek(off)
					wantCopy(t, &c, count(gone+off, n))
					if c.Offset() != off+n || c.Left() != 24-off-n {
						t.Fatalf("at %d with %d left after %d at %d", c.Offset(), c.Left(), n, off)
					}
					wantCopy(t, &c, count(gone+off+n, c.Left()))
				}
			}
			q.Free(p)
		}
	}
}

func TestCursorAtTheEndReadsWhatIsAppended(t *testing.T) {
	p := block.NewPool(block.Config{BlockSize: 4, Blocks: 8})
	var q, o block.Queue
	c := q.Seek(0)
	q.Append(p, count(0, 4))
	wantCopy(t, &c, count(0, 4))
	q.Append(p, count(4, 3)) // a new block behind the full one
	wantCopy(t, &c, count(4, 3))
	q.Append(p, count(7, 1)) // the same block
	wantCopy(t, &c, count(7, 1))
	o.Append(p, count(8, 7))
	q.Splice(p, &o)
	wantCopy(t, &c, count(8, 7))
	wantCopy(t, &c, nil)
}

func TestCursorSurvivesThatTheQueueRunsEmpty(t *testing.T) {
	p := block.NewPool(block.Config{BlockSize: 4, Blocks: 16})
	var q, other block.Queue
	c := q.Seek(0)
	for i := range 20 {
		q.Append(p, count(i, i))
		wantCopy(t, &c, count(i, i))
		q.Free(p)
		other.Append(p, count(0, 1)) // takes the block that c was in
		if c.Offset() != 0 || c.Left() != 0 {
			t.Fatalf("at %d with %d left in an empty queue", c.Offset(), c.Left())
		}
	}
}

func TestCursorSurvivesDropBeforeIt(t *testing.T) {
	p := block.NewPool(block.Config{BlockSize: 4, Blocks: 8})
	for off := range 21 {
		for drop := range off + 1 {
			var q, other block.Queue
			q.Append(p, count(0, 20))
			c := q.Seek(off)
			q.Drop(p, drop)
			other.Append(p, count(100, 8))
			if c.Offset() != off-drop {
				t.Fatalf("Offset() = %d, want %d", c.Offset(), off-drop)
			}
			wantCopy(t, &c, count(off, 20-off))
			q.Free(p)
			other.Free(p)
		}
	}
}

func TestCursorsAreIndependent(t *testing.T) {
	p := block.NewPool(block.Config{BlockSize: 4, Blocks: 8})
	var q block.Queue
	q.Append(p, count(0, 20))
	a := q.Seek(2)
	b := a
	wantCopy(t, &a, count(2, 9))
	wantCopy(t, &b, count(2, 3))
	wantCopy(t, &a, count(11, 9))
	wantCopy(t, &b, count(5, 15))
	wantContent(t, &q, count(0, 20))
}

func TestCursorBeyondTheEndPanics(t *testing.T) {
	p := block.NewPool(block.Config{BlockSize: 4, Blocks: 8})
	var q block.Queue
	q.Append(p, count(0, 6))
	c := q.Seek(2)
	for name, f := range map[string]func(){
		"seek":     func() { q.Seek(7) },
		"negative": func() { q.Seek(-1) },
		"copy":     func() { c.CopySum(make([]byte, 5)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
	wantCopy(t, &c, count(2, 4)) // the refused copy has not moved it
}
