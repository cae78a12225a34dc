package tcp

import (
	"time"

	"github.com/netdev-go/netdev/internal/checksum"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// burstMost is how many segments a connection may send before it is another's turn.
const burstMost = 16

// Output writes the next segment that may go, checksum included, to b and returns its
// length and where it goes. 0 is that there is none. b must take an MTU less the IP
// header; a shorter one makes shorter segments, and one below 576 may get none. The
// Path is good until the next call of anything.
func (e *Engine) Output(now time.Duration, b []byte) (int, *Path) {
	n, _, path := e.OutputLong(now, b, nil)
	return n, path
}

// next lets those who may have something to send write their next segment.
func (e *Engine) next(now time.Duration, b []byte) (int, *Path) {
	for {
		for c := e.out.head; c != nil; c = e.out.head {
			if n := c.emit(now, b); n > 0 {
				if e.burst++; e.burst >= burstMost && e.out.tail != c {
					e.burst = 0
					e.out.push(e.out.pop())
				}
				return n, &c.Path
			}
			e.burst = 0
			e.out.pop()
			e.collect(c)
		}
		if e.feed(now); e.out.head == nil {
			return 0, nil
		}
	}
}

// emit writes the next segment of c, if it has one to send.
func (c *Conn) emit(now time.Duration, b []byte) int {
	if c.is(sendRST | sendSYN) {
		if c.is(sendRST) {
			c.flags &^= sendRST
			return c.emitRST(now, b)
		}
		c.flags &^= sendSYN | sendACK
		return c.emitSYN(now, b)
	}
	if c.state < StateSynReceived {
		return 0
	}
	if c.tx.flight.LostBytes() > 0 {
		// What was lost comes first, and new data waits while it waits for the window.
		if n := c.emitLost(now, b); n > 0 {
			return n
		}
	} else if n := c.emitNew(now, b); n > 0 {
		return n
	}
	return c.emitControl(now, b)
}

// emitControl writes what has no new data: probes and acknowledgements.
func (c *Conn) emitControl(now time.Duration, b []byte) int {
	if c.is(sendTLP) {
		c.flags &^= sendTLP
		if n := c.emitTLP(now, b); n > 0 {
			return n
		}
		c.armLoss(now, 0)
		c.wait()
	}
	if c.is(sendProbe) {
		c.flags &^= sendProbe
		if n := c.emitProbe(now, b); n > 0 {
			return n
		}
	}
	seq := c.sndNxt
	switch {
	case c.is(sendKeepAlive):
		c.flags &^= sendKeepAlive
		c.e.Counters.KeepAlives++
		seq = c.sndUna - 1
	case !c.is(sendACK):
		return 0
	}
	head := c.startSegment(now)
	if head > len(b) {
		return 0
	}
	c.e.Counters.OutSegs++
	return c.finishSegment(b, seq, wire.ACK, head, 0)
}

// unsentLen is how many sequence numbers are ready to be sent for the first time.
func (c *Conn) unsentLen() int {
	if c.is(sentFIN) {
		return 0
	}
	n := c.snd.Len() - c.sndNxt.Diff(c.sndUna)
	if c.is(wantsFIN) {
		n++
	}
	return n
}

// emitNew writes the next new data, FIN included, if the windows, Nagle's algorithm
// and the avoidance of silly windows let it.
func (c *Conn) emitNew(now time.Duration, b []byte) int {
	ready := c.unsentLen()
	idle := c.tx.flight.Empty()
	if ready <= 0 || c.state == StateSynReceived {
		if !idle && c.cwndRoom() > 0 {
			c.tx.flight.AppLimited()
		}
		return 0
	}
	if idle {
		c.startSending(now)
	}
	head := c.startSegment(now)
	most := c.room(b, head)
	n := min(ready, most)
	if inWindow := c.sndUna.Add(int(c.sndWnd)).Diff(c.sndNxt); inWindow < n {
		if n = inWindow; n <= 0 || n < int(c.sndWndMax)/2 {
			// Silly (RFC 9293 §3.8.6.2.1). Without anything under way no ACK would tell
			// of a larger window.
			if idle {
				c.armPersist(now)
			}
			return 0
		}
	}
	if n < most && n == ready && !c.mayBeSmall() && !c.isAll(n, most) || n <= 0 {
		return 0
	}
	if c.cwndRoom() < n && c.tx.flight.Pipe() > 0 {
		c.flags |= cwndLimited
		return 0
	}
	if c.tx.rate != 0 && c.held(now) {
		return 0
	}
	if n == most && n < ready && len(c.e.long) > 0 {
		if m := c.several(head, n, ready); m > n {
			b, n, c.e.cut = c.e.long, m, most
			c.e.burst += (n - 1) / most
		}
	}
	return c.sendNew(now, b, head, n, most)
}

// sendNew writes n sequence numbers from SND.NXT on behind a header of the given
// length, where most go into a segment.
func (c *Conn) sendNew(now time.Duration, b []byte, head, n, most int) int {
	left, data, flags := c.sndNxt, n, wire.ACK
	if c.is(wantsFIN) && n == c.unsentLen() {
		flags |= wire.FIN
		c.flags |= sentFIN
		data--
	}
	if data > 0 && left.Add(data) == c.sndUna.Add(c.snd.Len()) {
		flags |= wire.PSH
	}
	if n != most && n%most != 0 {
		c.sndSmall = left.Add(n)
	}
	if c.tx.flight.Empty() {
		c.sentAt, c.progressAt = now, now
		c.tx.flight.Attach(&c.e.records)
		c.tx.next = c.snd.Seek(0)
	}
	if c.dataAt != 0 {
		c.interactive(now)
	}
	c.sndNxt = left.Add(n)
	length := c.finishSegment(b, left, flags, head, data)
	for end := c.sndNxt; left != end; left = left.Add(min(most, end.Diff(left))) {
		c.tx.flight.Sent(now, left, min(most, end.Diff(left)))
	}
	c.e.Counters.OutSegs++
	if data > most {
		c.e.Counters.OutSegs += uint((data - 1) / most)
	}
	if c.is(sendTLP) {
		c.flags &^= sendTLP
		c.probed(now, false)
	}
	c.sent(now, n)
	return length
}

// sent has the timer of retransmission run for n bytes that went out just now. For what
// goes out in one burst it is set once, when two are under way.
func (c *Conn) sent(now time.Duration, n int) {
	if c.is(recovering) {
		c.tx.prr.sent(n)
	}
	if c.tx.rate != 0 {
		c.pace(now, n)
	}
	if c.tx.armedAt == now && c.lossAt != 0 && (c.loss == lossRTO || c.loss == lossTLP && c.mayProbe()) {
		return
	}
	if c.loss != lossReorder || c.lossAt == 0 {
		c.armLoss(now, 0)
	}
	c.wait()
	if c.tx.armedAt = 0; c.sndNxt.Diff(c.sndUna) > n {
		c.tx.armedAt = now
	}
}

// cwndRoom is how much more the congestion window lets out.
func (c *Conn) cwndRoom() int {
	room := c.cwnd() - c.tx.flight.Pipe()
	if c.is(sendTLP) {
		room += int(c.mss) // RFC 8985 §7.3
	}
	return room
}

// mayBeSmall tells whether the last of the data may go as a segment below the MSS: if
// no other such is under way (RFC 9293 §3.7.4, as Minshall has it).
func (c *Conn) mayBeSmall() bool {
	return c.opt.NoDelay || c.sndSmall.LessEq(c.sndUna) || c.is(wantsFIN|sendTLP)
}

// isAll tells whether n bytes are all that there is room for in the send buffer, and
// not few: to wait for more would be to wait for the peer's delayed ACK.
func (c *Conn) isAll(n, most int) bool { return c.is(writeFull) && 2*n >= most }

// emitLost sends again what is known to be lost, as far as the congestion window takes it.
func (c *Conn) emitLost(now time.Duration, b []byte) int {
	left, right, ok := c.tx.flight.Lost()
	if !ok {
		return 0
	}
	n := min(right.Diff(left), int(c.mss))
	if pipe := c.tx.flight.Pipe(); pipe > 0 && c.cwnd()-pipe < n {
		c.flags |= cwndLimited
		return 0
	}
	if c.tx.rate != 0 && c.held(now) {
		return 0
	}
	if left != c.sndUna && c.sndUna.Add(int(c.sndWnd)).Less(left.Add(n)) {
		return 0 // the window has shrunk over it
	}
	if !c.is(useSACK) {
		// Each round trip reveals one hole, which many small segments may make large.
		n = min(c.sndNxt.Diff(left), int(c.mss))
	}
	length, n := c.emitAgain(now, b, left, n)
	if n > 0 {
		c.tx.flight.Resent(now, left, left.Add(n))
		c.sent(now, n)
	}
	return length
}

// emitTLP sends the last segment again, since there is nothing new to send (RFC 8985
// §7.3).
func (c *Conn) emitTLP(now time.Duration, b []byte) int {
	left, right := c.tx.flight.Last()
	if left == right || c.tx.flight.Recovering() {
		return 0
	}
	if over := right.Diff(left) - int(c.mss); over > 0 {
		left = left.Add(over)
	}
	length, n := c.emitAgain(now, b, left, right.Diff(left))
	if n > 0 {
		c.tx.flight.Resent(now, left, left.Add(n))
		c.probed(now, true)
		c.sent(now, n)
	}
	return length
}

// probed notes that a tail loss probe went out.
func (c *Conn) probed(now time.Duration, again bool) {
	c.tx.flight.Probed(again)
	c.e.Counters.LossProbes++
	c.sentAt = now
}

// emitAgain writes up to n sequence numbers from left on once more, and returns how
// many those were.
func (c *Conn) emitAgain(now time.Duration, b []byte, left wire.Seq, n int) (length, sent int) {
	head := c.startSegment(now)
	if o := &c.e.hdr.Options; c.room(b, head) < n && o.Has&wire.HasSACK != 0 {
		o.Has &^= wire.HasSACK // rather than two segments
		head = wire.HeaderLen + o.Len()
	}
	off := left.Diff(c.sndUna)
	n = min(n, c.room(b, head))
	data := min(n, c.snd.Len()-off)
	if n <= 0 || data < 0 || off < 0 {
		return 0, 0
	}
	flags := wire.ACK
	if data < n {
		flags |= wire.FIN
	}
	if data > 0 && off+data == c.snd.Len() {
		flags |= wire.PSH
	}
	next := c.tx.next
	c.tx.next = c.snd.Seek(min(off, c.snd.Len()))
	length = c.finishSegment(b, left, flags, head, data)
	c.tx.next = next
	c.e.Counters.RetransSegs++
	return length, n
}

// startSegment sets the options of the next segment and returns its header's length.
func (c *Conn) startSegment(now time.Duration) int {
	o := &c.e.hdr.Options
	o.Has, o.SACKLen = 0, 0
	if c.is(useTimestamps) {
		o.Has, o.TSVal, o.TSEcr = wire.HasTimestamps, tick(now)+c.tsOffset, c.tsRecent
	}
	if c.is(useSACK) && (c.is(sendACK) || c.early.Held() > 0) {
		most := wire.MaxSACKBlocks
		if c.is(useTimestamps) {
			most--
		}
		if n := c.early.Blocks(&o.SACK, most); n > 0 {
			o.Has |= wire.HasSACK
			o.SACKLen = uint8(n)
		}
	}
	return wire.HeaderLen + o.Len()
}

// room is how much data goes behind a header of the given length: what the path and b
// take.
func (c *Conn) room(b []byte, head int) int {
	full := wire.HeaderLen + int(c.mss)
	if c.is(useTimestamps) {
		full += timestampsLen
	}
	return min(full, len(b)) - head
}

// finishSegment writes the header, whose options startSegment has set, and n bytes
// from c.tx.next on. What was to be acknowledged now is.
func (c *Conn) finishSegment(b []byte, seq wire.Seq, flags wire.Flags, head, n int) int {
	h := &c.e.hdr
	h.SrcPort, h.DstPort = c.Local.Port(), c.Remote.Port()
	h.Seq, h.Ack, h.Flags = seq, c.rcvNxt, flags
	h.Window = c.announce(false)
	c.ackSent = c.rcvNxt
	c.flags &^= sendACK
	c.ackAt = 0
	sum := c.pseudo.Add(checksum.Sum(head + n))
	if n > 0 {
		sum = sum.Add(c.tx.next.CopySum(b[head : head+n]))
	}
	h.EmitSum(b, sum)
	return head + n
}
