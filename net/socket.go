package net

import (
	stdnet "net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netdev-go/netdev"
)

// A socket is a descriptor of a device, with what Go promises beyond the
// contract's: deadlines that can be moved under a waiting call, and a Close
// that ends every call on every device. There may be ten thousands of them, so
// what only some need is made when it is needed.
//
// On a device with netdev.Poller no call blocks in the device: what would block
// waits here for readiness. On other devices calls block there, one
// deadlineSlice at a time.
type socket struct {
	dev     netdev.Netdever
	fd      int
	network string         // "tcp", "udp4" and so on, for errors
	local   netip.AddrPort // as far as it is known
	remote  netip.AddrPort // invalid without a peer

	mu        sync.Mutex
	family    uint8
	stype     uint8
	polled    bool
	accepting bool // the device's Accept is under way
	closed    atomic.Bool
	accepted  *accepted // what it returned, for whoever asks next
	in, out   direction
}

// A direction is one half of a socket's traffic. One call at a time has its
// turn, the others wait for theirs. Changes are made with the socket's mu.
type direction struct {
	turn, ready *sync.Cond  // where calls wait for either; made by the first that does
	deadline    *deadline   // nil as long as there was none
	busy        bool        // a call has its turn
	pending     atomic.Bool // the device may have become ready since it was last asked
	passed      atomic.Bool // the deadline has
}

// wake ends the wait of the call that has its turn, or the next one.
func (d *direction) wake() {
	d.pending.Store(true)
	if d.ready != nil {
		d.ready.Signal()
	}
}

// wakeAll ends the waits of all calls, which find the reason.
func (d *direction) wakeAll() {
	if d.ready != nil {
		d.ready.Broadcast()
	}
	if d.turn != nil {
		d.turn.Broadcast()
	}
}

// openSocket opens a socket of family on dev.
func openSocket(dev netdev.Netdever, network string, family, stype, protocol int) (*socket, error) {
	fd, err := dev.Socket(family, stype, protocol)
	if err == nil && fd < 0 {
		err = netdev.ErrInvalidSocketFd
	}
	if err != nil {
		return nil, callError("socket", err)
	}
	return newSocket(dev, fd, network, family, stype)
}

// newSocket takes over fd; it closes fd when it fails.
func newSocket(dev netdev.Netdever, fd int, network string, family, stype int) (*socket, error) {
	s := &socket{dev: dev, fd: fd, network: network, family: uint8(family), stype: uint8(stype)}
	if err := s.startPolling(); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *socket) startPolling() error {
	p, ok := netdev.As[netdev.Poller](s.dev)
	if !ok {
		return nil
	}
	if err := p.PollNotify(s.fd, s.notify); err != nil {
		if isUnsupported(err) {
			return nil
		}
		return callError("poll", err)
	}
	if err := p.SetNonblock(s.fd, true); err != nil {
		if isUnsupported(err) {
			p.PollNotify(s.fd, nil)
			return nil
		}
		return callError("setnonblock", err)
	}
	s.polled = true
	return nil
}

// notify is called by the device, which must not be called or held up here.
func (s *socket) notify() {
	s.mu.Lock()
	s.in.wake()
	s.out.wake()
	s.mu.Unlock()
}

// close gives the descriptor back and wakes every call. It waits for none.
func (s *socket) close() error {
	s.mu.Lock()
	if !s.closed.CompareAndSwap(false, true) {
		s.mu.Unlock()
		return stdnet.ErrClosed
	}
	for _, d := range [...]*direction{&s.in, &s.out} {
		s.moveDeadline(d, time.Time{})
		d.wakeAll()
	}
	unwanted := s.accepted
	s.accepted = nil
	s.mu.Unlock()
	err := s.dev.Close(s.fd)
	s.refuse(unwanted)
	return callError("close", err)
}

func (s *socket) shutdown(how int) error {
	if s.closed.Load() {
		return stdnet.ErrClosed
	}
	d, ok := netdev.As[netdev.Shutdowner](s.dev)
	if !ok {
		return syscallError("shutdown", netdev.ErrNotSupported)
	}
	return s.callError("shutdown", d.Shutdown(s.fd, how))
}

func (s *socket) setOpt(level, opt int, value any) error {
	if s.closed.Load() {
		return stdnet.ErrClosed
	}
	return s.callError("setsockopt", s.dev.SetSockOpt(s.fd, level, opt, value))
}

// callError is the function of that name, on a socket that may have been
// closed under the call: what the device then says matters no more.
func (s *socket) callError(call string, err error) error {
	if err != nil && s.closed.Load() {
		return stdnet.ErrClosed
	}
	return callError(call, err)
}

func (s *socket) setDeadline(t time.Time, directions ...*direction) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return stdnet.ErrClosed
	}
	for _, d := range directions {
		s.moveDeadline(d, t)
	}
	return nil
}

// opError wraps the error of a call on an open connection.
func (s *socket) opError(op string, err error) error {
	return &OpError{Op: op, Net: s.network, Source: s.localAddr(), Addr: s.remoteAddr(), Err: err}
}

// setError wraps the error of a setter, which Go reports with the local
// address alone.
func (s *socket) setError(err error) error {
	return &OpError{Op: "set", Net: s.network, Addr: s.localAddr(), Err: err}
}

func (s *socket) localAddr() Addr { return s.addr(s.local) }

// remoteAddr returns the address of the peer, nil without one. A connection has
// one, also where the device cannot tell which.
func (s *socket) remoteAddr() Addr {
	if s.stype == netdev.SOCK_DGRAM && !s.remote.IsValid() {
		return nil
	}
	return s.addr(s.remote)
}

// addr returns ap as this socket's type of Addr.
func (s *socket) addr(ap netip.AddrPort) Addr {
	if s.stype == netdev.SOCK_DGRAM {
		return stdnet.UDPAddrFromAddrPort(ap)
	}
	return stdnet.TCPAddrFromAddrPort(ap)
}
