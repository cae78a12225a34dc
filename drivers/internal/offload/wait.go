package offload

import (
	"time"

	"github.com/netdev-go/netdev"
)

// What a call can wait for on a socket.
const (
	readable uint8 = 1 << iota
	writable
	turn     // the end of another Send
	asked    // that the chip was asked
	released // that the chip's socket is closed
)

// A waiter is a call that sleeps. It stands in the list of its socket.
type waiter struct {
	wake       chan struct{} // has room for one
	timer      *time.Timer
	what       uint8
	prev, next *waiter
}

// maxIdle bounds the waiters that are kept for the next calls.
const maxIdle = 16

// An attempt is one call's way through a socket that may not be ready: try, and
// on ErrWouldBlock wait and try again; then end. All of it under the lock, which
// wait gives up while it sleeps.
type attempt struct {
	c        *Core
	k        *socket
	what     uint8
	deadline time.Time
	nonblock bool
	tried    bool            // nonblock: the chip was asked
	done     <-chan struct{} // of a context, or nil
	w        *waiter
}

func (c *Core) attempt(k *socket, what uint8, flags int, deadline time.Time) attempt {
	return attempt{
		c: c, k: k, what: what, deadline: deadline,
		nonblock: flags&netdev.MSG_DONTWAIT != 0 || k.has(nonblock),
	}
}

// wait returns nil when another try is worth it.
func (a *attempt) wait() error {
	c := a.c
	if err := a.k.over(); err != nil {
		return err
	}
	if a.nonblock {
		if a.tried || a.what != readable || !c.askOnce(a.k) {
			return netdev.ErrWouldBlock
		}
		a.tried = true
		return a.k.over()
	}
	if a.w == nil {
		a.w = c.takeWaiter(a.what)
		a.k.enqueue(a.w)
		if a.what == readable {
			c.attend(a.k)
		}
	}
	if !a.deadline.IsZero() {
		d := time.Until(a.deadline)
		if d <= 0 {
			return netdev.ErrTimeout
		}
		a.w.after(d)
	}
	if a.sleep() {
		return errCancelled
	}
	return a.k.over()
}

// sleep gives the lock up until a is woken, and reports whether its context was done.
func (a *attempt) sleep() (cancelled bool) {
	a.c.unlock()
	if a.done == nil {
		<-a.w.wake
	} else {
		select {
		case <-a.w.wake:
		case <-a.done:
			cancelled = true
		}
	}
	a.c.mu.Lock()
	return cancelled
}

// end gives back what wait took.
func (a *attempt) end() {
	w := a.w
	if w == nil {
		return
	}
	a.w = nil
	a.k.dequeue(w)
	a.c.giveWaiter(w)
}

// after wakes w when the time is over.
func (w *waiter) after(d time.Duration) {
	if w.timer == nil {
		wake := w.wake
		w.timer = time.AfterFunc(d, func() { signal(wake) })
	} else {
		w.timer.Reset(d)
	}
}

func (c *Core) takeWaiter(what uint8) *waiter {
	w := c.idle
	if w == nil {
		w = &waiter{wake: make(chan struct{}, 1)}
	} else {
		c.idle, w.next = w.next, nil
		c.idles--
	}
	w.what = what
	return w
}

func (c *Core) giveWaiter(w *waiter) {
	if w.timer != nil {
		w.timer.Stop()
	}
	// A timer that could not be stopped may still wake whoever has w next, who
	// finds that there was no need.
	select {
	case <-w.wake:
	default:
	}
	if c.idles < maxIdle {
		w.next, c.idle = c.idle, w
		c.idles++
	}
}

func (k *socket) enqueue(w *waiter) {
	w.prev, w.next = nil, k.waiters
	if w.next != nil {
		w.next.prev = w
	}
	k.waiters = w
	if w.what&readable != 0 {
		k.readers++
	}
}

func (k *socket) dequeue(w *waiter) {
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		k.waiters = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	}
	w.prev, w.next = nil, nil
	if w.what&readable != 0 {
		k.readers--
	}
}

// wake wakes all who wait for any of what, for one of them alone may not use up
// what there is, and has PollNotify's function called.
func (c *Core) wake(k *socket, what uint8) {
	for w := k.waiters; w != nil; w = w.next {
		if w.what&what != 0 {
			signal(w.wake)
		}
	}
	if k.notify != nil && what&(readable|writable) != 0 {
		c.announce(k)
	}
}

func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// checkCall refuses flags that a call does not know, and a deadline in the past.
func checkCall(flags, known int, deadline time.Time) error {
	if flags&^known != 0 {
		return netdev.ErrNotSupported
	}
	if !deadline.IsZero() && time.Until(deadline) <= 0 {
		return netdev.ErrTimeout
	}
	return nil
}
