//go:build !tinygo

package tlsdev

import (
	"context"
	"crypto/tls"
	"net/netip"
	"strings"

	"github.com/netdev-go/netdev"
)

// connect begins to connect, unless an earlier call has, and waits for the
// outcome.
func (s *socket) connect(ctx context.Context, host string, ip netip.AddrPort) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return netdev.ErrInvalidSocketFd
	case s.phase == listening:
		return netdev.ErrInvalid
	case s.phase == connected && s.joined:
		return netdev.ErrIsConnected
	case s.phase == fresh:
		if err := s.begin(ctx, host, ip); err != nil {
			return err
		}
	}
	l := limit{nonblock: s.nonblock, done: ctx.Done()}
	for s.phase == connecting {
		switch s.await(&l) {
		case netdev.ErrWouldBlock:
			return netdev.ErrInProgress
		case errDone:
			s.phase, s.outcome, s.told = failed, ctx.Err(), true
			s.giveUp()
			return ctx.Err()
		}
		if s.closed {
			return netdev.ErrClosed
		}
	}
	s.joined, s.told = s.outcome == nil, s.outcome != nil
	return s.outcome
}

// begin has another goroutine connect, shake hands and then receive.
func (s *socket) begin(ctx context.Context, host string, ip netip.AddrPort) error {
	config := s.config.Clone()
	if config.ServerName == "" {
		config.ServerName = host
	}
	if config.ServerName == "" && ip.Addr().IsValid() {
		config.ServerName = ip.Addr().Unmap().String()
	}
	config.ServerName = strings.TrimSuffix(config.ServerName, ".")
	if config.ServerName == "" {
		return netdev.ErrDestAddrRequired
	}
	if s.nonblock {
		ctx = context.Background() // this call's end is not the attempt's
	}
	s.phase = connecting
	s.conn = tls.Client(wire{s}, config)
	go func() {
		err := s.connectTCP(ctx, host, ip)
		if err == nil {
			err = s.shake()
		}
		if s.settle(err) == nil {
			s.pump()
		}
	}()
	return nil
}

func (s *socket) connectTCP(ctx context.Context, host string, ip netip.AddrPort) error {
	if s.d.connecter != nil {
		return s.d.connecter.ConnectContext(ctx, s.fd, host, ip)
	}
	return s.d.Netdever.Connect(s.fd, host, ip)
}

func (s *socket) shake() error {
	err := s.conn.Handshake()
	chosen := s.conn.ConnectionState().NegotiatedProtocol
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		return s.handshakeError(err)
	}
	s.chosen = chosen
	return nil
}

// settle notes the outcome of connecting, unless there is one, and returns it.
func (s *socket) settle(err error) error {
	s.mu.Lock()
	defer s.unlock()
	if s.phase == connecting {
		s.phase, s.outcome = connected, err
		if err != nil {
			s.phase = failed
		}
	}
	return s.outcome
}

// giveUp ends the connection of a Connect that nobody waits for any more, as far
// as that can be done before Close. s is locked.
func (s *socket) giveUp() {
	if s.d.shutdowner != nil {
		go s.d.shutdowner.Shutdown(s.fd, netdev.SHUT_RDWR)
	}
}
