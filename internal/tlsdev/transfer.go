//go:build !tinygo

package tlsdev

import (
	"io"
	"time"

	"github.com/netdev-go/netdev"
)

const (
	// maxOut is how many encrypted bytes wait for the device before Send does.
	maxOut = 64 << 10

	// record is the most that one record carries.
	record = 16 << 10
)

// check refuses what no call waits for.
func (s *socket) check(flags, known int, deadline time.Time) error {
	if s.isClosed() {
		return netdev.ErrInvalidSocketFd
	}
	if s.d.poller == nil {
		known = 0
	}
	if flags&^known != 0 {
		return netdev.ErrNotSupported
	}
	if !deadline.IsZero() && time.Until(deadline) <= 0 {
		return netdev.ErrTimeout
	}
	return nil
}

func (s *socket) recv(buf []byte, flags int, deadline time.Time) (int, error) {
	if err := s.check(flags, netdev.MSG_PEEK|netdev.MSG_DONTWAIT, deadline); err != nil {
		return 0, err
	}
	s.mu.Lock()
	if s.phase != connected {
		defer s.mu.Unlock()
		return 0, netdev.ErrNotConnected
	}
	l := limit{nonblock: s.nonblock || flags&netdev.MSG_DONTWAIT != 0, deadline: deadline}
	defer l.stop()
	for {
		var err error
		switch {
		case s.closed:
			err = netdev.ErrClosed
		case len(buf) == 0:
		case len(s.in) > 0:
			n := copy(buf, s.in)
			if flags&netdev.MSG_PEEK != 0 {
				s.mu.Unlock()
				return n, nil
			}
			if s.in = s.in[n:]; len(s.in) == 0 {
				s.changedNow() // the pump has room again
			}
			s.mu.Unlock()
			return n, nil
		case s.inErr != nil:
			err = s.inErr
			s.told = s.told || err != io.EOF
		case s.rdShut:
			err = io.EOF
		default:
			if err = s.await(&l); err == nil {
				continue
			}
		}
		s.mu.Unlock()
		return 0, err
	}
}

// pump decrypts into in whenever that is empty.
func (s *socket) pump() {
	buf := make([]byte, record)
	for {
		s.mu.Lock()
		// Reading can write too: a peer that has its keys updated but takes no
		// answers is not listened to.
		for (len(s.in) > 0 || s.unsent() > 2*maxOut) && !s.closed {
			s.await(&limit{})
		}
		if s.closed {
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		n, err := s.conn.Read(buf)
		s.mu.Lock()
		s.in = buf[:n]
		if err != nil {
			s.inErr = s.readError(err)
		}
		s.unlock()
		if err != nil {
			return
		}
	}
}

// ended is why nothing can be sent any more. s is locked.
func (s *socket) ended() error {
	switch {
	case s.closed:
		return netdev.ErrClosed
	case s.wrShut:
		return netdev.ErrBrokenPipe
	}
	return s.outErr
}

func (s *socket) send(buf []byte, flags int, deadline time.Time) (n int, err error) {
	if err := s.check(flags, netdev.MSG_DONTWAIT, deadline); err != nil {
		return 0, err
	}
	s.mu.Lock()
	if s.phase != connected {
		defer s.mu.Unlock()
		return 0, netdev.ErrNotConnected
	}
	if len(buf) == 0 {
		defer s.mu.Unlock()
		return 0, nil
	}
	l := limit{nonblock: s.nonblock || flags&netdev.MSG_DONTWAIT != 0, deadline: deadline}
	defer l.stop()
	for s.turn && err == nil {
		if err = s.ended(); err == nil {
			err = s.await(&l)
		}
	}
	if err != nil {
		s.mu.Unlock()
		return 0, err
	}
	s.turn = true
	for n < len(buf) {
		if err = s.ended(); err != nil {
			break
		}
		if s.unsent() >= maxOut {
			if err = s.await(&l); err != nil {
				break
			}
			continue
		}
		s.mu.Unlock()
		var m int
		m, err = s.conn.Write(buf[n:min(n+record, len(buf))])
		n += m
		s.mu.Lock()
		if err != nil {
			// Only a close_notify that came between makes it fail.
			if ended := s.ended(); ended != nil {
				err = ended
			}
			break
		}
		s.flush()
	}
	s.turn = false
	s.unlock()
	return n, err
}
