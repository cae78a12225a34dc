package net

import (
	"errors"
	"io"
	"net/netip"
	"os"

	"github.com/netdev-go/netdev"
)

// maxIdle is how often in a row a device may move nothing and say nothing.
const maxIdle = 100

// count makes sense of what a device returned. A driver written for TinyGo
// says -1 beside an error.
func count(n, size int, err error) (int, error) {
	if n < 0 {
		n = 0
	}
	if n > size {
		return 0, errImpossibleCount
	}
	return n, err
}

// recv reads from a stream, or one datagram. It returns io.EOF as it is.
func (s *socket) recv(b []byte, call string) (int, error) {
	if err := s.acquire(&s.in); err != nil {
		return 0, err
	}
	defer s.release(&s.in)
	stream := s.stype == netdev.SOCK_STREAM
	for idle := 0; idle < maxIdle; {
		at, err := s.before(&s.in)
		if err != nil {
			return 0, err
		}
		n, err := s.dev.Recv(s.fd, b, 0, at)
		n, err = count(n, len(b), err)
		switch {
		case err == nil && (n > 0 || !stream || len(b) == 0):
			return n, nil
		case err == nil:
			idle++
		case n > 0:
			// What arrived is the reader's; the reason to stop comes again.
			return n, nil
		case s.again(&s.in, at, err):
		default:
			return 0, s.callError(call, err)
		}
	}
	return 0, io.ErrNoProgress
}

// recvFrom reads one datagram and its sender.
func (s *socket) recvFrom(dev netdev.PacketNetdever, b []byte, call string) (int, netip.AddrPort, error) {
	if err := s.acquire(&s.in); err != nil {
		return 0, netip.AddrPort{}, err
	}
	defer s.release(&s.in)
	for {
		at, err := s.before(&s.in)
		if err != nil {
			return 0, netip.AddrPort{}, err
		}
		n, from, err := dev.RecvFrom(s.fd, b, 0, at)
		n, err = count(n, len(b), err)
		if err == nil {
			return n, unmap(from), nil
		}
		if !s.again(&s.in, at, err) {
			return 0, netip.AddrPort{}, s.callError(call, err)
		}
	}
}

// send writes all of b to a stream, and returns how much of it the device has
// taken.
func (s *socket) send(b []byte, call string) (int, error) {
	if err := s.acquire(&s.out); err != nil {
		return 0, err
	}
	defer s.release(&s.out)
	sent, idle := 0, 0
	for {
		at, err := s.before(&s.out)
		if err != nil {
			return sent, err
		}
		if sent == len(b) {
			return sent, nil
		}
		raw, err := s.dev.Send(s.fd, b[sent:], 0, at)
		n, err := count(raw, len(b)-sent, err)
		sent += n
		if sent == len(b) && len(b) > 0 {
			return sent, nil
		}
		switch {
		case err == nil && n > 0:
			idle = 0
		case err == nil:
			if idle++; idle == maxIdle {
				return sent, io.ErrUnexpectedEOF
			}
		case raw < 0 && errors.Is(err, os.ErrDeadlineExceeded):
			// How much went out before the slice ended is not known. Sending
			// it again could send it twice.
			return sent, s.callError(call, err)
		case s.again(&s.out, at, err):
		default:
			return sent, s.callError(call, err)
		}
	}
}

// sendDatagram writes b as one datagram, to the peer where to is not valid.
func (s *socket) sendDatagram(dev netdev.PacketNetdever, b []byte, to netip.AddrPort, call string) (int, error) {
	if err := s.acquire(&s.out); err != nil {
		return 0, err
	}
	defer s.release(&s.out)
	for {
		at, err := s.before(&s.out)
		if err != nil {
			return 0, err
		}
		var n int
		if to.IsValid() {
			n, err = dev.SendTo(s.fd, b, 0, to, at)
		} else {
			n, err = s.dev.Send(s.fd, b, 0, at)
		}
		n, err = count(n, len(b), err)
		switch {
		case err == nil && n < len(b):
			return n, io.ErrShortWrite
		case err == nil:
			return n, nil
		case s.again(&s.out, at, err):
		default:
			return n, s.callError(call, err)
		}
	}
}
