//go:build !tinygo

package gonet

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// Send sends buf.
func (d *Device) Send(sockfd int, buf []byte, flags int, deadline time.Time) (int, error) {
	return d.SendTo(sockfd, buf, flags, netip.AddrPort{}, deadline)
}

// Recv receives from a stream or a datagram socket.
func (d *Device) Recv(sockfd int, buf []byte, flags int, deadline time.Time) (int, error) {
	n, _, err := d.RecvFrom(sockfd, buf, flags, deadline)
	return n, err
}

// SendTo sends a datagram. An address that is not valid means the peer.
func (d *Device) SendTo(sockfd int, buf []byte, flags int, to netip.AddrPort, deadline time.Time) (int, error) {
	s, err := d.use(sockfd)
	if err != nil {
		return 0, err
	}
	if flags != 0 {
		return 0, netdev.ErrNotSupported
	}
	if err := s.writing.take(s, deadline); err != nil {
		return 0, err
	}
	defer s.writing.pass()
	if s.stype == netdev.SOCK_STREAM {
		return s.sendStream(buf, to, deadline)
	}
	return s.sendDatagram(buf, to, deadline)
}

// RecvFrom receives a datagram and its sender. On a stream the sender is not
// valid.
func (d *Device) RecvFrom(sockfd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error) {
	s, err := d.use(sockfd)
	if err != nil {
		return 0, netip.AddrPort{}, err
	}
	if flags != 0 {
		return 0, netip.AddrPort{}, netdev.ErrNotSupported
	}
	if err := s.reading.take(s, deadline); err != nil {
		return 0, netip.AddrPort{}, err
	}
	defer s.reading.pass()
	if s.stype == netdev.SOCK_STREAM {
		n, err := s.recvStream(buf, deadline)
		return n, netip.AddrPort{}, err
	}
	return s.recvDatagram(buf, deadline)
}

func (s *socket) sendStream(buf []byte, to netip.AddrPort, deadline time.Time) (int, error) {
	if len(buf) == 0 {
		return 0, nil
	}
	s.mu.Lock()
	c := s.tcp
	s.mu.Unlock()
	if c == nil {
		return 0, netdev.ErrNotConnected
	}
	if to.Addr().IsValid() && unmap(to) != addrPort(c.RemoteAddr()) {
		return 0, netdev.ErrIsConnected
	}
	// Shutdown sets its flag first and then a deadline in the past; here it is
	// the other way round, so that one of the two is seen.
	c.SetWriteDeadline(deadline)
	s.mu.Lock()
	shut := s.shutWrite
	s.mu.Unlock()
	if shut {
		return 0, netdev.ErrBrokenPipe
	}
	n, err := c.Write(buf)
	if err == nil {
		return n, nil
	}
	s.mu.Lock()
	shut = s.shutWrite && s.err == nil
	s.mu.Unlock()
	if shut {
		return n, netdev.ErrBrokenPipe
	}
	return n, s.remember(s.failed(err))
}

func (s *socket) recvStream(buf []byte, deadline time.Time) (int, error) {
	if len(buf) == 0 {
		return 0, nil
	}
	s.mu.Lock()
	c := s.tcp
	s.mu.Unlock()
	if c == nil {
		return 0, netdev.ErrNotConnected
	}
	c.SetReadDeadline(deadline) // see sendStream
	s.mu.Lock()
	shut := s.shutRead
	s.mu.Unlock()
	if shut {
		return 0, io.EOF
	}
	n, err := c.Read(buf)
	if err == nil {
		return n, nil
	}
	s.mu.Lock()
	shut, broken := s.shutRead && s.err == nil, s.broken
	s.mu.Unlock()
	switch {
	case shut:
		return n, io.EOF
	case err == io.EOF && broken != nil:
		return n, broken
	case err == io.EOF:
		return n, err
	}
	return n, s.remember(s.failed(err))
}

// remember keeps what ended a connection: the system tells it once and then
// reads as if the peer had sent a FIN.
func (s *socket) remember(err error) error {
	if err == netdev.ErrConnReset || err == netdev.ErrConnTimedOut {
		s.mu.Lock()
		s.broken = err
		s.mu.Unlock()
	}
	return err
}

// packetConn returns the socket of the system's, which it may have to open.
func (s *socket) packetConn() (*net.UDPConn, netip.AddrPort, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.udp == nil {
		if err := s.bind(netip.AddrPort{}); err != nil {
			return nil, netip.AddrPort{}, err
		}
	}
	return s.udp, s.peer, nil
}

func (s *socket) sendDatagram(buf []byte, to netip.AddrPort, deadline time.Time) (int, error) {
	for {
		c, peer, err := s.packetConn()
		if err != nil {
			return 0, err
		}
		c.SetWriteDeadline(deadline)
		n := 0
		switch valid := to.Addr().IsValid(); {
		case peer.IsValid():
			if valid && unmap(to) != peer {
				return 0, netdev.ErrIsConnected
			}
			n, err = c.Write(buf)
		case !valid:
			return 0, netdev.ErrDestAddrRequired
		default:
			addr, ferr := s.fit(to)
			if ferr != nil {
				return 0, ferr
			}
			n, err = c.WriteToUDPAddrPort(buf, addr)
		}
		if err == nil {
			return n, nil
		}
		if s.replaced(c, err) {
			continue
		}
		return 0, s.failed(err)
	}
}

func (s *socket) recvDatagram(buf []byte, deadline time.Time) (int, netip.AddrPort, error) {
	for {
		c, _, err := s.packetConn()
		if err != nil {
			return 0, netip.AddrPort{}, err
		}
		c.SetReadDeadline(deadline)
		n, from, err := c.ReadFromUDPAddrPort(buf)
		// Windows says that there was more.
		if err == nil || toError(err) == netdev.ErrMessageTooLong {
			return n, unmap(from), nil
		}
		if s.replaced(c, err) {
			continue
		}
		return 0, netip.AddrPort{}, s.failed(err)
	}
}

// replaced reports whether Connect has put another socket in the place of c.
func (s *socket) replaced(c *net.UDPConn, err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err == nil && s.udp != c && errors.Is(err, net.ErrClosed)
}

func unmap(addr netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
}
