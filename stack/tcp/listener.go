package tcp

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// A Listener takes connections. It belongs to the owner until Close.
type Listener struct {
	// Owner is for the owner to find its socket by.
	Owner int32

	e        *Engine
	local    netip.AddrPort
	opt      *Options
	backlog  int
	half     list // in SYN-RECEIVED
	ready    list // for Accept
	err      error
	closed   bool
	isWoken  bool
	cookieAt time.Duration // when the last SYN cookie went out

	next      *Listener // of the same port's chain
	nextReady *Listener
}

// passive is what only a Listener has done.
type passive struct {
	take     func(l *Listener, now time.Duration, local, remote netip.AddrPort, in *segment) bool
	isCookie func(l *Listener, now time.Duration, local, remote netip.AddrPort, in *segment) (mss uint16, ok bool)
}

var passives = passive{take: (*Listener).take, isCookie: (*Listener).isCookie}

// listeners finds them by port.
type listeners struct {
	chains [16]*Listener
	any    *Listener
}

func (ls *listeners) chain(port uint16) **Listener { return &ls.chains[port%uint16(len(ls.chains))] }

// find returns the Listener for a connection to local, or nil: the one on the address
// before the one on all of them, and that before the one on everything.
func (ls *listeners) find(local netip.AddrPort) *Listener {
	var every *Listener
	for l := *ls.chain(local.Port()); l != nil; l = l.next {
		if l.local.Port() != local.Port() {
			continue
		}
		if l.local.Addr() == local.Addr() {
			return l
		}
		if l.local.Addr().IsUnspecified() && l.local.Addr().Is4() == local.Addr().Is4() {
			every = l
		}
	}
	if every == nil {
		every = ls.any
	}
	return every
}

func (ls *listeners) each(f func(*Listener)) {
	for _, l := range ls.chains {
		for l != nil {
			next := l.next
			f(l)
			l = next
		}
	}
	if ls.any != nil {
		f(ls.any)
	}
}

func (ls *listeners) remove(l *Listener) {
	if ls.any == l {
		ls.any = nil
		return
	}
	for p := ls.chain(l.local.Port()); *p != nil; p = &(*p).next {
		if *p == l {
			*p, l.next = l.next, nil
			return
		}
	}
}

// Listen begins to take connections to local. An unspecified address stands for every
// one of its family; where the port is 0 too, the Listener gets what is for no other,
// of both families. It fails with ErrAddrInUse where there is one for the same.
// backlog is how many may wait for Accept, at least 1.
func (e *Engine) Listen(local netip.AddrPort, backlog int, o Options) (*Listener, error) {
	if !local.IsValid() || local.Port() == 0 && !local.Addr().IsUnspecified() {
		return nil, netdev.ErrInvalid
	}
	l := &Listener{e: e, local: local, opt: e.settings(o), backlog: max(backlog, 1)}
	e.passive = &passives
	if local.Port() == 0 {
		if e.listeners.any != nil {
			return nil, netdev.ErrAddrInUse
		}
		e.listeners.any = l
		return l, nil
	}
	chain := e.listeners.chain(local.Port())
	for other := *chain; other != nil; other = other.next {
		if other.local == local {
			return nil, netdev.ErrAddrInUse
		}
	}
	l.next, *chain = *chain, l
	return l, nil
}

// Local returns what it listens on.
func (l *Listener) Local() netip.AddrPort { return l.local }

// Err returns what Fail was given, nil otherwise.
func (l *Listener) Err() error { return l.err }

// Ready tells whether Accept has a connection, or Err an error.
func (l *Listener) Ready() bool { return l.ready.n > 0 || l.err != nil }

// Accept returns the next connection that is established, or, from a deferred
// Listener, whose SYN has come; nil if none waits. One that the peer has reset
// meanwhile is not given out.
func (l *Listener) Accept(now time.Duration) *Conn {
	c := l.ready.head
	if c == nil {
		return nil
	}
	c.leave()
	c.listener = nil
	c.flags |= isOwned
	return c
}

// SetBacklog changes how many connections may wait for Accept.
func (l *Listener) SetBacklog(backlog int) { l.backlog = max(backlog, 1) }

// Options returns what connections begin with.
func (l *Listener) Options() Options { return *l.opt }

// SetOptions changes what later connections begin with.
func (l *Listener) SetOptions(o Options) { l.opt = l.e.settings(o) }

