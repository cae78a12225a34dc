//go:build !tinygo

package tlsdev

import (
	"time"

	"github.com/netdev-go/netdev"
)

// lingerTime is how long a socket that was closed goes on sending to a peer that
// takes nothing.
const lingerTime = 60 * time.Second

// close gives the descriptor back. The device's socket is closed when it has
// taken the rest of what Send took, and the close_notify.
func (s *socket) close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return netdev.ErrInvalidSocketFd
	}
	s.closed = true
	if s.backlog != nil {
		s.dismiss()
	}
	polite := s.phase == connected && !s.abort && s.outErr == nil
	s.unlock()
	if polite {
		s.conn.CloseWrite()
	}
	s.mu.Lock()
	if !s.abort {
		s.flush()
	}
	wait := !s.abort && s.flushing
	if wait {
		// Who flushes finishes, at the latest after lingerTime.
		s.linger = time.AfterFunc(lingerTime, func() { s.finish() })
	}
	s.mu.Unlock()
	if wait {
		return nil
	}
	return s.finish()
}

// finish closes the device's socket, once: afterwards its number may be
// another's.
func (s *socket) finish() error {
	s.mu.Lock()
	if s.finished {
		s.mu.Unlock()
		return nil
	}
	s.finished = true
	if s.linger != nil {
		s.linger.Stop()
	}
	s.mu.Unlock()
	err := s.d.Netdever.Close(s.fd)
	s.d.forget(s)
	return err
}

func (s *socket) shutdown(how int) error {
	s.mu.Lock()
	var err error
	switch {
	case s.closed:
		err = netdev.ErrInvalidSocketFd
	case how != netdev.SHUT_RD && how != netdev.SHUT_WR && how != netdev.SHUT_RDWR:
		err = netdev.ErrInvalid
	case s.phase != connected:
		err = netdev.ErrNotConnected
	}
	if err != nil {
		s.mu.Unlock()
		return err
	}
	s.rdShut = s.rdShut || how != netdev.SHUT_WR
	first := how != netdev.SHUT_RD && !s.wrShut
	s.wrShut = s.wrShut || first
	s.unlock()
	if first {
		s.conn.CloseWrite()
		s.mu.Lock()
		s.noticed = true
		s.flush()
		s.mu.Unlock()
	}
	return nil
}
