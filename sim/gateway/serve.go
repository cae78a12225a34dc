package gateway

import (
	"net"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
)

// An errand is what is to be done when a socket of the stack may be readable.
// It has a goroutine only for as long as there is something to do: a gateway at
// rest has none, and who looks for goroutines that were left behind sees their
// own.
type errand struct {
	g  *Gateway
	do func() // until there is no more, without waiting for any

	// Guarded by mu of the gateway.
	running bool
	again   bool
}

// serve has f called whenever fd may be readable. Close closes fd.
func (g *Gateway) serve(fd int, f func()) error {
	g.mu.Lock()
	closed := g.closed
	if !closed {
		g.sockets[socket{g.stack, fd}] = struct{}{}
	}
	g.mu.Unlock()
	if closed {
		g.stack.Close(fd)
		return net.ErrClosed
	}
	e := &errand{g: g, do: f}
	if err := g.stack.PollNotify(fd, e.notify); err != nil {
		return err
	}
	e.notify() // what came before
	return nil
}

func (e *errand) notify() {
	e.g.mu.Lock()
	defer e.g.mu.Unlock()
	switch {
	case e.g.closed:
	case e.running:
		e.again = true
	default:
		e.running = true
		e.g.wg.Go(e.run)
	}
}

func (e *errand) run() {
	for more := true; more; {
		e.do()
		e.g.mu.Lock()
		more = e.again && !e.g.closed
		e.running, e.again = more, false
		e.g.mu.Unlock()
	}
}

// arrived is the stack, of which RecvFrom takes only what is there. The sockets
// are blocking ones: an answer waits for room to be sent.
type arrived struct{ *stack.Stack }

func (a arrived) RecvFrom(fd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error) {
	return a.Stack.RecvFrom(fd, buf, flags|netdev.MSG_DONTWAIT, deadline)
}
