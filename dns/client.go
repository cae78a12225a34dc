package dns

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"

	"github.com/netdev-go/netdev"
)

// A Client resolves names. Its methods may be called from any goroutine; no lock
// is held while one waits. It keeps no socket open and no goroutine alive
// between questions.
type Client struct {
	cfg   Config
	slots chan struct{} // one for each question under way

	mu      sync.Mutex
	cache   cache
	flights *flight // those under way
	first   int     // the server to begin with
	stats   Stats
}

var _ netdev.MultiResolver = (*Client)(nil)

// New returns a Client for config.
func New(config Config) *Client {
	c := &Client{cfg: config.withDefaults()}
	c.slots = make(chan struct{}, max(c.cfg.MaxQueries, 1))
	c.cache.maxEntries, c.cache.maxBytes = c.cfg.CacheEntries, c.cfg.CacheBytes
	c.Flush()
	return c
}

// Flush forgets every answer, as is right when the network has become another
// one. Questions that are under way go to their callers only.
func (c *Client) Flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cache.reset()
	c.flights = nil
	c.first = 0
}

// GetHostByName returns the first IPv4 address of name or, if it has none, the
// first IPv6 address. Its errors are those of LookupNetIP.
func (c *Client) GetHostByName(name string) (netip.Addr, error) {
	addrs, err := c.LookupNetIP(context.Background(), "ip4", name)
	if errors.Is(err, netdev.ErrHostUnknown) {
		addrs, err = c.LookupNetIP(context.Background(), "ip6", name)
	}
	if err != nil {
		return netip.Addr{}, err
	}
	return addrs[0], nil
}

// LookupNetIP returns the addresses of host, each once, IPv4 before IPv6 and
// otherwise as the server has them; network is "ip", "ip4" or "ip6", and another
// is netdev.ErrInvalid. A host that spells an address is that address. When ctx
// is done its error is returned as it is; every other error is an [*Error].
func (c *Client) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	types := families(network)
	if types == nil {
		return nil, &Error{Name: host, Err: netdev.ErrInvalid}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	addrs, known := c.known(host)
	if known {
		if addrs = fitting(addrs, network); len(addrs) == 0 {
			return nil, &Error{Name: host, Err: netdev.ErrHostUnknown}
		}
		return addrs, nil
	}
	return c.search(ctx, types, host)
}

// known returns the addresses of a host that nobody has to be asked for, and
// whether host is one. What cannot be a name is one without addresses.
func (c *Client) known(host string) ([]netip.Addr, bool) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, true
	}
	name := strings.TrimSuffix(host, ".")
	for i := range c.cfg.Hosts {
		if strings.EqualFold(c.cfg.Hosts[i].Name, name) {
			return c.cfg.Hosts[i].Addrs, true
		}
	}
	if !validName(name) {
		return nil, true
	}
	return special(name)
}
