package net

import (
	stdnet "net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/netdev-go/netdev"
)

// A socket is a descriptor of a device, with what Go promises beyond the
// contract's: deadlines that can be moved under a waiting call, and a Close
// that ends every call on every device.
//
// On a device with netdev.Poller no call blocks in the device: what would block
// waits here for readiness. On other devices calls block there, one
// deadlineSlice at a time.
type socket struct {
	dev     netdev.Netdever
	fd      int
	family  int
	stype   int
	network string // "tcp", "udp4" and so on, for errors
	local   Addr
	remote  Addr // nil without a peer
	polled  bool

	in, out direction
	closed  atomic.Bool
	done    chan struct{} // closed by close

	bound     netip.AddrPort // what local says
	accepting bool           // the device's Accept is under way; guarded by in.turn
	accepted  chan accepted  // what it returned; nil on a socket that does not listen
}

// A direction is one half of a socket's traffic. One call at a time has its
// turn, the others wait for theirs.
type direction struct {
	turn     chan struct{}
	ready    chan struct{} // holds a token when the device may have become ready
	deadline deadline
}

func (d *direction) init() {
	d.turn = make(chan struct{}, 1)
	d.ready = make(chan struct{}, 1)
}

func (d *direction) notify() {
	select {
	case d.ready <- struct{}{}:
	default:
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
	s := &socket{
		dev: dev, fd: fd, network: network, family: family, stype: stype,
		done: make(chan struct{}),
	}
	s.in.init()
	s.out.init()
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
	s.in.notify()
	s.out.notify()
}

// close gives the descriptor back and wakes every call. It waits for none.
func (s *socket) close() error {
	if !s.closed.CompareAndSwap(false, true) {
		return stdnet.ErrClosed
	}
	close(s.done)
	err := s.dev.Close(s.fd)
	s.in.deadline.set(time.Time{})
	s.out.deadline.set(time.Time{})
	s.dropAccepted()
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
	if s.closed.Load() {
		return stdnet.ErrClosed
	}
	for _, d := range directions {
		d.deadline.set(t)
	}
	return nil
}

// opError wraps the error of a call on an open connection.
func (s *socket) opError(op string, err error) error {
	return &OpError{Op: op, Net: s.network, Source: s.local, Addr: s.remote, Err: err}
}

// setError wraps the error of a setter, which Go reports with the local
// address alone.
func (s *socket) setError(err error) error {
	return &OpError{Op: "set", Net: s.network, Addr: s.local, Err: err}
}

// addr returns ap as this socket's type of Addr.
func (s *socket) addr(ap netip.AddrPort) Addr {
	if s.stype == netdev.SOCK_DGRAM {
		return stdnet.UDPAddrFromAddrPort(ap)
	}
	return stdnet.TCPAddrFromAddrPort(ap)
}
