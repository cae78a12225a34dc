package net

import (
	"sync"
	"time"
)

// A deadline is a moment that can be moved while calls wait for it.
type deadline struct {
	mu     sync.Mutex
	at     time.Time
	timer  *time.Timer
	passed bool
	ended  chan struct{} // closed when passed becomes true
}

// set moves the deadline to t; the zero Time is none. Calls that wait go on
// waiting, for the new one.
func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = t
	if d.timer != nil {
		d.timer.Stop()
	}
	if d.passed || d.ended == nil {
		d.passed = false
		d.ended = make(chan struct{})
	}
	if t.IsZero() {
		return
	}
	left := time.Until(t)
	switch {
	case left <= 0:
		d.end()
	case d.timer == nil:
		d.timer = time.AfterFunc(left, d.fire)
	default:
		d.timer.Reset(left)
	}
}

// fire is the timer's function. It may come late, for a moment that has been
// moved since.
func (d *deadline) fire() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.at.IsZero() || d.passed {
		return
	}
	if left := time.Until(d.at); left > 0 {
		d.timer.Reset(left)
		return
	}
	d.end()
}

func (d *deadline) end() {
	d.passed = true
	close(d.ended)
}

// get returns the moment, and whether it has passed.
func (d *deadline) get() (at time.Time, passed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at, d.passed
}

// done returns a channel that is closed when the deadline passes.
func (d *deadline) done() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended == nil {
		d.ended = make(chan struct{})
	}
	return d.ended
}
