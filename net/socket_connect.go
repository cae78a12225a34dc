package net

import (
	"context"
	"errors"
	"net/netip"

	"github.com/netdev-go/netdev"
)

// connect connects to addr, or gives up when ctx ends. After an error the
// socket can only be closed.
func (s *socket) connect(ctx context.Context, host string, addr netip.AddrPort) error {
	err := s.connectDevice(ctx, host, addr)
	if err == nil {
		return nil
	}
	if ended := ctx.Err(); ended != nil {
		return contextError(ended)
	}
	return s.callError("connect", err)
}

func (s *socket) connectDevice(ctx context.Context, host string, addr netip.AddrPort) error {
	if s.polled {
		return s.connectPolled(ctx, host, addr)
	}
	if ctx.Done() == nil {
		return s.dev.Connect(s.fd, host, addr)
	}
	if d, ok := netdev.As[netdev.ContextConnecter](s.dev); ok {
		return d.ConnectContext(ctx, s.fd, host, addr)
	}
	// The caller closes the socket when ctx ends, which ends this goroutine on
	// a device that keeps the contract.
	outcome := make(chan error, 1)
	go func() { outcome <- s.dev.Connect(s.fd, host, addr) }()
	select {
	case err := <-outcome:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *socket) connectPolled(ctx context.Context, host string, addr netip.AddrPort) error {
	if ctx.Done() != nil {
		defer context.AfterFunc(ctx, s.notify)()
	}
	for {
		if _, err := s.before(&s.out); err != nil {
			return err
		}
		err := s.dev.Connect(s.fd, host, addr)
		if err == nil || !errors.Is(err, netdev.ErrInProgress) {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		s.await(&s.out)
	}
}
