package tcp

import (
	"time"

	"github.com/netdev-go/netdev/internal/checksum"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// predict sets what the common segment of the state looks like.
func (c *Conn) predict() {
	c.predicted = 0
	if c.state != StateEstablished || c.is(hasFIN|readShut|isOrphan) {
		return
	}
	n := wire.HeaderLen
	if c.is(useTimestamps) {
		n += timestampsLen
	}
	c.predicted = wire.Predict(n, wire.ACK, 0)
}

// timestampsLen is the length of timestamps with their padding.
const timestampsLen = 12

// common takes the segment that follows on the last: data in order, or an
// acknowledgement of new data with nothing unusual about it. Its checksum is verified
// while the data is copied to where it belongs, and nothing counts before that. It
// changes nothing where it returns false.
func (c *Conn) common(now time.Duration, s wire.Segment) bool {
	ack := s.Ack()
	if uint32(ack-c.sndUna) > uint32(c.sndNxt-c.sndUna) {
		return false
	}
	head, sum := wire.HeaderLen, uint64(c.pseudo)+uint64(len(s))
	var val, echo uint32
	if c.is(useTimestamps) {
		var ok bool
		if val, echo, ok = s.Timestamps(); !ok || int32(val-c.tsRecent) < 0 {
			return false
		}
		head += timestampsLen
		sum += uint64(checksum.Of32((*[wire.HeaderLen + timestampsLen]byte)(s)))
	} else {
		sum += uint64(checksum.Of(s[:head]))
	}
	data := s[head:]
	if len(data) == 0 && ack == c.sndUna || len(data) > 0 && !c.fits(len(data)) {
		return false
	}
	posted := 0
	if len(data) > 0 {
		posted = c.posted(len(data))
	}
	if posted == len(data) {
		if posted > 0 {
			sum += uint64(checksum.Copy(c.posting.Buf[c.posting.N:], data))
		}
		if !checksum.Words(sum).Valid() {
			c.e.Counters.InCsumErrors++
			return true
		}
	} else if !c.take(data, posted, sum) {
		c.e.Counters.InCsumErrors++
		return true
	}
	if c.is(useTimestamps) && c.rcvNxt == c.ackSent {
		c.tsRecent, c.tsRecentAt = val, tick(now)
	}
	c.heardAt, c.probes = now, 0
	c.takeWindow(now, s.Seq(), ack, s.Window())
	if ack != c.sndUna {
		if len(data) == 0 {
			c.e.Counters.HPAcks++
		}
		c.acknowledged(now, ack, echo, nil, false)
		c.wait()
	}
	if len(data) > 0 {
		c.e.Counters.HPHits++
		c.rcvNxt = c.rcvNxt.Add(len(data))
		c.noteSize(len(data))
		c.arrived(now)
		if posted > 0 {
			c.handedOver(now, posted)
		} else {
			c.tellOfData()
		}
	}
	return true
}

// fits tells whether n bytes in order have their place at once.
func (c *Conn) fits(n int) bool {
	return n <= c.rcvEdge.Diff(c.rcvNxt) && c.early.Held() == 0 && c.welcome(n) && c.rcv.Fits(c.e.pool, n)
}

// welcome tells whether c may have n bytes more. Windows are promised before memory is
// used up: a connection that holds as much as is left gets no more, and one that holds
// nothing all.
func (c *Conn) welcome(n int) bool {
	have := c.rcv.Len()
	return have == 0 || n <= 2*c.mayTake(have)
}

// append puts data in order where Read finds it, if there is memory.
func (c *Conn) append(now time.Duration, data []byte) {
	c.noteSize(len(data))
	if n := c.store(data); n > 0 {
		c.arrived(now)
		c.tellOfData()
	}
}

// store adds data to the receive queue, moves RCV.NXT behind what there was memory for,
// and returns how much that was.
func (c *Conn) store(data []byte) int {
	n := 0
	if c.welcome(len(data)) {
		n = c.rcv.Append(c.e.pool, data)
		c.rcvNxt = c.rcvNxt.Add(n)
	}
	if n < len(data) {
		c.e.Counters.RcvQDrop++
		c.ackNow()
	}
	return n
}

// arriveData takes data, in whatever order, and FIN: RFC 9293 §3.10.7.4, seventh and
// eighth.
func (c *Conn) arriveData(now time.Duration, in *segment) {
	end := in.seq.Add(len(in.data))
	if in.has(wire.FIN) && !c.is(hasFIN) {
		c.flags |= hasFIN
		c.finSeq = end
		c.predict()
	}
	if len(in.data) > 0 {
		if c.is(isOrphan) {
			// RFC 9293 §3.6.1: nobody is left to read it.
			c.e.Counters.AbortOnData++
			c.reset(nil)
			return
		}
		c.place(now, in)
	}
	if c.is(hasFIN) && !c.is(gotFIN) {
		if c.rcvNxt == c.finSeq {
			c.peerFIN(now)
		} else if in.has(wire.FIN) {
			c.ackNow()
		}
	}
}

// place puts data into the receive queue, or beside it while something is missing.
func (c *Conn) place(now time.Duration, in *segment) {
	e := c.e
	switch {
	case c.is(readShut):
		if in.seq == c.rcvNxt {
			c.rcvNxt = in.seq.Add(len(in.data))
		}
		c.ackNow()
	case in.seq == c.rcvNxt && c.early.Held() == 0:
		c.append(now, in.data)
	case in.seq == c.rcvNxt:
		c.noteSize(len(in.data))
		if c.store(in.data) > 0 {
			c.rcvNxt = c.rcvNxt.Add(c.early.Take(&e.early, c.rcvNxt, &c.rcv))
			c.arrived(now)
			c.tellOfData()
		}
		c.ackNow() // RFC 5681 §4.2: what fills a gap is acknowledged at once
	default:
		e.Counters.OFOQueue++
		dropped := e.early.Dropped
		c.early.Add(&e.early, in.seq, in.data, c.rcvNxt, c.mayHold()-c.rcv.Len())
		if e.early.Dropped != dropped {
			e.Counters.OFODrop++
		} else {
			c.tuneEarly(in.seq.Add(len(in.data)).Diff(c.rcvNxt))
		}
		c.quick = quickACKs
		e.owes = e.owes || !c.is(useSACK)
		c.ackNow()
	}
}
