package net

import (
	"errors"
	"net/netip"

	"github.com/netdev-go/netdev"
)

// accepted is what the device's Accept returned.
type accepted struct {
	fd   int
	peer netip.AddrPort
	err  error
}

// accept waits for a connection, and returns its descriptor and its peer.
func (s *socket) accept() (int, netip.AddrPort, error) {
	if err := s.acquire(&s.in); err != nil {
		return -1, netip.AddrPort{}, err
	}
	defer s.release(&s.in)
	for aborted := 0; ; {
		at, err := s.before(&s.in)
		if err != nil {
			return -1, netip.AddrPort{}, err
		}
		a := s.acceptDevice()
		if a.err == nil && a.fd < 0 {
			a.err = netdev.ErrInvalidSocketFd
		}
		if a.err == nil {
			return a.fd, unmap(a.peer), nil
		}
		// A peer that left the backlog is no reason to stop.
		if errors.Is(a.err, netdev.ErrConnAborted) && aborted < maxIdle && !s.closed.Load() {
			aborted++
			continue
		}
		if a.err == errAcceptWait || s.again(&s.in, at, a.err) {
			continue
		}
		return -1, netip.AddrPort{}, s.callError("accept", a.err)
	}
}

// errAcceptWait ends a wait for a blocking Accept: before() knows the reason.
var errAcceptWait = errors.New("wait")

// acceptDevice calls the device's Accept. Accept has no deadline, so on a
// device that blocks it runs on its own, one at a time, and what it returns is
// for whoever asks next.
func (s *socket) acceptDevice() accepted {
	if s.polled {
		fd, peer, err := s.dev.Accept(s.fd)
		return accepted{fd, peer, err}
	}
	s.mu.Lock()
	wait := s.accepted == nil
	if wait && !s.accepting {
		s.accepting = true
		go s.acceptAside()
	}
	s.mu.Unlock()
	if wait {
		s.await(&s.in)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accepted == nil {
		return accepted{-1, netip.AddrPort{}, errAcceptWait}
	}
	a := *s.accepted
	s.accepted = nil
	return a
}

func (s *socket) acceptAside() {
	fd, peer, err := s.dev.Accept(s.fd)
	a := &accepted{fd, peer, err}
	s.mu.Lock()
	s.accepting = false
	if !s.closed.Load() {
		s.accepted, a = a, nil
		s.in.wake()
	}
	s.mu.Unlock()
	s.refuse(a)
}

// refuse closes what was accepted for nobody, if it is anything.
func (s *socket) refuse(a *accepted) {
	if a != nil && a.err == nil && a.fd >= 0 {
		s.dev.Close(a.fd)
	}
}

// acceptSocket accepts a connection as a socket of its own, with the addresses
// of its two ends.
func (s *socket) acceptSocket() (*socket, error) {
	fd, peer, err := s.accept()
	if err != nil {
		return nil, err
	}
	c, err := newSocket(s.dev, fd, s.network, int(s.family), int(s.stype))
	if err != nil {
		return nil, err
	}
	c.nameAccepted(s, peer)
	return c, nil
}
