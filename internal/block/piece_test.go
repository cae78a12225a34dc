package block

import "testing"

// What is written after blocks have come and gone lies in one piece again, as long as
// blocks come back in the order they were taken in.
func TestNeighboursAreUsedInTheirOrder(t *testing.T) {
	p := NewPool(Config{BlockSize: 16, Blocks: 32})
	var q Queue
	data := make([]byte, 16*12)
	for round := range 20 {
		q.Append(p, data)
		m, last, end := q.head.piece(0, len(data))
		if len(m) != len(data) || last != q.tail || end != q.tail.hi {
			t.Fatalf("round %d: a piece of %d bytes of %d", round, len(m), len(data))
		}
		for i := range m {
			m[i] = byte(i)
		}
		if q.Peek(data); data[100] != 100 || data[191] != 191 {
			t.Fatal("the piece is not the queue's")
		}
		for q.Len() > 0 {
			q.Drop(p, 40) // in the middle of a block
		}
	}
}

func TestAPieceEndsWhereMemoryOrDataDoes(t *testing.T) {
	p := NewPool(Config{BlockSize: 16, Blocks: 8, Preallocate: true})
	var q, o, other Queue
	q.Append(p, make([]byte, 32))
	other.Append(p, make([]byte, 1)) // takes the block that follows
	q.Append(p, make([]byte, 40))
	if m, _, end := q.head.piece(3, 1000); len(m) != 29 || end != 16 {
		t.Errorf("%d bytes to %d, with another's block behind them", len(m), end)
	}
	if m, last, end := q.head.piece(3, 20); len(m) != 20 || last != q.head.next || end != 7 {
		t.Errorf("%d bytes of 20 to %d", len(m), end)
	}
	q.Free(p)
	other.Free(p)
	q.Append(p, make([]byte, 16))
	o.Append(p, make([]byte, 16))
	o.Drop(p, 5)
	q.Splice(p, &o)
	if m, _, _ := q.head.piece(0, 1000); len(m) != 16 {
		t.Errorf("%d bytes, over what is not valid", len(m))
	}
}
