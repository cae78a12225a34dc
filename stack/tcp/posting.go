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

// take puts data, for which fits has found a place, where it belongs, and returns its sum
// and how much of it a Posting has room for. It does not count there yet.
func (c *Conn) take(data []byte) (sum checksum.Sum, posted int) {
	if p := c.posting; p != nil && c.rcv.Len() == 0 {
		room := p.Buf[p.N:]
		if posted = min(len(room), len(data)); posted > 0 {
			sum = checksum.Copy(room, data[:posted])
		}
	}
	if posted < len(data) {
		sum = sum.AddAt(posted, c.rcv.AppendSum(c.e.pool, data[posted:]))
	}
	return sum, posted
}

// handedOver has n bytes that take put into the Posting count as read. A window that is
// not small moves on with the ACKs.
func (c *Conn) handedOver(now time.Duration, n int) {
	c.posting.N += n
	c.tuneReceive(now, n)
	if int(c.rcvLimit) < fewSegments*int(c.rcvMSS) {
		c.openWindow()
	}
}
