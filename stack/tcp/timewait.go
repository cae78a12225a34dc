package tcp

import (
	"time"

	wire "github.com/netdev-go/netdev/wire/tcp"
)

// enterTimeWait begins TIME-WAIT. All that is kept is what answers need.
func (c *Conn) enterTimeWait(now time.Duration) {
	e := c.e
	e.Counters.TimeWaited++
	c.state = StateTimeWait
	c.predict()
	c.lossAt, c.ackAt, c.lifeAt = 0, 0, 0
	c.loss = lossNone
	c.flags &^= wasLinger
	c.stopSending()
	e.timers.remove(c)
	for e.cfg.MaxTimeWait > 0 && e.timeWait.n >= e.cfg.MaxTimeWait {
		e.Counters.TimeWaitOverflow++
		e.timeWait.head.finish(nil)
	}
	e.conns--
	c.lifeAt = now + e.cfg.TimeWait
	c.enter(inWait)
	c.wake()
}

// arriveTimeWait is RFC 9293 §3.10.7 in TIME-WAIT, with RFC 1337 and RFC 6191.
func (c *Conn) arriveTimeWait(now time.Duration, in *segment) {
	if in.has(wire.RST) {
		return // RFC 1337: no reset ends TIME-WAIT
	}
	if in.has(wire.SYN) && !in.has(wire.ACK) && c.newer(now, in) {
		c.reuse(now, in)
		return
	}
	if in.has(wire.FIN) && in.seq.Add(len(in.data)) == c.rcvNxt-1 {
		// It did not hear the acknowledgement: 2 MSL begin again.
		c.lifeAt = now + c.e.cfg.TimeWait
		c.enter(inWait)
		c.ackNow()
		return
	}
	if in.length() > 0 {
		c.answerStray(now, in)
	}
}

// newer tells whether a SYN belongs to a new connection between the same ends for
// certain: later timestamps, or without them a higher sequence number (RFC 6191 §2).
func (c *Conn) newer(now time.Duration, in *segment) bool {
	if in.opts.Has&wire.HasTimestamps != 0 && c.is(useTimestamps) {
		if d := int32(in.opts.TSVal - c.tsRecent); d != 0 {
			return d > 0
		}
	}
	return c.rcvNxt.Less(in.seq)
}

// reuse gives way to a new connection, if somebody listens for it.
func (c *Conn) reuse(now time.Duration, in *segment) {
	e := c.e
	l := e.listeners.find(c.Local)
	if l == nil {
		c.answerStray(now, in)
		return
	}
	local, remote, floor := c.Local, c.Remote, c.sndNxt
	e.Counters.TimeWaitRecycled++
	c.finish(nil)
	e.isnFloor, e.hasFloor = floor, true
	e.passive.take(l, now, local, remote, in)
	e.hasFloor = false
}

// replaceable tells whether Dial may put a new connection in c's place: the peer can
// tell them apart by timestamps once the clock has moved on (RFC 6191 §3).
func (c *Conn) replaceable(now time.Duration) bool {
	return c.state == StateTimeWait && c.is(isOrphan) && c.is(useTimestamps) && c.rcvQuiet(now) >= 1
}

// rcvQuiet is how many ticks ago TIME-WAIT began.
func (c *Conn) rcvQuiet(now time.Duration) time.Duration {
	return (now - (c.lifeAt - c.e.cfg.TimeWait)) / timestampTick
}

// later returns a sequence number that is above all that c has used.
func (c *Conn) later(isn wire.Seq) wire.Seq { return laterThan(isn, c.sndNxt) }

func laterThan(isn, used wire.Seq) wire.Seq {
	const gap = 1 << 17
	if isn.Less(used.Add(gap)) {
		return used.Add(gap)
	}
	return isn
}
