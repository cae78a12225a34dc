// Package link leads the radio of a chip, or its cable, to a network and keeps
// it there: attempts and their time, the watchdog, events in order. It is the
// NetConnect, NetDisconnect and NetNotify of the drivers that have a
// drivers/internal/offload Core.
package link

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
)

// A Radio is what a driver knows about its chip's link. The Core's goroutine
// makes all calls.
type Radio interface {
	// Join begins to join a network, or to be an access point. It boots the chip
	// where that has not been done, or where the chip no longer makes sense. It
	// may take long where the chip has no other way. Leave comes between two.
	Join(p *netlink.ConnectParams) error

	// Joined returns the chip's address once there is one, netdev.ErrWouldBlock
	// while there may still be one, or why there is none.
	Joined() (netip.Addr, error)

	// Leave ends what Join began, also half-way, or what is left of it.
	Leave() error

	// Alive is asked by the watchdog: nil, or how the link was lost.
	Alive() error
}

// A Core is an offload.Core.
type Core interface {
	Do(ctx context.Context, f func() error) error
	Up(addr netip.Addr)
	Down(err error)
}

// Config describes a Link. Core and Radio are needed.
type Config struct {
	Core  Core
	Radio Radio
	Wired bool // there is nothing about WiFi to check in ConnectParams
}

// Times between two calls of Joined, and between two attempts.
const (
	minPoll  = 5 * time.Millisecond
	maxPoll  = 100 * time.Millisecond
	minPause = 250 * time.Millisecond
	maxPause = 16 * time.Second
)

// leaveTime bounds how long NetDisconnect waits for a chip that is busy.
const leaveTime = 5 * time.Second

// A Link is to be embedded in a driver's Device, as a pointer.
type Link struct {
	core  Core
	radio Radio
	wired bool

	joined bool // Join was called, and not Leave; the Core's goroutine's

	mu     sync.Mutex // not held across a call of Radio, of Do, or of notify
	sess   *session   // between NetConnect and NetDisconnect, or nil
	addr   netip.Addr // of the link that is up
	lapsed bool       // the last session was lost, and the chip not told to leave

	notify  func(netlink.Event)
	events  []netlink.Event // not told yet
	telling bool
}

// A session is a NetConnect and what comes of it.
type session struct {
	ctx    context.Context
	cancel context.CancelFunc
	params netlink.ConnectParams
	lost   chan struct{} // has room for one
	up     bool
}

// New returns a link that is down.
func New(c Config) *Link {
	return &Link{core: c.Core, radio: c.Radio, wired: c.Wired}
}

