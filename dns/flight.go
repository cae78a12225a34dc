package dns

import (
	"context"

	"golang.org/x/net/dns/dnsmessage"
)

// A flight is a question under way. What it found is there once done is closed, which
// the first of those makes who wait for it.
type flight struct {
	question
	next *flight
	done chan struct{}
	answer
	err       error
	abandoned bool // its asker stopped waiting, which says nothing about the question
}

// ask answers a question from the cache, or from the servers. Of several callers
// with one question one asks and the others wait; if that one gives up, another
// takes its place.
func (c *Client) ask(ctx context.Context, name string, qtype dnsmessage.Type) (answer, error) {
	q := question{lower(name), qtype}
	for {
		now := c.cfg.Now()
		c.mu.Lock()
		if a, ok := c.cache.get(q, now); ok {
			c.stats.CacheHits++
			c.mu.Unlock()
			return a, nil
		}
		f := c.flights
		for f != nil && f.question != q {
			f = f.next
		}
		if f == nil {
			f = &flight{question: q, next: c.flights}
			c.flights = f
			c.stats.CacheMisses++
			c.mu.Unlock()
			return c.fly(ctx, f, q, name)
		}
		c.stats.Shared++
		if f.done == nil {
			f.done = make(chan struct{})
		}
		done := f.done
		c.mu.Unlock()
		select {
		case <-done:
		case <-ctx.Done():
			return answer{}, ctx.Err()
		}
		if !f.abandoned {
			return f.answer, f.err
		}
	}
}

// fly asks the servers, and tells all who wait for f.
func (c *Client) fly(ctx context.Context, f *flight, q question, name string) (answer, error) {
	f.abandoned = true // and so it is for those who wait, should the device panic
	defer c.land(f, q)
	f.answer, f.err = c.resolve(ctx, name, q.qtype)
	f.abandoned = f.err != nil && ctx.Err() != nil
	return f.answer, f.err
}

func (c *Client) land(f *flight, q question) {
	now := c.cfg.Now()
	c.mu.Lock()
	at := &c.flights
	for *at != nil && *at != f {
		at = &(*at).next
	}
	if *at == f { // no Flush since
		*at = f.next
		if f.err == nil && !f.abandoned {
			c.stats.CacheEvictions += uint(c.cache.put(q, f.answer, now))
		}
	}
	done := f.done
	c.mu.Unlock()
	if done != nil {
		close(done)
	}
}
