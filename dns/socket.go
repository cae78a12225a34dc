package dns

import (
	"context"
	"io"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/netdev-go/netdev"
)

// A socket is one end of an exchange with a server. It closes itself when ctx is
// done, and late, where it has a timer, when that fires: on every device, Close
// is what wakes a call.
type socket struct {
	dev    Device
	fd     int
	server netip.AddrPort

	ctx    context.Context
	stop   func() bool // or nil, where ctx has no end
	timer  *time.Timer
	late   atomic.Bool
	closed atomic.Bool
}

// A localError is the device's, whatever the server: another one need not be
// tried.
type localError struct{ error }

func (e localError) Unwrap() error { return e.error }

// open returns a socket to server, from a port that the device chooses.
func (c *Client) open(ctx context.Context, stype, protocol int, server netip.AddrPort) (*socket, error) {
	domain, unspecified := netdev.AF_INET, netip.IPv4Unspecified()
	if server.Addr().Is6() {
		domain, unspecified = netdev.AF_INET6, netip.IPv6Unspecified()
	}
	fd, err := c.cfg.Device.Socket(domain, stype, protocol)
	if err != nil {
		return nil, localError{err}
	}
	s := &socket{dev: c.cfg.Device, fd: fd, server: server, ctx: ctx}
	if ctx.Done() != nil {
		s.stop = context.AfterFunc(ctx, s.shut)
	}
	if stype == netdev.SOCK_DGRAM {
		if err := s.dev.Bind(fd, netip.AddrPortFrom(unspecified, 0)); err != nil {
			s.close()
			return nil, s.reason(localError{err})
		}
	}
	return s, nil
}

// limit gives the socket an end, for calls that take no deadline.
func (s *socket) limit(d time.Duration) {
	s.timer = time.AfterFunc(d, func() {
		s.late.Store(true)
		s.shut()
	})
}

func (s *socket) connect() error {
	return s.reason(s.dev.Connect(s.fd, "", s.server))
}

func (s *socket) send(msg []byte, deadline time.Time) error {
	if s.closed.Load() {
		return s.reason(netdev.ErrClosed)
	}
	n, err := s.dev.Send(s.fd, msg, 0, deadline)
	if err == nil && n < len(msg) {
		err = io.ErrShortWrite
	}
	return s.reason(err)
}

func (s *socket) recv(buf []byte, deadline time.Time) (int, error) {
	if s.closed.Load() {
		return 0, s.reason(netdev.ErrClosed)
	}
	n, err := s.dev.Recv(s.fd, buf, 0, deadline)
	return max(n, 0), s.reason(err)
}

// recvFrom is recv of a datagram, and tells whether its source is the server, as
// far as the device can say.
func (s *socket) recvFrom(buf []byte, deadline time.Time) (int, bool, error) {
	packet, ok := s.dev.(netdev.PacketNetdever)
	if !ok {
		n, err := s.recv(buf, deadline)
		return n, true, err
	}
	if s.closed.Load() {
		return 0, false, s.reason(netdev.ErrClosed)
	}
	n, from, err := packet.RecvFrom(s.fd, buf, 0, deadline)
	from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	return max(n, 0), from == s.server, s.reason(err)
}

// reason is what is behind err, where the socket closed itself.
func (s *socket) reason(err error) error {
	switch {
	case err == nil:
		return nil
	case s.ctx.Err() != nil:
		return s.ctx.Err()
	case s.late.Load():
		return netdev.ErrTimeout
	}
	return err
}

func (s *socket) close() {
	if s.stop != nil {
		s.stop()
	}
	if s.timer != nil {
		s.timer.Stop()
	}
	s.shut()
}

// shut closes the descriptor, once: afterwards its number may be another's.
func (s *socket) shut() {
	if s.closed.CompareAndSwap(false, true) {
		s.dev.Close(s.fd)
	}
}
