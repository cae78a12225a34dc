package tcp

import "time"

// maxLong is the longest segment that fits an IP packet, with room to spare for options.
const maxLong = 0xffff - 60

// OutputLong is Output for a device that cuts segments. Where a connection has more to
// send than goes into a segment, and the windows and its pace let it, one of several
// times that is written to long, and mss tells after how many bytes of data to cut it.
// Where mss is 0 the segment is an ordinary one, in b.
func (e *Engine) OutputLong(now time.Duration, b, long []byte) (n, mss int, path *Path) {
	e.owes = false
	if e.answers.n > 0 {
		n, path = e.emitAnswer(b)
		return n, 0, path
	}
	e.long, e.cut = long[:min(len(long), maxLong)], 0
	n, path = e.next(now, b)
	e.long = nil
	return n, e.cut, path
}

// Owes tells whether Output should be called before the next segment comes in: there is
// an ACK that counts for itself, a duplicate one for a peer without SACK, or a D-SACK.
// Of others the last is as good as all of them.
func (e *Engine) Owes() bool { return e.owes }

// longTime bounds a long segment by what leaves at the pace in that time: its pieces go
// out as one burst.
const longTime = time.Millisecond

// several returns how many sequence numbers may go in one long segment, where full may
// in one behind a header of the given length and there are more of them ready. What is
// left for the last piece below the MSS has to wait where it would on its own.
func (c *Conn) several(head, full, ready int) int {
	if c.is(sendTLP) || c.MayFragment {
		return full // a probe is one segment; fragments have identifications of their own
	}
	n := min(ready, len(c.e.long)-head, c.cwndRoom(), c.sndUna.Add(int(c.sndWnd)).Diff(c.sndNxt))
	if rate := c.tx.rate; rate > 0 {
		n = min(n, int(rate/uint64(time.Second/longTime)))
	}
	if n < ready || !c.mayBeSmall() {
		n -= n % full
	}
	return max(n, full)
}