// NetConnect joins a network, or is an access point, and returns when there is
// an address. An attempt that fails is made again, after a pause that grows,
// Retries times at most; a wrong passphrase only once more. With a
// WatchdogTimeout a link that is lost later is joined again. Where the Core is
// stopped the error is netdev.ErrClosed.
func (l *Link) NetConnect(params *netlink.ConnectParams) error {
	var p netlink.ConnectParams
	if params != nil {
		p = *params
	}
	l.mu.Lock()
	if l.sess != nil {
		l.mu.Unlock()
		return netlink.ErrConnected
	}
	if err := l.check(&p); err != nil {
		l.mu.Unlock()
		return err
	}
	s := &session{params: p, lost: make(chan struct{}, 1)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	l.sess, l.lapsed = s, false
	l.mu.Unlock()

	err := l.connect(s, p.Retries)
	if err != nil {
		l.end(s)
		return err
	}
	l.tell()
	if p.WatchdogTimeout > 0 {
		go l.watch(s)
	}
	return nil
}

func (l *Link) check(p *netlink.ConnectParams) error {
	if l.wired {
		return nil
	}
	return p.Validate()
}

// connect makes attempts, without end if retries is 0.
func (l *Link) connect(s *session, retries int) error {
	refused := 0
	pause := minPause
	for n := 1; ; n++ {
		err := l.attempt(s)
		if err == netlink.ErrAuthFailure {
			refused++
		}
		switch {
		case err == nil:
			return nil
		case s.ctx.Err() != nil: // NetDisconnect
			return netlink.ErrConnectFailed
		case refused == 2, isPermanent(err), n == 1 && retries == 1:
			return err
		case n == retries:
			return netlink.ErrConnectFailed
		}
		if !s.sleep(pause) {
			return netlink.ErrConnectFailed
		}
		pause = min(2*pause, maxPause)
	}
}

// isPermanent tells what another attempt meets again.
func isPermanent(err error) bool {
	switch err {
	case netlink.ErrMissingSSID, netlink.ErrShortPassphrase, netlink.ErrAuthTypeNoGood,
		netlink.ErrConnectModeNoGood, netlink.ErrNotSupported, netdev.ErrClosed:
		return true
	}
	return false
}

// attempt joins once, within the time of the parameters.
func (l *Link) attempt(s *session) error {
	timeout := s.params.ConnectTimeout
	if timeout <= 0 {
		timeout = netlink.DefaultConnectTimeout
	}
	ctx, cancel := context.WithTimeout(s.ctx, timeout)
	defer cancel()
	begun := false
	err := l.core.Do(ctx, func() error { begun = true; return l.join(s) })
	if ctx.Err() == nil && !begun {
		return netdev.ErrClosed // the Core is stopped
	}
	for pause := minPoll; err == nil; pause = min(2*pause, maxPoll) {
		err = l.core.Do(ctx, func() error { return l.ask(ctx, s) })
		switch {
		case err == nil:
			return nil
		case err == netdev.ErrWouldBlock && sleep(ctx, pause):
			err = nil
		}
	}
	if ctx.Err() != nil {
		l.mu.Lock()
		up := s.up
		l.mu.Unlock()
		if up {
			return nil // at the last moment
		}
		err = netlink.ErrConnectTimeout
	}
	l.leave(s) // the chip gives up too
	return err
}

func (l *Link) join(s *session) error {
	l.part()
	l.joined = true
	err := l.radio.Join(&s.params)
	if s.ctx.Err() != nil {
		l.part() // NetDisconnect may not have waited for so long
	}
	return err
}

// part is Leave, if Join was called.
func (l *Link) part() error {
	if !l.joined {
		return nil
	}
	l.joined = false
	return l.radio.Leave()
}

// leave has the chip leave what it joined for s, or for one that is no more,
// unless another session has begun.
func (l *Link) leave(s *session) {
	ctx, cancel := context.WithTimeout(context.Background(), leaveTime)
	defer cancel()
	l.core.Do(ctx, func() error {
		l.mu.Lock()
		other := l.sess != nil && l.sess != s
		l.mu.Unlock()
		if other {
			return nil
		}
		return l.part()
	})
}

// ask is Joined. The link comes up on the goroutine that would lose it again.
func (l *Link) ask(ctx context.Context, s *session) error {
	addr, err := l.radio.Joined()
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sess != s || ctx.Err() != nil {
		return netlink.ErrConnectFailed
	}
	l.addr, s.up = addr, true
	l.core.Up(addr)
	l.event(netlink.EventNetUp)
	return nil
}

// NetDisconnect leaves the network, and ends a NetConnect under way. Open
// sockets fail with ErrNetDown.
func (l *Link) NetDisconnect() {
	l.mu.Lock()
	s, lapsed := l.sess, l.lapsed
	l.lapsed = false
	l.mu.Unlock()
	switch {
	case s != nil:
		l.end(s)
		l.tell()
	case lapsed:
		l.leave(nil) // it may find its way back by itself
	}
}

// end takes the link down, and out of the session.
func (l *Link) end(s *session) {
	s.cancel()
	l.mu.Lock()
	if l.sess != s {
		l.mu.Unlock()
		return
	}
	l.sess = nil
	l.fall(s)
	l.mu.Unlock()
	l.leave(s)
}

// fall is for an address that is gone. The lock is held.
func (l *Link) fall(s *session) {
	if !s.up {
		return
	}
	s.up = false
	l.addr = netip.Addr{}
	l.core.Down(netdev.ErrNetDown)
	l.event(netlink.EventNetDown)
}

// Lost is for a link that is gone: the chip said so, or was reset. It may be
// called while there is none, and from the Core's goroutine.
func (l *Link) Lost() {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.sess
	if s == nil || !s.up {
		return
	}
	l.fall(s)
	if s.params.WatchdogTimeout <= 0 {
		// NetConnect may be called again.
		l.sess, l.lapsed = nil, true
		s.cancel()
		return
	}
	select {
	case s.lost <- struct{}{}:
	default:
	}
}

// Changed is for another address of a link that stays. What stood on the old
// one fails.
func (l *Link) Changed(addr netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.sess
	if s == nil || !s.up || addr == l.addr {
		return
	}
	l.fall(s)
	s.up, l.addr = true, addr
	l.core.Up(addr)
	l.event(netlink.EventNetUp)
}

// watch looks after a session: it asks the chip, and joins again.
func (l *Link) watch(s *session) {
	tick := time.NewTicker(s.params.WatchdogTimeout)
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-tick.C:
			if err := l.core.Do(s.ctx, l.radio.Alive); err != nil && s.ctx.Err() == nil {
				l.Lost()
			}
		case <-s.lost:
			// What the parameters mean cannot have become wrong.
			for pause := minPause; ; pause = min(2*pause, maxPause) {
				err := l.connect(s, 0)
				if err == nil {
					break
				}
				if err == netdev.ErrClosed || !s.sleep(pause) {
					l.end(s)
					return
				}
			}
		}
	}
}

func (s *session) sleep(d time.Duration) bool { return sleep(s.ctx, d) }

// sleep reports whether it slept to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
