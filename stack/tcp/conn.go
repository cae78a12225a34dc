package tcp

import (
	"time"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/internal/checksum"
	"github.com/netdev-go/netdev/stack/tcp/internal/reassembly"
	"github.com/netdev-go/netdev/stack/tcp/internal/rtt"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// A Conn is one connection. It belongs to the owner from Dial or Accept until Close
// or Abort, and must not be touched after those: the Engine uses it again.
type Conn struct {
	Path
	// Owner is for the owner to find its socket by.
	Owner int32

	state State
	in    place
	rings uint8 // which of the rings it is in
	flags flags
	hash  uint32
	timer int32 // place in the heap, from 1

	chain    *Conn // in the table
	ringNext [rings]*Conn
	next     *Conn
	prev     *Conn
	listener *Listener // that it is still to be accepted from

	// What every segment is compared with, and what it changes.
	predicted  uint32 // wire.Predict of the common segment, window and PSH left out; 0: look closely
	rcvNxt     wire.Seq
	rcvEdge    wire.Seq // right edge of the window as announced, which never moves back
	ackSent    wire.Seq // the last acknowledgement sent
	sndUna     wire.Seq
	sndNxt     wire.Seq
	sndWnd     uint32
	sndWndMax  uint32
	sndWl1     wire.Seq
	sndWl2     wire.Seq
	sndSmall   wire.Seq // end of the last segment below the MSS (Minshall)
	finSeq     wire.Seq // of the peer's FIN, with hasFIN
	tsRecent   uint32
	tsRecentAt uint32 // tick
	tsOffset   uint32
	dataAt     uint32 // tick of the last data received
	strayAt    uint32 // tick of the last answer to a stray segment
	mss        uint16 // of data, less the options that every segment has
	peerMSS    uint16 // as the peer's SYN has it
	rcvMSS     uint16 // the largest segment the peer has sent
	lastSize   uint16 // of its last segment
	pathMTU    uint16
	sndScale   uint8
	rcvScale   uint8
	quick      uint8     // this many ACKs go out at once
	probes     uint8     // keep-alive probes without an answer
	asked      uint8     // window probes in a row
	retries    uint8     // RTOs in a row
	loss       lossTimer // what lossAt is for
	pseudo     checksum.Sum

	e        *Engine
	opt      *Options // shared until it is changed
	rcv      block.Queue
	posting  *Posting
	snd      block.Queue
	tx       *sender
	rcvLimit int32
	sndLimit int32
	early    reassembly.Queue
	rtt      rtt.Estimator
	tune     tune

	// Deadlines, 0 for none.
	lossAt time.Duration // what for is loss
	ackAt  time.Duration
	lifeAt time.Duration // keep-alive, FIN-WAIT-2, linger, TIME-WAIT

	sentAt     time.Duration // when the timer of retransmission was started
	progressAt time.Duration // when data was last acknowledged, or the first was sent
	heardAt    time.Duration

	err error // what ended it; before that, what ICMP said last
}

// flags are the bits of a connection's condition.
type flags uint32

const (
	isOwned       flags = 1 << iota // the owner knows it
	isOrphan                        // the owner has closed it
	isDead                          // goes to the free list when it is out of the rings
	isListed                        // in the table
	isPassive                       // a Listener made it
	isUnanswered                    // its SYN waits for Open
	sendSYN                         // a SYN, or SYN-ACK, is to be sent
	sendACK                         // an ACK is to be sent
	sendRST                         // a reset is to be sent, and nothing else
	sendProbe                       // a window probe is to be sent
	sendKeepAlive                   // a keep-alive probe is to be sent
	sendTLP                         // a tail loss probe is to be sent
	probedWindow                    // the byte at sndNxt was sent in a probe
	wantsFIN                        // CloseWrite was called
	sentFIN                         // sndNxt is behind it
	hasFIN                          // the peer's FIN is at finSeq
	gotFIN                          // and rcvNxt is behind it
	readShut                        // CloseRead was called
	useTimestamps                   // both sides have agreed on
	useSACK
	useScale
	recovering    // PRR decides
	cwndLimited   // the congestion window has held something back
	writeFull     // Write has found too little room, and wants to be woken
	wasLinger     // lifeAt is that of linger
	blackhole     // the MSS is small because large segments vanish
	quickSmall    // segments that are not full are acknowledged at once, too
	isPaced       // paceAt is when more may go
	isInteractive // what we send answers what we receive
	lostSYN       // it had to be sent again
	toldOfData    // the owner was woken for data, and has not read since
	ackedLate     // an ACK was delayed, and neither data nor a second segment came for it
)

func (c *Conn) is(f flags) bool { return c.flags&f != 0 }

// State returns the state.
func (c *Conn) State() State { return c.state }

// Err returns what ended the connection: ErrConnRefused, ErrConnReset, ErrConnTimedOut,
// ErrHostUnreachable and so on; nil while it lives, and after an orderly end. It stays.
func (c *Conn) Err() error {
	if c.state != StateClosed {
		return nil
	}
	return c.err
}

// Buffered returns how many bytes wait to be read.
func (c *Conn) Buffered() int { return c.rcv.Len() }

// Unsent returns how many bytes wait to be acknowledged, sent or not.
func (c *Conn) Unsent() int { return c.snd.Len() }

// Options returns the settings.
func (c *Conn) Options() Options { return *c.opt }

// SetOptions changes the settings. Deferred is not looked at, and MaxSeg has an effect
// only before the handshake. Another Congestion begins with the initial window.
func (c *Conn) SetOptions(now time.Duration, o Options) {
	was, before := c.opt, c.algorithm()
	c.opt = c.e.settings(o)
	c.TTL, c.TOS = o.TTL, o.TOS
	if o.SendBuffer != was.SendBuffer || o.RecvBuffer != was.RecvBuffer {
		c.setBuffers()
	}
	if c.sends() && o.Congestion != was.Congestion && c.algorithm().Name() != before.Name() {
		c.flags &^= recovering
		c.control()
	}
	if o.NoDelay && !was.NoDelay && c.unsentLen() > 0 {
		c.output()
	}
	if o.KeepAlive != was.KeepAlive {
		c.probes = 0
		c.keepAlive(now)
	}
}

// setBuffers sets the limits of the buffers to what the settings say.
func (c *Conn) setBuffers() {
	cfg := &c.e.cfg
	c.sndLimit, c.rcvLimit = int32(cfg.SendBuffer), int32(cfg.RecvBuffer)
	if n := c.opt.SendBuffer; n > 0 {
		c.sndLimit = int32(min(n, cfg.MaxSendBuffer))
	}
	if n := c.opt.RecvBuffer; n > 0 {
		c.rcvLimit = int32(min(n, cfg.MaxRecvBuffer))
	}
}

// QuickACK makes the next segments be acknowledged at once.
func (c *Conn) QuickACK() {
	c.quick = quickACKs
	c.flags |= quickSmall
	if c.ackAt != 0 {
		c.ackNow()
	}
}

// output has the Engine ask c for segments.
func (c *Conn) output() { c.e.out.push(c) }

// ackNow has an ACK go out with the next segment, or alone.
func (c *Conn) ackNow() {
	c.flags |= sendACK
	c.output()
}

// tellOfData wakes the owner for data that has come, once for all that comes until it
// reads.
func (c *Conn) tellOfData() {
	if c.is(isOwned) && !c.is(toldOfData) {
		c.flags |= toldOfData
		c.wake()
	}
}

// wake tells the owner that c may have become ready for something.
func (c *Conn) wake() {
	if c.flags&(isOwned|isOrphan) == isOwned {
		c.e.woken.push(c)
	}
}
