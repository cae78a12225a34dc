package stack

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// Send sends buf. A Send on a stream is whole: those of other goroutines come
// before or after it. In non-blocking mode n may be more than 0 beside
// ErrWouldBlock.
func (s *Stack) Send(sockfd int, buf []byte, flags int, deadline time.Time) (int, error) {
	return s.SendTo(sockfd, buf, flags, netip.AddrPort{}, deadline)
}

// SendTo sends a datagram. On a connected socket an address that is not valid
// means the peer.
func (s *Stack) SendTo(sockfd int, buf []byte, flags int, to netip.AddrPort, deadline time.Time) (int, error) {
	s.lock()
	k, err := s.use(sockfd)
	if err == nil {
		err = s.checkCall(flags, netdev.MSG_DONTWAIT, deadline)
	}
	n := 0
	switch {
	case err != nil:
	case k.isStream():
		if to.Addr().IsValid() && to != k.peerName() {
			err = netdev.ErrIsConnected
			break
		}
		n, err = s.sendAll(k, buf, flags, deadline)
	default:
		if to, err = s.receiver(k, to); err == nil {
			n, err = s.sendDatagram(k, to, buf, flags, deadline)
		}
	}
	s.flush()
	return n, err
}

// receiver returns whom a datagram goes to.
func (s *Stack) receiver(k *socket, to netip.AddrPort) (netip.AddrPort, error) {
	if !to.Addr().IsValid() {
		if !k.dgram.remote.IsValid() {
			return to, netdev.ErrDestAddrRequired
		}
		return k.dgram.remote, nil
	}
	to, err := checkAddr(to)
	if err != nil {
		return to, err
	}
	if to.Addr().IsUnspecified() {
		to = netip.AddrPortFrom(loopback, to.Port())
	}
	switch {
	case k.dgram.remote.IsValid() && to != k.dgram.remote:
		return to, netdev.ErrIsConnected
	case to.Port() == 0 && k.stype == netdev.SOCK_DGRAM:
		return to, netdev.ErrInvalid
	}
	return to, nil
}

// sendAll waits until all of buf is taken.
func (s *Stack) sendAll(k *socket, buf []byte, flags int, deadline time.Time) (n int, err error) {
	if len(buf) == 0 {
		return 0, nil
	}
	if err := s.takeTurn(k, flags, deadline); err != nil {
		return 0, err
	}
	defer s.passTurn(k)
	a := s.attempt(k, writable, flags, deadline)
	defer a.end()
	for {
		m, err := s.streams.send(k, buf[n:])
		if n += m; err != netdev.ErrWouldBlock {
			return n, err
		}
		if err := a.wait(); err != nil {
			return n, err
		}
	}
}

// takeTurn waits until no other Send is halfway through.
func (s *Stack) takeTurn(k *socket, flags int, deadline time.Time) error {
	if k.has(sending) {
		a := s.attempt(k, turn, flags, deadline)
		defer a.end()
		for k.has(sending) {
			if err := a.wait(); err != nil {
				return err
			}
		}
	}
	k.flags |= sending
	return nil
}

func (s *Stack) passTurn(k *socket) {
	k.flags &^= sending
	s.wake(k, turn)
}

// sendDatagram waits until there is room for all of the datagram.
func (s *Stack) sendDatagram(k *socket, to netip.AddrPort, buf []byte, flags int, deadline time.Time) (int, error) {
	a := s.attempt(k, writable, flags, deadline)
	defer a.end()
	for {
		err := k.takeError()
		if err == nil && k.has(shutWrite) {
			err = netdev.ErrBrokenPipe
		}
		if err == nil {
			err = s.autobind(k)
		}
		switch {
		case err != nil:
		case k.stype == netdev.SOCK_RAW:
			err = s.sendRaw(k, to.Addr(), buf)
		default:
			err = s.sendFrom(k, to, buf)
		}
		if err == nil {
			return len(buf), nil
		}
		if err != netdev.ErrWouldBlock {
			return 0, err
		}
		s.starve(k)
		if err := a.wait(); err != nil {
			return 0, err
		}
	}
}

// Recv receives from a stream or a datagram socket.
func (s *Stack) Recv(sockfd int, buf []byte, flags int, deadline time.Time) (int, error) {
	n, _, err := s.RecvFrom(sockfd, buf, flags, deadline)
	return n, err
}

// RecvFrom receives a datagram and its sender. On a stream the sender is not
// valid.
func (s *Stack) RecvFrom(sockfd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error) {
	s.lock()
	n, from := 0, netip.AddrPort{}
	k, err := s.use(sockfd)
	if err == nil {
		err = s.checkCall(flags, netdev.MSG_DONTWAIT|netdev.MSG_PEEK, deadline)
	}
	if err == nil && !(k.isStream() && len(buf) == 0) {
		n, from, err = s.recv(k, buf, flags, deadline)
	}
	s.flush()
	return n, from, err
}

func (s *Stack) recv(k *socket, buf []byte, flags int, deadline time.Time) (n int, from netip.AddrPort, err error) {
	a := s.attempt(k, readable, flags, deadline)
	defer a.end()
	for {
		if k.isStream() {
			n, err = s.streams.recv(k, buf, flags)
		} else {
			n, from, err = s.takeDatagram(k, buf, flags)
		}
		if err != netdev.ErrWouldBlock {
			return n, from, err
		}
		if err := a.wait(); err != nil {
			return 0, netip.AddrPort{}, err
		}
	}
}
