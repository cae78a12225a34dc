package tcp

import (
	"time"

	"github.com/netdev-go/netdev/internal/checksum"
)

// A Posting is memory of a reader that waits.
type Posting struct {
	Buf []byte
	N   int // how many bytes of Buf are received data, from the front
}

// Post has what arrives next, as long as nothing waits to be read, go to p.Buf straight,
// behind the N bytes that are there, as if Read had taken it. Everything else waits for
// Read as ever. The connection is woken for either. Until Post is called again, with nil
// to end this, or Close or Abort, p is the connection's: what lies behind the N bytes may
// be anything, and what Read takes comes behind them.
func (c *Conn) Post(p *Posting) { c.posting = p }

// posted returns how much of n bytes a Posting has room for.
func (c *Conn) posted(n int) int {
	if c.posting == nil || c.rcv.Len() > 0 {
		return 0
	}
	return min(n, len(c.posting.Buf)-c.posting.N)
}

// take puts data, for which fits has found a place, where it belongs: so much into a
// Posting, where it does not count yet, and the rest into the queue. It reports whether
// all sums up as it should with what else there is of the segment, and queues nothing
// where it does not.
func (c *Conn) take(data []byte, posted int, sum uint64) bool {
	mark := c.rcv.Mark()
	var front checksum.Sum
	if posted > 0 {
		front = checksum.Copy(c.posting.Buf[c.posting.N:], data[:posted])
	}
	sum += uint64(front.AddAt(posted, c.rcv.AppendSum(c.e.pool, data[posted:])))
	if checksum.Words(sum).Valid() {
		return true
	}
	c.rcv.CutBack(c.e.pool, mark)
	return false
}

// handedOver has n bytes that were put into the Posting count as read, and tells the owner
// each time: it need not Read. A window that is not small moves on with the ACKs.
func (c *Conn) handedOver(now time.Duration, n int) {
	c.posting.N += n
	c.flags &^= toldOfData
	c.wake()
	c.tuneReceive(now, n)
	if c.rcvEdge.Diff(c.rcvNxt) < fewSegments*int(c.rcvMSS) {
		c.openWindow()
	}
}
