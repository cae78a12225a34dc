//go:build !tinygo

package host

import (
	"sync"
	"time"

	"github.com/netdev-go/netdev"
)

// What a call can wait for on a socket.
const (
	readable = iota
	writable
	turn // the end of another Send
	waits
)

// A waiter is a call that sleeps. It stands in its socket's list.
type waiter struct {
	wake       chan struct{} // has room for one
	timer      *time.Timer
	prev, next *waiter
}

var waiters = sync.Pool{New: func() any {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &waiter{wake: make(chan struct{}, 1), timer: t}
}}

// An attempt is one call's way through a socket that may not be ready: arm,
// try, and on EAGAIN block and try again; then end.
type attempt struct {
	s        *socket
	what     int
	deadline time.Time
	nonblock bool
	done     <-chan struct{} // of a context, or nil
	seq      uint32
	w        *waiter
}

// arm comes before the try, so that an edge between the two is not lost.
func (a *attempt) arm() { a.seq = a.s.edges[a.what].Load() }

// block returns nil when another try is worth it. errContext means that done
// is closed.
func (a *attempt) block() error {
	if a.nonblock {
		return netdev.ErrWouldBlock
	}
	if a.w == nil {
		a.w = waiters.Get().(*waiter)
		a.s.enqueue(a.what, a.w)
		if !a.deadline.IsZero() {
			a.w.timer.Reset(time.Until(a.deadline))
		}
	}
	if err := a.s.ended(); err != nil {
		return err
	}
	if a.s.edges[a.what].Load() != a.seq {
		return nil
	}
	if a.deadline.IsZero() && a.done == nil {
		<-a.w.wake
		return a.s.ended()
	}
	select {
	case <-a.w.wake:
		return a.s.ended()
	case <-a.w.timer.C:
		return netdev.ErrTimeout
	case <-a.done:
		return errContext
	}
}

// end gives back what block took.
func (a *attempt) end() {
	w := a.w
	if w == nil {
		return
	}
	a.s.dequeue(a.what, w)
	w.timer.Stop()
	select {
	case <-w.wake:
	default:
	}
	waiters.Put(w)
	a.w = nil
}

func expired(deadline time.Time) bool {
	return !deadline.IsZero() && time.Until(deadline) <= 0
}
