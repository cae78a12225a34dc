package stack

import (
	"time"

	"github.com/netdev-go/netdev"
)

// What a call can wait for on a socket.
const (
	readable uint8 = 1 << iota
	writable
	turn // the end of another Send
)

// A waiter is a call that sleeps. It stands in the list of its socket.
type waiter struct {
	wake       chan struct{} // has room for one
	timer      Timer
	what       uint8
	prev, next *waiter
}

// maxIdle bounds the waiters that are kept for the next calls.
const maxIdle = 64

// An attempt is one call's way through a socket that may not be ready: try, and
// on ErrWouldBlock wait and try again; then end. All of it under the lock, which
// wait gives up while it sleeps.
type attempt struct {
	s        *Stack
	k        *socket
	what     uint8
	deadline time.Time
	nonblock bool
	done     <-chan struct{} // of a context, or nil
	w        *waiter
}

func (s *Stack) attempt(k *socket, what uint8, flags int, deadline time.Time) attempt {
	return attempt{
		s: s, k: k, what: what, deadline: deadline,
		nonblock: flags&netdev.MSG_DONTWAIT != 0 || k.has(nonblock),
	}
}

// wait returns nil when another try is worth it. It sends what the last one left
// to be sent.
func (a *attempt) wait() error {
	if a.nonblock {
		return netdev.ErrWouldBlock
	}
	s := a.s
	if a.w == nil {
		a.w = s.takeWaiter(a.what)
		a.k.enqueue(a.w)
	}
	if !a.deadline.IsZero() {
		d := a.deadline.Sub(s.clock.Now())
		if d <= 0 {
			return netdev.ErrTimeout
		}
		if a.w.timer == nil {
			wake := a.w.wake
			a.w.timer = s.clock.AfterFunc(d, func() { signal(wake) })
		} else {
			a.w.timer.Reset(d)
		}
	}
	s.flush()
	cancelled := false
	if a.done == nil {
		<-a.w.wake
	} else {
		select {
		case <-a.w.wake:
		case <-a.done:
			cancelled = true
		}
	}
	s.lock()
	if err := a.k.ended(); err != nil {
		return err
	}
	if cancelled {
		return errCancelled
	}
	return nil
}

// end gives back what wait took.
func (a *attempt) end() {
	w := a.w
	if w == nil {
		return
	}
	a.w = nil
	a.k.dequeue(w)
	if !a.deadline.IsZero() && w.timer != nil {
		w.timer.Stop()
	}
	// A timer that could not be stopped may still wake whoever has w next, who
	// finds that there was no need.
	select {
	case <-w.wake:
	default:
	}
	a.s.giveWaiter(w)
}

func (s *Stack) takeWaiter(what uint8) *waiter {
	w := s.idle
	if w == nil {
		w = &waiter{wake: make(chan struct{}, 1)}
	} else {
		s.idle, w.next = w.next, nil
		s.idles--
	}
	w.what = what
	return w
}

func (s *Stack) giveWaiter(w *waiter) {
	if s.idles < maxIdle {
		w.next, s.idle = s.idle, w
		s.idles++
	}
}

func (k *socket) enqueue(w *waiter) {
	w.prev, w.next = nil, k.waiters
	if w.next != nil {
		w.next.prev = w
	}
	k.waiters = w
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
}

// wake wakes all who wait for any of what, for one of them alone may not use up
// what there is, and has PollNotify's function called.
func (s *Stack) wake(k *socket, what uint8) {
	for w := k.waiters; w != nil; w = w.next {
		if w.what&what != 0 {
			signal(w.wake)
		}
	}
	if k.notify != nil && what&^turn != 0 && !k.has(announce) {
		k.flags |= announce
		if s.announcedLast == nil {
			s.announced = k
		} else {
			s.announcedLast.queued = k
		}
		s.announcedLast = k
	}
}

func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// checkCall refuses flags that a call does not know, and a deadline in the past.
func (s *Stack) checkCall(flags, known int, deadline time.Time) error {
	if flags&^known != 0 {
		return netdev.ErrNotSupported
	}
	if s.expired(deadline) {
		return netdev.ErrTimeout
	}
	return nil
}

func (s *Stack) expired(deadline time.Time) bool {
	return !deadline.IsZero() && deadline.Sub(s.clock.Now()) <= 0
}
