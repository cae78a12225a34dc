package block

import "github.com/netdev-go/netdev/internal/checksum"

// A Cursor is a position in a [Queue], from which it reads on. It stays on its byte
// through everything that changes the queue at its end, and through what is taken
// from the front before that byte. Once that byte itself was taken the Cursor must
// not be used any more; nor may the zero value.
type Cursor struct {
	q *Queue
	// The block with the byte before the position, and how many bytes of it lie
	// before: it is there as long as that byte is. At the front of the queue, where
	// no byte is before, the block is not looked at.
	b   *Block
	off uint16
	pos uint32 // counted as Queue.gone is
}

// Seek returns the position off bytes behind the front of q, which may be its end.
// It panics if off lies beyond.
func (q *Queue) Seek(off int) Cursor {
	if off < 0 || off > int(q.n) {
		panic("block: seek out of range")
	}
	c := Cursor{q: q, b: q.head, pos: q.gone + uint32(off)}
	if off == 0 {
		return c
	}
	for off > int(c.b.hi-c.b.lo) {
		off -= int(c.b.hi - c.b.lo)
		c.b = c.b.next
	}
	c.off = c.b.lo + uint16(off)
	return c
}

// Offset returns how many bytes lie between the front of the queue and c.
func (c *Cursor) Offset() int { return int(c.pos - c.q.gone) }

// Left returns how many bytes lie between c and the end of the queue.
func (c *Cursor) Left() int { return int(c.q.n) - c.Offset() }

// CopySum copies the next len(dst) bytes to dst, moves c behind them and returns
// their sum, computed on the way. It panics if fewer are left.
func (c *Cursor) CopySum(dst []byte) checksum.Sum {
	if len(dst) > c.Left() {
		panic("block: copy beyond the end")
	}
	if c.pos == c.q.gone {
		if c.b = c.q.head; c.b != nil {
			c.off = c.b.lo
		}
	}
	c.pos += uint32(len(dst))
	var sum checksum.Sum
	for done := 0; done < len(dst); {
		if c.off == c.b.hi {
			c.b = c.b.next
			c.off = c.b.lo
		}
		if n := len(dst) - done; n <= int(c.b.hi-c.off) {
			m := c.b.buf[c.off : c.off+uint16(n)]
			c.off += uint16(n)
			return sum.AddAt(done, checksum.Copy(dst[done:], m))
		}
		m, last, end := c.b.piece(c.off, len(dst)-done)
		sum = sum.AddAt(done, checksum.Copy(dst[done:], m))
		c.b, c.off = last, end
		done += len(m)
	}
	return sum
}
