package block

import "github.com/netdev-go/netdev/internal/checksum"

// A Queue is a FIFO of bytes. The zero value is an empty one. A Queue with bytes in
// it must not be copied, and must be emptied, if only by [Queue.Free], for its
// blocks to come back to the pool.
type Queue struct {
	// No block of the chain is without valid bytes.
	head, tail *Block
	n          int32
	gone       uint32 // how many bytes have left at the front, modulo 2³²
}

// Len returns how many bytes are queued.
func (q *Queue) Len() int { return int(q.n) }

// Append copies b to the end, behind what the last block holds first, and returns
// how many bytes p had memory for.
func (q *Queue) Append(p *Pool, b []byte) int {
	done := 0
	for done < len(b) {
		m := q.extend(p, len(b)-done)
		if m == nil {
			break
		}
		done += copy(m, b[done:])
	}
	return done
}

// extend adds up to n bytes to the end, whatever they are, as many as lie in one piece,
// and returns them: nil where there is no memory.
func (q *Queue) extend(p *Pool, n int) []byte {
	t := q.tail
	if t == nil || t.room() == 0 {
		if t = p.get(); t == nil {
			return nil
		}
		q.link(t, t)
	}
	first, from := t, int(t.hi)
	done := min(t.room(), n)
	t.hi += uint16(done)
	if done == n {
		q.n += int32(n)
		return t.buf[from : from+n]
	}
	for done < n && p.Free() > 0 && p.free != nil && t.joins(p.free) {
		t = p.get()
		q.link(t, t)
		t.hi = uint16(min(n-done, len(t.buf)))
		done += int(t.hi)
	}
	q.n += int32(done)
	return first.buf[from : from+done]
}

// piece returns up to n bytes from off in b on, as many as lie in one piece and are
// valid, the last block that has some of them, and where in that they end.
func (b *Block) piece(off uint16, n int) (m []byte, last *Block, end uint16) {
	last, end = b, b.hi
	done := int(b.hi - off)
	for done < n && int(last.hi) == len(last.buf) && last.next != nil && last.next.lo == 0 && last.joins(last.next) {
		last = last.next
		end = last.hi
		done += int(end)
	}
	if done > n {
		end -= uint16(done - n)
		done = n
	}
	return b.buf[off : int(off)+done], last, end
}

// A Mark is where a queue ended.
type Mark struct {
	tail *Block
	hi   uint16
	n    int32
}

// Mark returns where q ends now.
func (q *Queue) Mark() Mark {
	if q.tail == nil {
		return Mark{}
	}
	return Mark{q.tail, q.tail.hi, q.n}
}

// CutBack drops what was appended since m was q's end. Nothing may have been taken from
// the front meanwhile.
func (q *Queue) CutBack(p *Pool, m Mark) {
	cut := q.head
	if q.tail = m.tail; m.tail == nil {
		q.head = nil
	} else {
		m.tail.hi = m.hi
		cut, m.tail.next = m.tail.next, nil
	}
	for q.n = m.n; cut != nil; {
		next := cut.next
		p.put(cut)
		cut = next
	}
}

// AppendSum is [Queue.Append] and returns the sum of b as well, computed on the way.
// It panics where there is no memory for all of b: see [Queue.Fits].
func (q *Queue) AppendSum(p *Pool, b []byte) checksum.Sum {
	var sum checksum.Sum
	for done := 0; done < len(b); {
		m := q.extend(p, len(b)-done)
		if m == nil {
			panic("block: more than fits")
		}
		sum = sum.AddAt(done, checksum.Copy(m, b[done:done+len(m)]))
		done += len(m)
	}
	return sum
}

// Fits tells whether there is memory for n bytes more.
func (q *Queue) Fits(p *Pool, n int) bool {
	if t := q.tail; t != nil {
		n -= t.room()
	}
	return n <= p.Free()*p.size
}

// Peek copies bytes from the front to dst and leaves them in the queue. It returns
// how many there were, at most len(dst).
func (q *Queue) Peek(dst []byte) int { return q.PeekAt(0, dst) }

// PeekAt does as [Queue.Peek] from offset off on, which may lie beyond the end.
func (q *Queue) PeekAt(off int, dst []byte) int {
	done := 0
	for b := q.head; b != nil && done < len(dst); b = b.next {
		valid := b.buf[b.lo:b.hi]
		if off >= len(valid) {
			off -= len(valid)
			continue
		}
		done += copy(dst[done:], valid[off:])
		off = 0
	}
	return done
}

// Read moves bytes from the front to dst and returns how many, at most len(dst).
// Emptied blocks go back to p.
func (q *Queue) Read(p *Pool, dst []byte) int {
	done := 0
	for b := q.head; b != nil && done < len(dst); b = q.head {
		if n := int(b.hi - b.lo); n >= len(dst)-done {
			n = copy(dst[done:], b.buf[b.lo:b.hi])
			q.advance(p, n)
			return done + n
		}
		m, _, _ := b.piece(b.lo, len(dst)-done)
		done += copy(dst[done:], m)
		q.Drop(p, len(m))
	}
	return done
}

// Drop takes n bytes, or all if there are fewer, from the front, and returns how
// many those were. Emptied blocks go back to p.
func (q *Queue) Drop(p *Pool, n int) int {
	done := 0
	for b := q.head; b != nil && done < n; b = q.head {
		k := min(n-done, int(b.hi-b.lo))
		q.advance(p, k)
		done += k
	}
	return done
}

// Splice moves all bytes of o to the end of q, in time that does not depend on how
// many there are: the chain moves, or, where the last block has room for what few
// bytes o has, those are copied. No memory is needed, and o is empty then.
func (q *Queue) Splice(p *Pool, o *Queue) {
	if o.n == 0 {
		return
	}
	if t := q.tail; t != nil && o.head == o.tail && int(o.n) <= t.room() && int(o.n) <= p.size/2 {
		t.hi += uint16(copy(t.buf[t.hi:], o.head.buf[o.head.lo:o.head.hi]))
		q.n += o.n
		o.Free(p)
		return
	}
	q.link(o.head, o.tail)
	q.n += o.n
	o.gone += uint32(o.n)
	o.head, o.tail, o.n = nil, nil, 0
}

// Free drops everything.
func (q *Queue) Free(p *Pool) { q.Drop(p, int(q.n)) }

// link puts the chain from first to last behind q's own.
func (q *Queue) link(first, last *Block) {
	if q.tail == nil {
		q.head = first
	} else {
		q.tail.next = first
	}
	q.tail = last
}

// advance drops n bytes of the first block, which has that many.
func (q *Queue) advance(p *Pool, n int) {
	b := q.head
	b.lo += uint16(n)
	q.n -= int32(n)
	q.gone += uint32(n)
	if b.lo == b.hi {
		if q.head = b.next; q.head == nil {
			q.tail = nil
		}
		p.put(b)
	}
}
