//go:build !tinygo

package host

import (
	"io"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"golang.org/x/sys/unix"
)

// Send sends buf. A Send on a stream is whole: those of other goroutines come
// before or after it. In non-blocking mode n may be more than 0 beside
// ErrWouldBlock.
func (d *Device) Send(sockfd int, buf []byte, flags int, deadline time.Time) (int, error) {
	s, err := d.use(sockfd)
	if err != nil {
		return 0, err
	}
	defer s.release()
	if err := checkCall(flags, netdev.MSG_DONTWAIT, deadline); err != nil {
		return 0, err
	}
	if s.stype == unix.SOCK_STREAM {
		return s.sendStream(buf, flags, deadline)
	}
	return s.sendDatagram(buf, flags, nil, deadline)
}

// Recv receives from a stream or a datagram socket.
func (d *Device) Recv(sockfd int, buf []byte, flags int, deadline time.Time) (int, error) {
	s, err := d.use(sockfd)
	if err != nil {
		return 0, err
	}
	defer s.release()
	if err := checkCall(flags, netdev.MSG_DONTWAIT|netdev.MSG_PEEK, deadline); err != nil {
		return 0, err
	}
	return s.recv(buf, flags, nil, deadline)
}

// SendTo sends a datagram. On a connected socket an address that is not valid
// means the peer.
func (d *Device) SendTo(sockfd int, buf []byte, flags int, to netip.AddrPort, deadline time.Time) (int, error) {
	s, err := d.use(sockfd)
	if err != nil {
		return 0, err
	}
	defer s.release()
	if err := checkCall(flags, netdev.MSG_DONTWAIT, deadline); err != nil {
		return 0, err
	}
	if s.stype == unix.SOCK_STREAM {
		if to.Addr().IsValid() && !s.isPeer(to) {
			return 0, netdev.ErrIsConnected
		}
		return s.sendStream(buf, flags, deadline)
	}
	if peer := s.peer.Load(); peer != nil {
		if to.Addr().IsValid() && to != *peer && !s.isPeer(to) {
			return 0, netdev.ErrIsConnected
		}
		return s.sendDatagram(buf, flags, nil, deadline)
	}
	if !to.Addr().IsValid() {
		return 0, netdev.ErrDestAddrRequired
	}
	var sa sockaddr
	if err := sa.set(s.fd, s.family, to); err != nil {
		return 0, err
	}
	return s.sendDatagram(buf, flags, &sa, deadline)
}

// RecvFrom receives a datagram and its sender. On a stream the sender is not
// valid.
func (d *Device) RecvFrom(sockfd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error) {
	s, err := d.use(sockfd)
	if err != nil {
		return 0, netip.AddrPort{}, err
	}
	defer s.release()
	if err := checkCall(flags, netdev.MSG_DONTWAIT|netdev.MSG_PEEK, deadline); err != nil {
		return 0, netip.AddrPort{}, err
	}
	var from sockaddr
	n, err := s.recv(buf, flags, &from, deadline)
	if err != nil {
		return n, netip.AddrPort{}, err
	}
	return n, from.addrPort(s.fd), nil
}

func checkCall(flags, known int, deadline time.Time) error {
	if flags&^known != 0 {
		return netdev.ErrNotSupported
	}
	if expired(deadline) {
		return netdev.ErrTimeout
	}
	return nil
}

func (s *socket) attempt(what, flags int, deadline time.Time) attempt {
	return attempt{
		s: s, what: what, deadline: deadline,
		nonblock: flags&netdev.MSG_DONTWAIT != 0 || s.nonblock.Load(),
	}
}

func (s *socket) sendStream(buf []byte, flags int, deadline time.Time) (n int, err error) {
	if len(buf) == 0 {
		return 0, nil
	}
	if err := s.takeTurn(flags, deadline); err != nil {
		return 0, err
	}
	defer s.passTurn()
	a := s.attempt(writable, flags, deadline)
	defer a.end()
	for {
		a.arm()
		m, errno := sendto(s.fd, buf[n:], unix.MSG_NOSIGNAL, nil)
		n += m
		switch {
		case n == len(buf):
			return n, nil
		case errno == unix.EAGAIN:
			if err := a.block(); err != nil {
				return n, err
			}
		case errno != 0 && errno != unix.EINTR:
			return n, s.sendError(errno)
		case expired(deadline):
			return n, netdev.ErrTimeout
		case s.state.Load() != stateOpen:
			return n, s.ended()
		}
	}
}

func (s *socket) sendError(errno unix.Errno) error {
	if errno == unix.EPIPE && s.role.Load() != roleConn {
		return netdev.ErrNotConnected
	}
	return s.connError(errno)
}

// takeTurn waits until no other Send is halfway through.
func (s *socket) takeTurn(flags int, deadline time.Time) error {
	if s.sending.CompareAndSwap(false, true) {
		return nil
	}
	a := s.attempt(turn, flags, deadline)
	defer a.end()
	for {
		a.arm()
		if s.sending.CompareAndSwap(false, true) {
			return nil
		}
		if err := a.block(); err != nil {
			return err
		}
	}
}

func (s *socket) passTurn() {
	s.sending.Store(false)
	s.edges[turn].Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := s.asleep[turn]; w != nil; w = w.next {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

func (s *socket) sendDatagram(buf []byte, flags int, to *sockaddr, deadline time.Time) (int, error) {
	a := s.attempt(writable, flags, deadline)
	defer a.end()
	for {
		a.arm()
		n, errno := sendto(s.fd, buf, unix.MSG_NOSIGNAL, to)
		switch errno {
		case 0:
			return n, nil
		case unix.EINTR:
		case unix.EAGAIN:
			if err := a.block(); err != nil {
				return 0, err
			}
		default:
			return 0, toError(errno)
		}
	}
}

func (s *socket) recv(buf []byte, flags int, from *sockaddr, deadline time.Time) (int, error) {
	stream := s.stype == unix.SOCK_STREAM
	if stream && len(buf) == 0 {
		return 0, nil
	}
	a := s.attempt(readable, flags, deadline)
	defer a.end()
	var sa sockaddr
	for {
		a.arm()
		stale := s.stale.Load()
		if stale != 0 && from == nil {
			from = &sa
		}
		n, errno := recvfrom(s.fd, buf, flags&unix.MSG_PEEK, from)
		switch errno {
		case 0:
			if stale != 0 && s.isStranger(from) {
				if flags&unix.MSG_PEEK != 0 {
					recvfrom(s.fd, nil, 0, nil)
				}
				continue
			}
			if n == 0 && (stream || s.shutRead.Load()) {
				return 0, s.eof()
			}
			return n, nil
		case unix.EINTR:
		case unix.EAGAIN:
			// What comes from here on has passed the kernel's own filter.
			s.stale.CompareAndSwap(stale, 0)
			if err := a.block(); err != nil {
				return 0, err
			}
		default:
			if stream {
				return 0, s.connError(errno)
			}
			return 0, toError(errno)
		}
	}
}

// isStranger reports whether a datagram was queued before Connect and is not
// the peer's.
func (s *socket) isStranger(from *sockaddr) bool {
	peer := s.peer.Load()
	return peer != nil && from.addrPort(s.fd) != *peer
}

// connError remembers what ended a connection. The kernel tells it once and
// then reads as if the peer had sent a FIN.
func (s *socket) connError(errno unix.Errno) error {
	switch errno {
	case unix.ECONNRESET, unix.ETIMEDOUT, unix.EHOSTUNREACH, unix.ENETUNREACH:
		// A datagram socket goes on, and never reads the end of a stream.
		s.broken.CompareAndSwap(0, int32(errno))
	}
	return toError(errno)
}

func (s *socket) eof() error {
	if errno := s.broken.Load(); errno != 0 && !s.sawEOF.Load() && !s.shutRead.Load() {
		return toError(unix.Errno(errno))
	}
	s.sawEOF.Store(true)
	return io.EOF
}
