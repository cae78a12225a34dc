package gateway

import (
	"container/list"
	"context"
	"errors"
	"sync"

	"github.com/netdev-go/netdev"
)

// minHalfOpen is how many there may be in any gateway: an end that is established
// is known to be so a little later.
const minHalfOpen = 8

var errDisplaced = errors.New("gateway: displaced by a younger connection")

// halfOpen are the connections of boards that are not established at both ends
// yet. There are only so many: one more ends the oldest, so that requests that
// nobody means, or that go where nobody answers, keep no others out.
type halfOpen struct {
	max int

	mu    sync.Mutex
	order list.List // of context.CancelCauseFunc, the oldest first
}

// enter returns the context of a connection that begins. It ends with parent,
// with leave, and with errDisplaced.
func (h *halfOpen) enter(parent context.Context) (ctx context.Context, leave func()) {
	ctx, cancel := context.WithCancelCause(parent)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.order.Len() >= h.max {
		oldest := h.order.Front()
		h.order.Remove(oldest)
		oldest.Value.(context.CancelCauseFunc)(errDisplaced)
	}
	e := h.order.PushBack(cancel)
	return ctx, func() {
		h.mu.Lock()
		h.order.Remove(e) // of no effect on one that was displaced
		h.mu.Unlock()
		cancel(nil)
	}
}

// established waits until the board has answered the answer to its request, or
// its connection has failed, or ctx ends.
func (g *Gateway) established(ctx context.Context, fd int) error {
	changed := make(chan struct{}, 1)
	if err := g.stack.PollNotify(fd, func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}); err != nil {
		return err
	}
	defer g.stack.PollNotify(fd, nil)
	for {
		events, err := g.stack.Poll(fd)
		switch {
		case err != nil:
			return err
		case events&(netdev.PollErr|netdev.PollHup) != 0:
			return netdev.ErrConnReset
		case events&netdev.PollOut != 0:
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
