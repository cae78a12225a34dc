package net

import "time"

// A deadline is a moment that can be moved while calls wait for it. Like the
// direction that it ends it is guarded by the socket's mu.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

// moveDeadline moves the deadline of d to t; the zero Time is none. Calls that
// wait go on waiting, for the new one. It is called with s.mu.
func (s *socket) moveDeadline(d *direction, t time.Time) {
	if d.deadline == nil {
		if t.IsZero() {
			return
		}
		d.deadline = &deadline{}
	}
	d.deadline.at = t
	d.passed.Store(false)
	if d.deadline.timer != nil {
		d.deadline.timer.Stop()
	}
	if t.IsZero() {
		return
	}
	left := time.Until(t)
	switch {
	case left <= 0:
		d.end()
	case d.deadline.timer == nil:
		d.deadline.timer = time.AfterFunc(left, func() { s.expire(d) })
	default:
		d.deadline.timer.Reset(left)
	}
}

// expire is the timer's function. It may come late, for a moment that has been
// moved since.
func (s *socket) expire(d *direction) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.deadline.at.IsZero() || d.passed.Load() {
		return
	}
	if left := time.Until(d.deadline.at); left > 0 {
		d.deadline.timer.Reset(left)
		return
	}
	d.end()
}

func (d *direction) end() {
	d.passed.Store(true)
	d.wakeAll()
}

// until returns the deadline of d, the zero Time for none.
func (s *socket) until(d *direction) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.deadline == nil {
		return time.Time{}
	}
	return d.deadline.at
}
