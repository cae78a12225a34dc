package stack

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
)

// What a call can wait for on a socket.
const (
	readable uint8 = 1 << iota
	writable
	turn // the end of another Send
)

// A waiter is a call that sleeps. It stands in the list of its socket, and among the
// alarms where it has a deadline.
type waiter struct {
	cond       sync.Cond // on the stack's lock
	at         time.Duration
	alarm      int32 // its place among the alarms and one, or 0
	what       uint8
	woken      bool
	cancel     func() // of who waits elsewhere, for when the socket has ended, or nil
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
	ctx      context.Context // or nil; whose end has somebody rouse the socket
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
	s, w := a.s, a.w
	switch {
	case w == nil:
		at, ok := s.alarmAt(a.deadline)
		if !ok {
			return netdev.ErrTimeout
		}
		w = s.takeWaiter(a.what)
		a.w, w.at = w, at
		a.k.enqueue(w)
		if at != 0 {
			s.alarms.add(w)
		}
	case w.at != 0 && w.at <= s.now():
		return netdev.ErrTimeout
	}
	s.flush()
	s.lock()
	for !w.woken {
		w.cond.Wait()
	}
	w.woken = false
	s.at = 0
	if err := a.k.ended(); err != nil {
		return err
	}
	if a.ctx != nil && a.ctx.Err() != nil {
		return errCancelled
	}
	return nil
}

// alarmAt returns when a deadline is over, 0 if there is none, and false if it is over.
func (s *Stack) alarmAt(deadline time.Time) (time.Duration, bool) {
	if deadline.IsZero() {
		return 0, true
	}
	left, now := deadline.Sub(s.clock.Now()), s.now()
	return now + min(left, math.MaxInt64-now), left > 0
}

// end gives back what wait took.
func (a *attempt) end() {
	if w := a.w; w != nil {
		a.w = nil
		a.k.dequeue(w)
		a.s.alarms.remove(w)
		a.s.giveWaiter(w)
	}
}

func (s *Stack) takeWaiter(what uint8) *waiter {
	w := s.idle
	if w == nil {
		w = new(waiter)
		w.cond.L = &s.mu
	} else {
		s.idle, w.next = w.next, nil
		s.idles--
	}
	w.what, w.woken, w.at = what, false, 0
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

// rouse has w try again.
func (w *waiter) rouse() {
	w.woken = true
	w.cond.Signal()
}

// rouse wakes all who wait for any of what, for one of them alone may not use up what
// there is.
func (k *socket) rouse(what uint8) {
	for w := k.waiters; w != nil; w = w.next {
		switch {
		case w.what&what == 0:
		case w.cancel == nil:
			w.rouse()
		case k.ended() != nil:
			go w.cancel()
		}
	}
}

// wake rouses who waits, and has PollNotify's function called.
func (s *Stack) wake(k *socket, what uint8) {
	k.rouse(what)
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
