package kernel

import (
	"sync"
	"time"

	"github.com/netdev-go/netdev/stack"
)

// A clock is a stack's that can leap.
type clock struct {
	mu     sync.Mutex
	leaped time.Duration
	timers map[*timer]bool
}

func newClock() *clock { return &clock{timers: make(map[*timer]bool)} }

// Now implements stack.Clock.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *clock) now() time.Time { return time.Now().Add(c.leaped) }

// AfterFunc implements stack.Clock.
func (c *clock) AfterFunc(d time.Duration, f func()) stack.Timer {
	t := &timer{clock: c}
	c.mu.Lock()
	defer c.mu.Unlock()
	t.due = c.now().Add(d)
	t.real = time.AfterFunc(d, f)
	c.timers[t] = true
	return t
}

// leap has d pass at once.
func (c *clock) leap(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leaped += d
	for t := range c.timers {
		if t.real.Stop() {
			t.real.Reset(t.due.Sub(c.now()))
		}
	}
}

type timer struct {
	clock *clock
	due   time.Time
	real  *time.Timer
}

// Reset implements stack.Timer.
func (t *timer) Reset(d time.Duration) bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	t.due = t.clock.now().Add(d)
	t.clock.timers[t] = true
	return t.real.Reset(d)
}

// Stop implements stack.Timer.
func (t *timer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	delete(t.clock.timers, t)
	return t.real.Stop()
}
