package dns

import (
	"context"
	"errors"
	"net/netip"

	"golang.org/x/net/dns/dnsmessage"
)

// resolve asks the servers for name, and then for what it is an alias of, when a
// free slot lets it.
func (c *Client) resolve(ctx context.Context, name string, qtype dnsmessage.Type) (answer, error) {
	select {
	case c.slots <- struct{}{}:
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
	defer func() { <-c.slots }()
	ttl, aliases := c.cfg.MaxTTL, 0
	for {
		r, err := c.askServers(ctx, name, qtype, aliases)
		if err != nil {
			return answer{}, err
		}
		ttl = min(ttl, r.ttl)
		if r.alias == "" {
			r.ttl = ttl
			return r.answer, nil
		}
		name, aliases = r.alias, r.aliases
		// Not from another flight, which may be waiting for this one.
		if a, ok := c.cached(question{lower(name), qtype}); ok {
			a.ttl = min(ttl, a.ttl)
			return a, nil
		}
	}
}

func (c *Client) cached(q question) (answer, bool) {
	now := c.cfg.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cache.get(q, now)
}

// askServers asks one server after the other, in rounds that wait longer and
// longer, until one has an answer or none is left. One that answered with an
// error is not asked again.
func (c *Client) askServers(ctx context.Context, name string, qtype dnsmessage.Type, aliases int) (reply, error) {
	servers, first := c.servers()
	failed, by := ErrNoServers, netip.AddrPort{}
	var spoken [maxServers]bool
	wait := c.cfg.Timeout / 5
	for round := 0; round < c.cfg.Attempts; round++ {
		for i := range servers {
			at := (first + i) % len(servers)
			if spoken[at] {
				continue
			}
			r, err := c.try(ctx, servers[at], name, qtype, aliases, wait)
			if err == nil {
				c.prefer(at)
				return r, nil
			}
			if ctx.Err() != nil {
				return reply{}, ctx.Err()
			}
			var local localError
			if errors.As(err, &local) {
				return reply{}, &Error{Name: name, Err: local.error}
			}
			failed, by = err, servers[at]
			var failure ServerError
			spoken[at] = err == ErrBadAnswer || errors.As(err, &failure)
		}
		wait = min(2*wait, c.cfg.Timeout)
	}
	return reply{}, &Error{Name: name, Server: by, Err: failed}
}

// servers returns the servers of now, and the one to begin with.
func (c *Client) servers() ([]netip.AddrPort, int) {
	var servers []netip.AddrPort
	for _, s := range c.cfg.Servers() {
		if !s.Addr().IsValid() || len(servers) == maxServers {
			continue
		}
		if s.Port() == 0 {
			s = netip.AddrPortFrom(s.Addr(), port)
		}
		servers = append(servers, netip.AddrPortFrom(s.Addr().Unmap(), s.Port()))
	}
	if len(servers) == 0 {
		return nil, 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	first := c.first % len(servers)
	if c.cfg.Rotate {
		c.first = first + 1
	}
	return servers, first
}

// prefer has the next question begin at the server that answered this one.
func (c *Client) prefer(server int) {
	if c.cfg.Rotate {
		return
	}
	c.mu.Lock()
	c.first = server
	c.mu.Unlock()
}

// lower returns name, which is ASCII where it matters, in lower case.
func lower(name string) string {
	for i := 0; i < len(name); i++ {
		if name[i] == lowerByte(name[i]) {
			continue
		}
		b := []byte(name)
		for i := range b {
			b[i] = lowerByte(b[i])
		}
		return string(b)
	}
	return name
}
