package tcp

import (
	"time"

	"github.com/netdev-go/netdev"
)

// Write takes bytes of p to send, as many as there is room for, and returns how many:
// 0 if there is none, and where nothing can be sent (any more): see Err and State.
func (c *Conn) Write(now time.Duration, p []byte) int {
	return c.wrote(c.queue(p[:min(len(p), c.Space())]), len(p))
}

// Lend is Write without a copy: the bytes that it takes must not change until Recall.
// It is for who recalls them soon, when most may be acknowledged.
func (c *Conn) Lend(now time.Duration, p []byte) int {
	n := min(len(p), c.Space())
	if n < int(c.mss) {
		return c.wrote(c.queue(p[:n]), len(p)) // which does not cost a block of its own
	}
	return c.wrote(c.queueLent(p[:n]), len(p))
}

// Recall copies what Lend has taken and is not acknowledged: the memory is the owner's
// again. Close and Abort do so, too.
func (c *Conn) Recall() {
	p := c.e.pool
	before := p.InUse()
	if c.snd.Recall(p) && !c.tx.flight.Empty() {
		c.tx.next = c.snd.Seek(min(c.sndNxt.Diff(c.sndUna), c.snd.Len()))
	}
	c.e.sending += p.InUse() - before
}

// wrote has n bytes sent of those that were to be queued, and returns n.
func (c *Conn) wrote(n, of int) int {
	full := n < of && c.writable()
	if full {
		c.full()
	}
	if (n > 0 || full) && c.state.sends() {
		c.output()
	}
	return n
}

// writable tells whether what is written may still be sent.
func (c *Conn) writable() bool {
	return (c.state.sends() || c.state == StateSynSent || c.state == StateSynReceived) && !c.is(wantsFIN)
}

// full notes that Write wants to be told of room.
func (c *Conn) full() {
	c.flags |= writeFull
	if c.snd.Len() < int(c.sndLimit)/2 {
		c.starve() // it is memory that is missing
	}
}

// Space returns how many bytes Write would take.
func (c *Conn) Space() int {
	if !c.writable() {
		return 0
	}
	n := c.snd.Len()
	return max(min(int(c.sndLimit)-n, c.maySend(n)), 0)
}

// roomy tells whether there is so much room again that to wake a writer pays: a third
// of what there may be.
func (c *Conn) roomy() bool { n := c.Space(); return n > 0 && 2*n >= c.snd.Len() }

// Read moves received bytes to p and returns how many. It returns 0 if there are
// none; whether there will be more EOF and Err tell.
func (c *Conn) Read(now time.Duration, p []byte) int {
	c.flags &^= toldOfData
	n := c.rcv.Read(c.e.pool, p)
	if n > 0 && c.state != StateClosed {
		c.tuneReceive(now, n)
		c.openWindow()
	}
	return n
}

// Peek is Read without taking.
func (c *Conn) Peek(p []byte) int {
	c.flags &^= toldOfData
	return c.rcv.Peek(p)
}

// EOF tells that the peer's FIN, or CloseRead, has ended what there was to read, and
// everything was read.
func (c *Conn) EOF() bool {
	return c.rcv.Len() == 0 && (c.is(gotFIN|readShut) || c.state == StateClosed && c.err == nil)
}

// Ready returns what the connection is ready for: PollIn for data, the end of it, and
// an error; PollOut for space, and for the outcome of Dial; PollErr for an error;
// PollHup where both directions have ended.
func (c *Conn) Ready() netdev.PollEvents {
	var r netdev.PollEvents
	switch c.state {
	case StateSynSent, StateSynReceived:
		return 0
	case StateClosed:
		r = netdev.PollIn | netdev.PollOut | netdev.PollHup
		if c.err != nil {
			r |= netdev.PollErr
		}
		return r
	}
	if c.rcv.Len() > 0 || c.is(gotFIN|readShut) {
		r |= netdev.PollIn
	}
	if c.is(wantsFIN) {
		r |= netdev.PollOut // Write has its answer at once
		if c.is(gotFIN | readShut) {
			r |= netdev.PollHup
		}
	} else if c.Space() > 0 {
		r |= netdev.PollOut
	} else {
		c.full()
	}
	return r
}
