//go:build !tinygo

package gonet

import (
	"context"
	"net"
	"net/netip"

	"github.com/netdev-go/netdev"
)

// Bind names the local end. A stream listens from here on.
func (d *Device) Bind(sockfd int, ip netip.AddrPort) error {
	s, err := d.use(sockfd)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bound || s.tcp != nil || s.udp != nil || s.connecting {
		return netdev.ErrInvalid
	}
	return s.bind(ip)
}

// bind is called with the lock, which the system does not keep waiting.
func (s *socket) bind(ip netip.AddrPort) error {
	if s.err != nil {
		return s.err
	}
	ip, err := s.fit(ip)
	if err != nil {
		return err
	}
	lc := net.ListenConfig{KeepAlive: -1}
	lc.SetMultipathTCP(false)
	if s.stype == netdev.SOCK_DGRAM {
		c, err := lc.ListenPacket(context.Background(), s.network(), ip.String())
		if err != nil {
			return toError(err)
		}
		s.udp, s.bound = c.(*net.UDPConn), true
		return s.options.applyUDP(s.udp)
	}
	l, err := lc.Listen(context.Background(), s.network(), ip.String())
	if err != nil {
		return toError(err)
	}
	s.ln, s.bound = l.(*net.TCPListener), true
	return nil
}

// Listen makes a stream a listener. Go's net chooses the backlog.
func (d *Device) Listen(sockfd, backlog int) error {
	s, err := d.use(sockfd)
	if err != nil {
		return err
	}
	if s.stype != netdev.SOCK_STREAM {
		return netdev.ErrNotSupported
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tcp != nil || s.connecting {
		return netdev.ErrInvalid
	}
	if s.ln == nil {
		if err := s.bind(netip.AddrPort{}); err != nil {
			return err
		}
	}
	s.listening = true
	return nil
}

// Accept returns the next connection, which has the listener's options.
func (d *Device) Accept(sockfd int) (int, netip.AddrPort, error) {
	s, err := d.use(sockfd)
	if err != nil {
		return -1, netip.AddrPort{}, err
	}
	if s.stype != netdev.SOCK_STREAM {
		return -1, netip.AddrPort{}, netdev.ErrNotSupported
	}
	s.mu.Lock()
	ln, listening := s.ln, s.listening
	s.mu.Unlock()
	if !listening {
		return -1, netip.AddrPort{}, netdev.ErrInvalid
	}
	for {
		c, err := ln.AcceptTCP()
		if err != nil {
			return -1, netip.AddrPort{}, s.failed(err)
		}
		a := newSocket(s.domain, s.stype)
		s.mu.Lock()
		a.options = s.options
		s.mu.Unlock()
		from := addrPort(c.RemoteAddr())
		if !from.IsValid() || !alive(c) || a.options.applyTCP(c) != nil {
			c.Close() // it died in the backlog
			continue
		}
		a.tcp = c
		n, err := d.enter(a)
		if err != nil {
			return -1, netip.AddrPort{}, err
		}
		return n, from, nil
	}
}

// addrPort returns the address, unmapped, or one that is not valid.
func addrPort(a net.Addr) netip.AddrPort {
	v, ok := a.(interface{ AddrPort() netip.AddrPort })
	if !ok {
		return netip.AddrPort{}
	}
	addr := v.AddrPort()
	return netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
}
