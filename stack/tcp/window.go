package tcp

import "time"

// window returns the window to announce, in bytes from rcvNxt on. The right edge never
// moves back (RFC 9293 §3.8.6), and forward only by steps worth it (§3.8.6.2.2).
func (c *Conn) window() int {
	have := c.rcvEdge.Diff(c.rcvNxt)
	if int(c.rcvLimit)-c.rcv.Len() <= have {
		return have
	}
	limit := c.mayHold()
	want := limit - c.rcv.Len()
	if most := 0xffff << c.rcvScale; want > most {
		want = most
	}
	want &^= 1<<c.rcvScale - 1
	if want <= have || want-have < min(limit/2, int(c.rcvMSS)) {
		return have
	}
	return want
}

// mayHold is how much received data there may be.
func (c *Conn) mayHold() int {
	n := c.rcv.Len()
	return min(int(c.rcvLimit), n+c.mayTake(n))
}

// announce returns the window field of a segment about to be sent, and keeps what it
// promises. A SYN's is never scaled.
func (c *Conn) announce(syn bool) uint16 {
	window := c.window()
	if syn {
		window = min(window, 0xffff)
		c.rcvEdge = c.rcvNxt.Add(max(window, c.rcvEdge.Diff(c.rcvNxt)))
		return uint16(window)
	}
	// Rounded up: rounding down would take the edge back. RFC 7323 §2.4 knows this.
	field := (window + 1<<c.rcvScale - 1) >> c.rcvScale
	field = min(field, 0xffff)
	if edge := c.rcvNxt.Add(field << c.rcvScale); c.rcvEdge.Less(edge) {
		c.rcvEdge = edge
	}
	if field == 0 {
		c.e.Counters.ZeroWindow++
		if c.rcv.Len() < int(c.rcvLimit)/2 {
			c.starve()
		}
	}
	return uint16(field)
}

// openWindow tells the peer that the window has grown, where it has grown by enough
// to tell.
func (c *Conn) openWindow() {
	if !c.state.receives() || c.is(gotFIN|readShut) {
		return
	}
	have := c.rcvEdge.Diff(c.rcvNxt)
	limit, mss := c.mayHold(), int(c.rcvMSS)
	worth := min(limit/2, mss)
	if limit >= fewSegments*mss {
		worth = max(2*mss, limit/4)
	}
	if grown := c.window() - have; grown > 0 && grown >= worth {
		c.ackNow()
	}
}

// starve has the Engine look after c when memory is free again. Nobody reads from one
// that was not accepted yet.
func (c *Conn) starve() {
	if c.in == nowhere {
		c.enter(inHunger)
	}
}

// tune finds out how large the receive buffer must be for the window not to be what
// limits the peer.
type tune struct {
	since  time.Duration // when the round trip began
	copied uint32        // read meanwhile
	most   uint32        // read in a round trip until now
}

// tuneReceive is called when n bytes were read. The window that is announced now is for
// what is sent in the round trip that begins when the peer hears of it: twice what was
// read in the last is enough for one at a steady rate. One that grows may be in slow
// start, and double from each round trip to the next: four times the growth covers the two
// until this is measured again. Where there is no round-trip time, a full buffer stands
// for it.
func (c *Conn) tuneReceive(now time.Duration, n int) {
	t := &c.tune
	t.copied += uint32(n)
	if srtt := c.rtt.SRTT(); srtt > 0 && now-t.since < srtt || srtt == 0 && int(t.copied) < int(c.rcvLimit) {
		return
	}
	if t.copied > t.most {
		copied := int64(t.copied)
		c.growReceive(2*copied + 4*(copied-int64(t.most)) + 16*int64(c.rcvMSS))
		t.most = t.copied
	}
	t.since, t.copied = now, 0
}

// tuneEarly is called when data up to n bytes behind RCV.NXT has come, which waits for
// something lost. Nobody can read meanwhile, and the peer goes on: n is what it sends in a
// round trip or more, and it may double that.
func (c *Conn) tuneEarly(n int) {
	c.growReceive(2*max(int64(c.tune.most), int64(n)) + int64(n))
}

// growReceive has the receive buffer hold that much, unless its size is fixed.
func (c *Conn) growReceive(want int64) {
	if c.opt.RecvBuffer == 0 {
		c.rcvLimit = max(c.rcvLimit, int32(min(want, int64(c.e.cfg.MaxRecvBuffer))))
	}
}

// growSend has the send buffer hold two congestion windows, so that Write can fill one
// while the other is under way; three for a LossObserver, whose window may grow while what
// was lost is repaired.
func (c *Conn) growSend() {
	if c.opt.SendBuffer != 0 {
		return
	}
	windows := 2
	if c.tx.flight.Observer != nil {
		windows = 3
	}
	if want := min(windows*c.tx.congested.Window(), c.e.cfg.MaxSendBuffer); want > int(c.sndLimit) {
		c.sndLimit = int32(want)
	}
}
