package net

import (
	"errors"
	stdnet "net"
	"os"
	"time"

	"github.com/netdev-go/netdev"
)

// deadlineSlice is how long a call may stay in a device that blocks. So long,
// at most, a moved deadline or a Close goes unnoticed on a device that does not
// wake its callers.
const deadlineSlice = 50 * time.Millisecond

// acquire waits for the direction's turn. Close and the deadline end the wait.
func (s *socket) acquire(d *direction) error {
	select {
	case d.turn <- struct{}{}:
		return nil
	default:
	}
	for {
		select {
		case d.turn <- struct{}{}:
			return nil
		case <-s.done:
			return stdnet.ErrClosed
		case <-d.deadline.done():
			if _, passed := d.deadline.get(); passed {
				return os.ErrDeadlineExceeded
			}
		}
	}
}

func (d *direction) release() { <-d.turn }

// before says what deadline to give the device's call that comes next, or that
// there is to be none.
func (s *socket) before(d *direction) (time.Time, error) {
	if s.closed.Load() {
		return time.Time{}, stdnet.ErrClosed
	}
	at, passed := d.deadline.get()
	if passed {
		return time.Time{}, os.ErrDeadlineExceeded
	}
	if s.polled {
		return time.Time{}, nil
	}
	now := time.Now()
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
		select {
		case <-d.ready:
		case <-s.done:
		case <-d.deadline.done():
		}
		return true
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	// A device that gives up before its time must not make this a busy loop.
	if early := time.Until(at); early > deadlineSlice/10 {
		pause := time.NewTimer(early)
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-s.done:
		case <-d.deadline.done():
		}
	}
	return true
}
