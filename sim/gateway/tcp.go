package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/gateway/internal/splice"
)

// Keep-alive of both ends, in seconds and tries: a board that is gone without a
// word would leave its connection open on the host for ever.
const keepIdle, keepInterval, keepCount = 60, 10, 6

const acceptPause = 100 * time.Millisecond

// serveTCP has connections of boards answered as the world answers them.
func (g *Gateway) serveTCP() error {
	listener, err := g.stack.ListenAny(backlog)
	if err == nil {
		err = g.stack.SetNonblock(listener, true)
	}
	if err != nil {
		return fmt.Errorf("gateway: TCP: %w", err)
	}
	return g.serve(listener, func() {
		for {
			fd, _, to, err := g.stack.AcceptAny(listener, time.Time{})
			if errors.Is(err, netdev.ErrNoMoreSockets) {
				g.pause()
				continue
			}
			if err != nil {
				return
			}
			if !g.take() {
				g.tcp.overflow.Add(1)
				g.stack.Refuse(fd, netdev.ErrConnRefused)
				continue
			}
			g.wg.Go(func() {
				defer g.give()
				g.connectOut(fd, to)
			})
		}
	})
}

// pause is for a device that has no sockets left: what waits to be accepted
// waits on.
func (g *Gateway) pause() {
	select {
	case <-g.ctx.Done():
	case <-time.After(acceptPause):
	}
}

func (g *Gateway) take() bool {
	select {
	case g.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

func (g *Gateway) give() { <-g.slots }

// connectOut carries a connection of a board, whose request is not answered yet.
func (g *Gateway) connectOut(fd int, to netip.AddrPort) {
	ctx, leave := g.halfOpen.enter(g.ctx)
	defer leave()
	target, err := g.outside(to)
	far := -1
	if err == nil {
		far, err = dial(ctx, g.host, target, g.config.ConnectTimeout)
	}
	if err != nil {
		g.countFailure(ctx)
		g.stack.Refuse(fd, refusal(err))
		return
	}
	near := g.end(fd)
	if err = g.stack.Answer(fd); err == nil {
		err = g.established(ctx, fd)
	}
	if err != nil {
		// The board has given up, or never meant it.
		g.countFailure(ctx)
		near.Abort()
		splice.End{Device: g.host, Fd: far}.Abort()
		return
	}
	leave()
	g.carry(&g.tcp, near, splice.End{Device: g.host, Fd: far})
}

// countFailure is for a connection that was never established.
func (g *Gateway) countFailure(ctx context.Context) {
	if context.Cause(ctx) == errDisplaced {
		g.tcp.overflow.Add(1)
	} else {
		g.tcp.failed.Add(1)
	}
}

// outside returns what Host is to be given for an address that a board uses.
func (g *Gateway) outside(to netip.AddrPort) (netip.AddrPort, error) {
	addr := to.Addr()
	switch {
	case addr == g.config.Addr:
		return netip.AddrPortFrom(loopback, to.Port()), nil
	case g.config.Prefix.Contains(addr), addr.IsLoopback(), addr.IsLinkLocalUnicast(), addr.IsUnspecified():
		// A board's own network is not beyond the gateway, nor is another host.
		return to, netdev.ErrHostUnreachable
	}
	return to, nil
}

// refusal is what a board is told about an error of Host.
func refusal(err error) error {
	for _, told := range []error{netdev.ErrConnRefused, netdev.ErrNetUnreachable} {
		if errors.Is(err, told) {
			return told
		}
	}
	switch {
	case errors.Is(err, netdev.ErrConnReset):
		return netdev.ErrConnRefused
	case errors.Is(err, netdev.ErrNetDown):
		return netdev.ErrNetUnreachable
	}
	return netdev.ErrHostUnreachable
}

// dial returns a connected stream of dev. Nobody is connected to after ctx or
// the timeout.
func dial(ctx context.Context, dev netdev.Netdever, to netip.AddrPort, timeout time.Duration) (int, error) {
	domain := netdev.AF_INET
	if to.Addr().Is6() {
		domain = netdev.AF_INET6
	}
	fd, err := dev.Socket(domain, netdev.SOCK_STREAM, netdev.IPPROTO_TCP)
	if err != nil {
		return -1, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	// Close wakes Connect on every device. Whoever has answered meanwhile is to
	// take it for no orderly end.
	stop := context.AfterFunc(ctx, splice.End{Device: dev, Fd: fd}.Abort)
	err = dev.Connect(fd, "", to)
	if !stop() {
		return -1, netdev.ErrConnTimedOut
	}
	if err != nil {
		dev.Close(fd)
		return -1, err
	}
	return fd, nil
}

// end is a connection of the stack as one end of a splice.
func (g *Gateway) end(fd int) splice.End {
	return splice.End{Device: g.stack, Fd: fd, Reset: g.stack.Reset}
}

// carry joins a connection's end at who asked for it and the far one, until it
// ends.
func (g *Gateway) carry(count *streamCounters, near, far splice.End) {
	for _, e := range []splice.End{near, far} {
		tune(e)
	}
	count.opened.Add(1)
	count.active.Add(1)
	defer count.active.Add(^uint64(0))
	p := splice.Pipe{A: near, B: far, AB: &count.sent, BA: &count.received}
	if p.Run(g.ctx) != nil {
		count.reset.Add(1)
	}
}

// tune sets what helps where the device has it.
func tune(e splice.End) {
	for _, o := range []struct {
		level, opt int
		value      any
	}{
		{netdev.SOL_TCP, netdev.TCP_NODELAY, true}, // what is to wait for more has waited at its source
		{netdev.SOL_TCP, netdev.TCP_KEEPIDLE, keepIdle},
		{netdev.SOL_TCP, netdev.TCP_KEEPINTVL, keepInterval},
		{netdev.SOL_TCP, netdev.TCP_KEEPCNT, keepCount},
		{netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, true},
	} {
		e.Device.SetSockOpt(e.Fd, o.level, o.opt, o.value)
	}
}