// Close ends the Listener and resets the connections that wait.
func (l *Listener) Close(now time.Duration) {
	if l.closed {
		return
	}
	l.closed = true
	l.e.listeners.remove(l)
	for c := l.half.head; c != nil; c = l.half.head {
		c.reset(nil)
	}
	for c := l.ready.head; c != nil; c = l.ready.head {
		c.reset(nil)
	}
	if l.isWoken {
		for p := &l.e.ready; *p != nil; p = &(*p).nextReady {
			if *p == l {
				*p, l.nextReady, l.isWoken = l.nextReady, nil, false
				break
			}
		}
	}
}

// fail makes l useless because of err.
func (l *Listener) fail(err error) {
	l.err = err
	l.e.listeners.remove(l)
	l.wake()
}

func (l *Listener) wake() {
	if !l.isWoken && !l.closed {
		l.isWoken = true
		l.nextReady, l.e.ready = l.e.ready, l
	}
}

// take works on a segment for l that belongs to no connection: RFC 9293 §3.10.7.2. It
// returns false where the answer is a reset.
func (l *Listener) take(now time.Duration, local, remote netip.AddrPort, in *segment) bool {
	switch {
	case in.has(wire.RST):
		return true
	case in.has(wire.ACK):
		return !in.has(wire.SYN) && l.takeCookie(now, local, remote, in)
	case !in.has(wire.SYN), in.has(wire.FIN):
		return true
	}
	e := l.e
	if l.ready.n >= l.backlog {
		e.Counters.ListenOverflows++
		e.Counters.ListenDrops++
		return true
	}
	if !l.opt.Deferred && (l.half.n >= l.backlog || e.halfOpen >= e.cfg.MaxHalfOpen) {
		l.sendCookie(now, local, remote, in)
		return true
	}
	c := l.make(now, local, remote, in)
	if c == nil {
		e.Counters.ListenDrops++
		return true
	}
	isn := e.isn(now, local, remote)
	if e.hasFloor {
		isn = laterThan(isn, e.isnFloor)
	}
	if l.opt.Deferred {
		c.flags |= isUnanswered
		c.sndUna, c.sndNxt = isn, isn+1
		c.lifeAt = now + e.cfg.SYNTimeout
		c.enter(inReady)
		l.wake()
		c.wait()
		return true
	}
	e.halfOpen++
	c.enter(inHalf)
	c.startSYN(now, isn)
	return true
}

// make returns a connection in SYN-RECEIVED.
func (l *Listener) make(now time.Duration, local, remote netip.AddrPort, in *segment) *Conn {
	e := l.e
	c := e.make(now, local, remote, l.opt)
	if c == nil {
		return nil
	}
	c.listener = l
	c.flags |= isPassive
	c.state = StateSynReceived
	c.rcvScale = scaleFor(e.mayReceive(l.opt))
	c.agree(now, in)
	e.register(c)
	e.Counters.PassiveOpens++
	return c
}

// leaveHalfOpen takes c out of the half-open ones, if it is among them.
func (c *Conn) leaveHalfOpen() {
	if c.in == inHalf {
		c.leave()
		c.e.halfOpen--
	}
}

// Open answers the SYN of a connection that a deferred Listener gave out.
func (c *Conn) Open(now time.Duration) {
	if !c.is(isUnanswered) {
		return
	}
	c.flags &^= isUnanswered
	c.lifeAt = 0
	c.startSYN(now, c.sndUna)
}

// Refuse answers that SYN with a reset, or with nothing where silent, for an owner
// that says it by ICMP. It gives the connection to the Engine.
func (c *Conn) Refuse(now time.Duration, silent bool) {
	if !silent {
		c.Abort(now)
		return
	}
	c.flags |= isOrphan
	if c.state == StateClosed {
		c.die()
		return
	}
	c.finish(nil)
}

// arriveUnanswered takes what the peer says while nobody has answered its SYN: only a
// reset counts, or that it begins anew.
func (c *Conn) arriveUnanswered(in *segment) {
	switch {
	case in.has(wire.RST):
		if in.seq == c.rcvNxt || in.seq == c.rcvNxt-1 {
			c.finish(netdev.ErrConnReset)
		}
	case in.has(wire.ACK):
		c.e.refuse(c.Local, c.Remote, in)
	}
}
