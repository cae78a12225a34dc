//go:build !tinygo

package tlsdev

import (
	"crypto/tls"
	"io"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

const (
	// maxBacklog is how many connections a listener takes from the device before
	// Accept asks for them.
	maxBacklog = 128

	// shakeTime is how long a peer may take for the handshake.
	shakeTime = 10 * time.Second
)

// A backlog is what a listener has of connections.
type backlog struct {
	max       int
	shaking   map[*socket]bool
	ready     []arrival
	acceptErr error // the device's, for the next Accept
}

type arrival struct {
	*socket
	from netip.AddrPort
}

func (s *socket) listen(size int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return netdev.ErrInvalidSocketFd
	case s.phase == listening:
		return s.d.Netdever.Listen(s.fd, size)
	case s.phase != fresh, len(s.config.Certificates) == 0:
		return netdev.ErrInvalid
	}
	if err := s.d.Netdever.Listen(s.fd, size); err != nil {
		return err
	}
	s.phase = listening
	s.backlog = &backlog{max: min(max(size, 1), maxBacklog), shaking: make(map[*socket]bool)}
	go s.welcome()
	return nil
}

// welcome takes connections from the device for as long as there is room, and
// has a goroutine for each shake hands.
func (s *socket) welcome() {
	for {
		s.mu.Lock()
		for !s.closed && (len(s.shaking)+len(s.ready) >= s.max || s.acceptErr != nil) {
			s.await(&limit{})
		}
		if s.closed {
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		fd, from, err := s.d.Netdever.Accept(s.fd)
		s.mu.Lock()
		switch {
		case err != nil:
			s.acceptErr = err
		case s.closed:
			s.d.Netdever.Close(fd)
		default:
			c := newSocket(s.d, fd)
			c.phase, c.joined = connecting, true
			c.conn = tls.Server(wire{c}, s.config)
			s.d.enter(fd, c)
			s.shaking[c] = true
			go s.greet(arrival{c, from})
		}
		s.unlock()
	}
}

// greet shakes hands with a peer, and receives from it from then on.
func (s *socket) greet(c arrival) {
	late := time.AfterFunc(shakeTime, func() { c.close() })
	err := c.settle(c.shake())
	late.Stop()
	s.mu.Lock()
	delete(s.shaking, c.socket)
	wanted := err == nil && !s.closed
	if wanted {
		s.ready = append(s.ready, c)
	}
	s.unlock()
	if !wanted {
		c.close()
		return
	}
	c.pump()
}

func (s *socket) accept() (int, netip.AddrPort, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return -1, netip.AddrPort{}, netdev.ErrInvalidSocketFd
	case s.phase != listening:
		return -1, netip.AddrPort{}, netdev.ErrInvalid
	}
	l := limit{nonblock: s.nonblock}
	for {
		for len(s.ready) > 0 {
			c := s.ready[0]
			s.ready = s.ready[1:]
			s.changedNow()
			if !c.died() {
				return c.fd, c.from, nil
			}
			go c.close()
		}
		if err := s.acceptErr; err != nil {
			s.acceptErr = nil
			s.changedNow()
			return -1, netip.AddrPort{}, err
		}
		if err := s.await(&l); err != nil {
			return -1, netip.AddrPort{}, err
		}
		if s.closed {
			return -1, netip.AddrPort{}, netdev.ErrClosed
		}
	}
}

// changedNow wakes those who wait in calls, which loses readiness only.
func (s *socket) changedNow() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// died tells whether the peer has reset the connection, also where the pump does
// not know yet.
func (s *socket) died() bool {
	if s.d.poller != nil {
		events, err := s.d.poller.Poll(s.fd)
		if err != nil || events&(netdev.PollErr|netdev.PollHup) != 0 {
			return true
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inErr != nil && s.inErr != io.EOF
}

// dismiss closes what Accept will not return any more.
func (b *backlog) dismiss() {
	for c := range b.shaking {
		go c.close()
	}
	for _, c := range b.ready {
		go c.close()
	}
	b.ready = nil
}
