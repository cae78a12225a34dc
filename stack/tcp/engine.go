package tcp

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/internal/siphash"
	"github.com/netdev-go/netdev/stack/tcp/congestion"
	"github.com/netdev-go/netdev/stack/tcp/internal/flight"
	"github.com/netdev-go/netdev/stack/tcp/internal/reassembly"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// An Engine is the TCP of one host: all its connections and listeners. Not safe for
// concurrent use. Times are since an origin of the owner's choosing, always above 0,
// and never go back.
type Engine struct {
	Counters Counters

	cfg    Config
	pool   *block.Pool
	secret secret

	table    table
	last     *Conn // that the last segment was for
	timers   timers
	out      ring // what Output asks
	burst    int  // how many segments the first of out has had in a row
	woken    ring
	hungry   list   // for memory
	search   uint32 // the bucket that was looked at last for an orphan
	unfed    int    // of these, how many are still to be looked at since blocks were returned
	returned uint64
	sending  int // blocks in send queues
	free     *Conn
	made     int // control blocks, free ones included
	conns    int // all but those in TIME-WAIT and free
	halfOpen int
	timeWait list

	listeners listeners
	// passive is nil before the first Listen: who only dials has none of it linked.
	passive   *passive
	ready     *Listener // those woken
	answers   answers
	challenge challenges
	early     reassembly.Pool
	records   flight.Pool

	senders     *sender
	sendersFree int

	// A connection that replaces one in TIME-WAIT begins above its numbers.
	isnFloor wire.Seq
	hasFloor bool

	// What would otherwise be made anew for each segment.
	in    segment
	heard bool // that it acknowledged something new
	hdr   wire.Header
	owes  bool   // an ACK that is to go out before more comes in
	long  []byte // where a long segment may be written
	cut   int    // into pieces of how much data the last one is to be cut
	ack   congestion.Ack

	settled     []*Options // given to connections lately; they are never changed
	settledLast int
}

// New returns an Engine without connections.
func New(c Config) *Engine {
	if c.Pool == nil || c.Rand == nil {
		panic("tcp: Config without Pool or Rand")
	}
	c.setDefaults()
	e := &Engine{cfg: c, pool: c.Pool, secret: secret(siphash.NewKey(c.Rand)), table: newTable(c.Rand)}
	e.out.which, e.woken.which = ringOutput, ringWoken
	e.early.Blocks = c.Pool
	e.records.Max = c.Pool.Blocks()
	e.settled = make([]*Options, min(8, e.cfg.MaxConns/64))
	return e
}

// Woken returns a connection, or a listener, that has become ready for something
// since it was last returned, and two nils when there are no more. Only what the owner
// knows is told: what it dialled, listens on or accepted, until it closes it.
func (e *Engine) Woken() (*Conn, *Listener) {
	for l := e.ready; l != nil; l = e.ready {
		e.ready, l.nextReady, l.isWoken = l.nextReady, nil, false
		if l.Ready() {
			return nil, l
		}
	}
	for {
		c := e.woken.pop()
		if c == nil || c.flags&(isOwned|isOrphan) == isOwned {
			return c, nil
		}
		e.collect(c)
	}
}

// Pending reports whether Output may have something to write. Where it has not, a call
// of it changes nothing.
func (e *Engine) Pending() bool {
	return e.out.head != nil || e.answers.n > 0 || e.unfed > 0 || e.hungry.n > 0 && e.pool.Returned() != e.returned
}

// Each calls f with each connection until f returns false. f must not call the Engine.
func (e *Engine) Each(f func(*Conn) bool) {
	for _, c := range e.table.buckets {
		for ; c != nil; c = c.chain {
			if !f(c) {
				return
			}
		}
	}
}

// Len returns how many connections there are: those in TIME-WAIT apart, and half-open
// ones among the rest.
func (e *Engine) Len() (conns, halfOpen, timeWait int) {
	return e.conns, e.halfOpen, e.timeWait.n
}

// Deadline returns when Advance is due, 0 for never. It may be early, and it moves
// with every other call.
func (e *Engine) Deadline() time.Duration {
	if e.unfed > 0 {
		return 1 // long ago: there is something to do
	}
	at := e.timers.next()
	if c := e.timeWait.head; c != nil {
		at = earlier(at, c.lifeAt)
	}
	return at
}

// Advance does what time alone brings about until now.
func (e *Engine) Advance(now time.Duration) {
	for c := e.timeWait.head; c != nil && c.lifeAt <= now; c = e.timeWait.head {
		c.finish(nil)
	}
	for c := e.timers.expired(now); c != nil; c = e.timers.expired(now) {
		c.expire(now)
	}
	e.feed(now)
}

// Fail ends all connections and listeners with err, without a word to their peers:
// the network is gone. What was not read yet is lost.
func (e *Engine) Fail(now time.Duration, err error) {
	for i := range e.table.buckets {
		for c := e.table.buckets[i]; c != nil; c = e.table.buckets[i] {
			c.rcv.Free(e.pool)
			c.finish(err)
		}
	}
	e.listeners.each(func(l *Listener) { l.fail(err) })
	e.answers.n = 0
}

// InUse tells whether there is a connection between two ends, in whatever state.
func (e *Engine) InUse(local, remote netip.AddrPort) bool {
	return e.table.find(local.Addr(), remote.Addr(), local.Port(), remote.Port()) != nil
}

// make returns a connection with the given ends, not yet in the table, or nil at the
// bound of them.
func (e *Engine) make(now time.Duration, local, remote netip.AddrPort, o *Options) *Conn {
	if e.cfg.MaxTimeWait < 0 {
		for e.timeWait.n > 0 && e.conns+e.timeWait.n >= e.cfg.MaxConns {
			e.Counters.TimeWaitOverflow++
			e.timeWait.head.finish(nil)
		}
	}
	if e.conns >= e.cfg.MaxConns && !e.dropOrphan() {
		e.Counters.NoConns++
		return nil
	}
	c := e.free
	switch {
	case c == nil && e.made >= e.cfg.blocks():
		e.Counters.NoConns++ // dead ones wait for Output to send their resets
		return nil
	case c == nil:
		c = new(Conn)
		e.made++
	default:
		e.free = c.chain
		*c = Conn{}
	}
	e.conns++
	c.e, c.opt, c.tx = e, o, &idleSender
	c.Path = Path{Local: local, Remote: remote, TTL: o.TTL, TOS: o.TOS}
	c.heardAt = now
	c.quick = quickACKs
	c.setBuffers()
	c.setPath()
	return c
}

// orphanLooks bounds the search for an orphan.
const orphanLooks = 64

// dropOrphan makes room at the bound: one Close of the owner's is to be enough for
// that, however long the peer takes to say goodbye. What was written has arrived; of
// those found, the one goes that was silent longest.
func (e *Engine) dropOrphan() bool {
	var oldest *Conn
	looks := orphanLooks
	for range min(orphanLooks, len(e.table.buckets)) {
		e.search = (e.search + 1) & uint32(len(e.table.buckets)-1)
		for c := e.table.buckets[e.search]; c != nil && looks > 0; c = c.chain {
			looks--
			if c.is(isOrphan) && c.state != StateTimeWait && c.snd.Len() == 0 && (oldest == nil || c.heardAt < oldest.heardAt) {
				oldest = c
			}
		}
	}
	if oldest == nil {
		return false
	}
	e.Counters.AbortOnMemory++
	oldest.finish(nil)
	return true
}

// register puts c into the table, where segments find it.
func (e *Engine) register(c *Conn) {
	c.flags |= isListed
	e.table.add(c)
}

// unlist takes c out of the table and the lists.
func (e *Engine) unlist(c *Conn) {
	if c.is(isListed) {
		c.flags &^= isListed
		e.table.remove(c)
	}
	if e.last == c {
		e.last = nil
	}
	e.timers.remove(c)
	if c.in == inWait {
		e.conns++
	}
	c.leave()
}

// collect gives c to the free list, if it is dead and no ring holds it any more.
func (e *Engine) collect(c *Conn) {
	if !c.is(isDead) || c.rings != 0 {
		return
	}
	*c = Conn{chain: e.free}
	e.free = c
}

// feedMost is how many connections that wait for memory one call looks at.
const feedMost = 16

// feed wakes connections that were held back for want of memory, now that there is
// some. What it does not look at is left to the next call, or to Deadline where there
// is none.
func (e *Engine) feed(now time.Duration) {
	if r := e.pool.Returned(); r != e.returned {
		e.returned, e.unfed = r, e.hungry.n
	}
	if e.pool.Free() <= e.pool.Blocks()/8 {
		e.unfed = 0 // until more is returned
	}
	for n := 0; n < feedMost && e.unfed > 0; n++ {
		c := e.hungry.head
		if c == nil {
			e.unfed = 0
			return
		}
		e.unfed--
		c.leave()
		if c.is(writeFull) {
			if c.Space() > 0 {
				c.flags &^= writeFull
				c.wake()
			} else {
				c.starve()
			}
		}
		c.openWindow()
	}
}

// earlier returns the earlier of two deadlines, of which 0 is none.
func earlier(a, b time.Duration) time.Duration {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// Dial begins a connection. Both ends must be complete. It fails with ErrAddrInUse
// where there is such a connection already, unless it is in TIME-WAIT and may be
// replaced, and with ErrNoMoreSockets at MaxConns.
func (e *Engine) Dial(now time.Duration, local, remote netip.AddrPort, o Options) (*Conn, error) {
	if !local.IsValid() || !remote.IsValid() || local.Port() == 0 || remote.Port() == 0 ||
		local.Addr().IsUnspecified() || remote.Addr().IsUnspecified() {
		return nil, netdev.ErrInvalid
	}
	isn := e.isn(now, local, remote)
	if old := e.table.find(local.Addr(), remote.Addr(), local.Port(), remote.Port()); old != nil {
		if !old.replaceable(now) {
			return nil, netdev.ErrAddrInUse
		}
		isn = old.later(isn)
		e.Counters.TimeWaitRecycled++
		old.finish(nil)
	}
	c := e.make(now, local, remote, e.settings(o))
	if c == nil {
		return nil, netdev.ErrNoMoreSockets
	}
	e.register(c)
	c.flags |= isOwned
	c.state = StateSynSent
	c.rcvScale = scaleFor(e.mayReceive(c.opt))
	c.startSYN(now, isn)
	e.Counters.ActiveOpens++
	return c, nil
}

// defaultOptions is shared by all who have changed nothing, and never written to.
var defaultOptions Options

// settings returns o as connections share it: the default, or what others were
// given lately, which on a host is the same for nearly all.
func (e *Engine) settings(o Options) *Options {
	if o == defaultOptions {
		return &defaultOptions
	}
	for _, known := range e.settled {
		if known != nil && *known == o {
			return known
		}
	}
	fresh := new(Options)
	*fresh = o
	if len(e.settled) > 0 {
		e.settledLast = (e.settledLast + 1) % len(e.settled)
		e.settled[e.settledLast] = fresh
	}
	return fresh
}
