package stack

import "time"

// Clock is where the stack gets its time from. Its methods, and those of its
// timers, are called from any goroutine and under the stack's lock, so they must
// not wait for f.
type Clock interface {
	// Now returns the time. Differences between two are those of a clock that
	// nobody sets.
	Now() time.Time
	// AfterFunc has f called in its own goroutine once d is over.
	AfterFunc(d time.Duration, f func()) Timer
}

// Timer is what AfterFunc returns, with the methods of [time.Timer].
type Timer interface {
	Reset(d time.Duration) bool
	Stop() bool
}

// systemClock is package time, in a testing/synctest bubble the bubble's.
type systemClock struct{}

func (systemClock) Now() time.Time                            { return time.Now() }
func (systemClock) AfterFunc(d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }
