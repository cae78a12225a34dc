//go:build !tinygo

package gonet

import (
	"context"
	"net"
	"net/netip"

	"github.com/netdev-go/netdev"
)

// Connect connects a stream, or sets the peer of a datagram socket.
func (d *Device) Connect(sockfd int, host string, ip netip.AddrPort) error {
	return d.ConnectContext(context.Background(), sockfd, host, ip)
}

// ConnectContext is Connect with an end.
func (d *Device) ConnectContext(ctx context.Context, sockfd int, host string, ip netip.AddrPort) error {
	s, err := d.use(sockfd)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	parent := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-s.done:
			cancel()
		case <-stop:
		}
	}()
	err = s.connect(ctx, host, ip)
	switch {
	case err == nil:
		return nil
	case s.ended() != nil:
		return s.ended()
	case ended(parent) != nil:
		return ended(parent)
	}
	return toError(err)
}

func (s *socket) connect(ctx context.Context, host string, ip netip.AddrPort) error {
	if !ip.Addr().IsValid() {
		var err error
		if ip, err = s.resolve(ctx, host, ip.Port()); err != nil {
			return err
		}
	}
	ip, err := s.fit(ip)
	if err != nil {
		return err
	}
	if s.stype == netdev.SOCK_DGRAM {
		return s.connectUDP(ctx, ip)
	}
	local, err := s.beginConnect()
	if err != nil {
		return err
	}
	dialer := net.Dialer{KeepAlive: -1, LocalAddr: local}
	c, err := dialer.DialContext(ctx, s.network(), ip.String())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connecting = false
	if err != nil {
		return err
	}
	tcp := c.(*net.TCPConn)
	if err := s.options.applyTCP(tcp); err != nil || s.err != nil {
		tcp.Close()
		return err
	}
	s.tcp = tcp
	return nil
}

// beginConnect returns the address to dial from, whose port it frees, or nil.
func (s *socket) beginConnect() (net.Addr, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.tcp != nil, s.listening:
		return nil, netdev.ErrIsConnected
	case s.connecting:
		return nil, netdev.ErrInProgress
	}
	s.connecting = true
	if s.ln == nil {
		return nil, nil
	}
	local := s.ln.Addr()
	s.ln.Close()
	s.ln = nil
	return local, nil
}

// connectUDP replaces the socket of the system's, which knows its peer from its
// beginning.
func (s *socket) connectUDP(ctx context.Context, ip netip.AddrPort) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	dialer := net.Dialer{}
	if s.udp != nil {
		dialer.LocalAddr = s.udp.LocalAddr()
		s.udp.Close()
		s.udp = nil
	}
	c, err := dialer.DialContext(ctx, s.network(), ip.String())
	if err != nil {
		return err
	}
	s.udp = c.(*net.UDPConn)
	s.peer = addrPort(s.udp.RemoteAddr())
	return s.options.applyUDP(s.udp)
}

func (s *socket) resolve(ctx context.Context, host string, port uint16) (netip.AddrPort, error) {
	if host == "" {
		return netip.AddrPort{}, netdev.ErrDestAddrRequired
	}
	network := "ip" + s.network()[len("tcp"):]
	addrs, err := LookupNetIP(ctx, net.DefaultResolver, network, host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(addrs[0], port), nil
}
