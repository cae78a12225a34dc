//go:build !tinygo

package tlsdev

import (
	"io"

	"github.com/netdev-go/netdev"
)

func (s *socket) poll() (netdev.PollEvents, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var events netdev.PollEvents
	switch {
	case s.closed:
		return 0, netdev.ErrInvalidSocketFd
	case s.phase == failed:
		return netdev.PollOut | netdev.PollErr | netdev.PollHup, nil
	case s.phase == listening:
		if len(s.ready) > 0 || s.acceptErr != nil {
			events = netdev.PollIn
		}
		return events, nil
	case s.phase != connected:
		return 0, nil
	}
	broken := s.inErr != nil && s.inErr != io.EOF
	if len(s.in) > 0 || s.inErr != nil || s.rdShut {
		events |= netdev.PollIn
	}
	if s.unsent() < maxOut && !s.turn || s.wrShut || s.outErr != nil || broken {
		events |= netdev.PollOut
	}
	if s.pending() != nil {
		events |= netdev.PollErr
	}
	if s.wrShut && (s.inErr != nil || s.rdShut) || broken {
		events |= netdev.PollHup
	}
	return events, nil
}

func (s *socket) setNotify(f func()) error {
	if s.isClosed() {
		return netdev.ErrInvalidSocketFd
	}
	s.notifyMu.Lock()
	defer s.notifyMu.Unlock()
	s.notify = f
	return nil
}

func (s *socket) setNonblock(nonblocking bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return netdev.ErrInvalidSocketFd
	}
	s.nonblock = nonblocking
	return nil
}
