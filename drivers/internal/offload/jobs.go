package offload

import (
	"context"
	"errors"

	"github.com/netdev-go/netdev"
)

// A job is something for the chip's goroutine to do.
type job struct {
	f    func() error
	k    *socket // that it is for, or nil
	left bool    // nobody waits for it any more
	err  error
	done chan struct{}
	next *job
}

func (j *job) finish(err error) {
	j.err = err
	close(j.done)
}

// errLater is what a job returns that must wait for the chip to close a socket.
var errLater = errors.New("later")

// Do calls f on the chip's goroutine and returns its error. Where ctx ends first
// Do returns its error, and f is not called if it was not yet; else it goes on,
// and what it writes must not be read. After Stop it is ErrNetDown.
func (c *Core) Do(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	return c.do(ctx, nil, f)
}

// do is entered with the lock and leaves without. It also ends with k.
func (c *Core) do(ctx context.Context, k *socket, f func() error) error {
	if c.stopped {
		c.unlock()
		return netdev.ErrNetDown
	}
	j := &job{f: f, k: k, done: make(chan struct{})}
	c.addJob(j)
	c.unlock()
	var gone chan struct{}
	if k != nil {
		gone = k.gone
	}
	var err error
	select {
	case <-j.done:
		return j.err
	case <-ctx.Done():
		err = ctx.Err()
	case <-gone:
	}
	c.mu.Lock()
	defer c.unlock()
	select {
	case <-j.done:
		return j.err
	default:
	}
	j.left = true
	if err == nil {
		err = k.over()
	}
	return err
}

func (c *Core) addJob(j *job) {
	if c.jobLast == nil {
		c.jobFirst = j
	} else {
		c.jobLast.next = j
	}
	c.jobLast = j
	c.kick()
}

func (c *Core) nextJob() *job {
	j := c.jobFirst
	if j != nil {
		if c.jobFirst, j.next = j.next, nil; c.jobFirst == nil {
			c.jobLast = nil
		}
	}
	return j
}

// runJob gives the lock up while the job runs.
func (c *Core) runJob(j *job) {
	if j.left {
		j.finish(nil)
		return
	}
	if j.k != nil && j.k.state != open {
		j.finish(j.k.over())
		return
	}
	c.unlock()
	err := j.f()
	c.mu.Lock()
	if err == errLater {
		if c.stopped {
			err = netdev.ErrNetDown
		} else if c.closing(nil) {
			j.next, c.parked = c.parked, j
			return
		} else {
			c.addJob(j)
			return
		}
	}
	j.finish(err)
}

// unpark has the jobs tried again that wait for the chip to close a socket.
func (c *Core) unpark() {
	for c.parked != nil {
		j := c.parked
		c.parked, j.next = j.next, nil
		c.addJob(j)
	}
}
