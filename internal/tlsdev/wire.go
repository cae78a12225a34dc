//go:build !tinygo

package tlsdev

import (
	"io"
	"net"
	"time"

	"github.com/netdev-go/netdev"
)

// A wire is the connection under a TLS socket, as crypto/tls sees it. Reading
// waits until there is something or the socket is closed; writing never waits.
type wire struct{ s *socket }

var _ net.Conn = wire{}

func (w wire) Read(b []byte) (int, error) {
	n, err := w.s.d.Netdever.Recv(w.s.fd, b, 0, time.Time{})
	n = max(n, 0)
	if n == 0 && err == nil {
		err = io.ErrNoProgress // or crypto/tls would ask again and again
	}
	if err != nil {
		w.s.mu.Lock()
		defer w.s.mu.Unlock()
		w.s.wireErr = err
	}
	return n, err
}

func (w wire) Write(b []byte) (int, error) {
	s := w.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.outErr == nil {
		s.out = append(s.out, b...)
	}
	// A Send flushes when its record is whole; others are here for one message.
	if !s.turn {
		s.flush()
	}
	return len(b), nil
}

func (wire) Close() error                     { return nil }
func (wire) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (wire) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (wire) SetDeadline(time.Time) error      { return nil }
func (wire) SetReadDeadline(time.Time) error  { return nil }
func (wire) SetWriteDeadline(time.Time) error { return nil }

// unsent returns how many encrypted bytes the device has not taken. s is locked.
func (s *socket) unsent() int { return len(s.out) - s.sent }

// flush has the device take what is in out, as far as it does so without a wait;
// a goroutine sends the rest. s is locked before and after.
func (s *socket) flush() {
	if s.flushing {
		return
	}
	s.flushing = true
	if s.d.poller != nil && s.give(netdev.MSG_DONTWAIT) || s.unsent() == 0 && !s.mustFin() {
		s.flushing = false
		if s.linger != nil {
			go s.finish()
		}
		return
	}
	go func() {
		s.mu.Lock()
		s.give(0)
		s.flushing = false
		over := s.linger != nil
		s.unlock()
		if over {
			s.finish()
		}
	}()
}

// give sends out, and then the FIN that Shutdown wants, and returns whether that
// is done. It is not where the device would have to wait.
func (s *socket) give(flags int) bool {
	for s.unsent() > 0 {
		piece := s.out[s.sent:min(s.sent+record, len(s.out))]
		s.mu.Unlock()
		n, err := s.d.Netdever.Send(s.fd, piece, flags, time.Time{})
		s.mu.Lock()
		s.sent += max(n, 0)
		if n <= 0 && err == nil {
			err = io.ErrNoProgress
		}
		switch {
		case err == netdev.ErrWouldBlock && flags != 0:
			return false
		case err != nil:
			s.outErr = err
			s.out, s.sent = nil, 0
			if s.phase == connecting {
				s.phase, s.outcome = failed, err // nothing else may come of it
			}
		case s.unsent() == 0:
			s.out, s.sent = s.out[:0], 0
		case s.sent >= maxOut:
			s.out, s.sent = s.out[:copy(s.out, s.out[s.sent:])], 0
		}
		if flags == 0 || err != nil {
			s.unlock() // who waits for room may have it, or the error
			s.mu.Lock()
		}
	}
	if s.mustFin() {
		s.finSent = true
		s.mu.Unlock()
		s.d.shutdowner.Shutdown(s.fd, netdev.SHUT_WR)
		s.mu.Lock()
	}
	return true
}

func (s *socket) mustFin() bool {
	return s.noticed && !s.finSent && s.outErr == nil && s.d.shutdowner != nil
}
