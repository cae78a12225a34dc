package tcp

import (
	"time"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/stack/tcp/congestion"
	"github.com/netdev-go/netdev/stack/tcp/internal/flight"
)

// A sender is what a connection needs only while it sends. One that is idle for longer
// than a timeout of retransmission gives it back, as it would begin with a small window
// anyway (RFC 5681 §4.1), and has a common one, which is never written to: nothing is
// under way there. A congestion.LossObserver's model is good for longer: see modelLasts.
type sender struct {
	flight    flight.Flight
	prr       prr
	congested congestion.Controller
	next      block.Cursor // at sndNxt
	free      *sender

	rate   uint64        // of pacing, bytes a second; 0: none
	paceAt time.Duration // when what was sent is through at that rate
	late   bool          // paceAt has passed because the timer was late

	armedAt time.Duration // when the timer was set for two or more segments, by sending them
}

// idleSender is that of all connections that do not send.
var idleSender sender

// sendersKept is how many are kept for those who need one next.
const sendersKept = 64

// sends tells whether c has a sender of its own.
func (c *Conn) sends() bool { return c.tx != &idleSender }

// startSending gives c a sender before the first data, and has congestion control know
// of a pause.
func (c *Conn) startSending(now time.Duration) {
	if c.sends() {
		if idle := now - c.progressAt; c.progressAt != 0 && (idle > c.rto() || c.tx.flight.Observer != nil) {
			c.tx.congested.OnIdle(now, idle, c.rto())
			c.tx.rate = c.tx.congested.PacingRate()
		}
		return
	}
	e := c.e
	if c.tx = e.senders; c.tx == nil {
		c.tx = new(sender)
	} else {
		e.senders, c.tx.free = c.tx.free, nil
		e.sendersFree--
	}
	c.tx.flight.Limit = int32(e.cfg.Records)
	c.control()
}

// algorithm is what the settings choose.
func (c *Conn) algorithm() congestion.Algorithm {
	if a := c.opt.Congestion; a != nil {
		return a
	}
	return c.e.cfg.Congestion
}

// control begins with a new Controller.
func (c *Conn) control() {
	t := c.tx
	if a := c.algorithm(); t.congested == nil {
		t.congested = a.New()
	} else if r, ok := a.(congestion.Renewer); ok {
		t.congested = r.Renew(t.congested)
	} else {
		t.congested = a.New()
	}
	t.congested.Init(int(c.mss), c.initialWindow())
	t.flight.Observer, _ = t.congested.(congestion.LossObserver)
	t.rate, t.paceAt = t.congested.PacingRate(), 0
}

// paceQuantum is how far a sender may be ahead of its rate, so that timers need not be
// finer than they are.
const paceQuantum = time.Millisecond

// held tells whether pacing, for which there is a rate, holds the next segment back, and
// has c looked at when it no longer does.
func (c *Conn) held(now time.Duration) bool {
	if c.tx.paceAt <= now+paceQuantum {
		return false
	}
	c.flags |= isPaced
	c.wait()
	return true
}

// pace counts n bytes that were sent against the rate, which there is.
func (c *Conn) pace(now time.Duration, n int) {
	t := c.tx
	if !t.late {
		t.paceAt = max(t.paceAt, now)
	}
	t.late = false
	t.paceAt += time.Duration(uint64(n) * uint64(time.Second) / t.rate)
}

// release lets go on what pacing has held back. That the timer was late costs nothing of
// the rate, as far as it makes no burst.
func (c *Conn) release(now time.Duration) {
	c.flags &^= isPaced
	c.tx.paceAt, c.tx.late = max(c.tx.paceAt, now-paceQuantum), true
	c.output()
}

// initialWindow is that of RFC 6928, or what RFC 5681 §3.1 leaves where the SYN was lost.
func (c *Conn) initialWindow() int {
	mss := int(c.mss)
	if c.is(lostSYN) {
		return mss
	}
	return min(10*mss, max(2*mss, 14600))
}

// stopSending takes the sender back.
func (c *Conn) stopSending() {
	if !c.sends() {
		return
	}
	e, s := c.e, c.tx
	c.tx = &idleSender
	c.flags &^= recovering | cwndLimited | isPaced
	s.flight.Reset()
	s.flight.Release(&e.records)
	if e.sendersFree < sendersKept {
		*s = sender{free: e.senders, congested: s.congested}
		e.senders = s
		e.sendersFree++
	}
}

// modelLasts is how long an idle connection keeps what a LossObserver knows of its path.
const modelLasts = 10 * time.Second

// rest takes the sender of an idle connection back, or has c looked at again when it is
// time for that.
func (c *Conn) rest(now time.Duration) {
	if !c.sends() || !c.tx.flight.Empty() || c.unsentLen() > 0 {
		return
	}
	kept := c.rto()
	if c.tx.flight.Observer != nil {
		kept = max(kept, modelLasts)
	}
	if due := c.progressAt + kept; due > now {
		c.e.timers.set(c, due)
		return
	}
	c.stopSending()
}
