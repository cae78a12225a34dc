package net

import (
	"errors"
	stdnet "net"
	"os"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
)

// deadlineSlice is how long a call may stay in a device that blocks. So long,
// at most, a moved deadline or a Close goes unnoticed on a device that does not
// wake its callers.
const deadlineSlice = 50 * time.Millisecond

// acquire waits for the direction's turn. Close and the deadline end the wait.
func (s *socket) acquire(d *direction) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for d.busy {
		if s.closed.Load() {
			return stdnet.ErrClosed
		}
		if d.passed.Load() {
			return os.ErrDeadlineExceeded
		}
		if d.turn == nil {
			d.turn = sync.NewCond(&s.mu)
		}
		d.turn.Wait()
	}
	d.busy = true
	return nil
}

func (s *socket) release(d *direction) {
	s.mu.Lock()
	d.busy = false
	if d.turn != nil {
		d.turn.Signal()
	}
	s.mu.Unlock()
}

// await waits until the device may have become ready, or there is a reason to
// wait no more, which before then finds. The caller has the direction's turn.
func (s *socket) await(d *direction) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !d.pending.Load() && !d.passed.Load() && !s.closed.Load() {
		if d.ready == nil {
			d.ready = sync.NewCond(&s.mu)
		}
		d.ready.Wait()
	}
}

// before says what deadline to give the device's call that comes next, or why
// there is to be none.
func (s *socket) before(d *direction) (time.Time, error) {
	if s.closed.Load() {
		return time.Time{}, stdnet.ErrClosed
	}
	if d.passed.Load() {
		return time.Time{}, os.ErrDeadlineExceeded
	}
	// What the device said until now, the call that comes finds.
	d.pending.Store(false)
	if s.polled {
		return time.Time{}, nil
	}
	at, now := s.until(d), time.Now()
	slice := now.Add(deadlineSlice)
	if at.IsZero() || slice.Before(at) {
		return slice, nil
	}
	if !now.Before(at) {
		return time.Time{}, os.ErrDeadlineExceeded
	}
	return at, nil
}

// again says whether to repeat a device's call that was given the deadline at
// and failed with err. It returns when that makes sense: when the device may
// be ready.
func (s *socket) again(d *direction, at time.Time, err error) bool {
	if s.closed.Load() {
		return false
	}
	if s.polled {
		if err != netdev.ErrWouldBlock && !errors.Is(err, netdev.ErrWouldBlock) {
			return false
		}
		s.await(d)
		return true
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	// A device that gives up before its time must not make this a busy loop.
	if early := time.Until(at); early > deadlineSlice/10 {
		pause := time.AfterFunc(early, s.notify)
		defer pause.Stop()
		s.await(d)
	}
	return true
}
