package dns

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"golang.org/x/net/dns/dnsmessage"
)

// patience is how long the addresses of one family wait for those of the other.
// Some servers never answer a question for AAAA.
const patience = 2 * time.Second

// search tries the names that host may stand for, one after the other, until one
// has addresses. A server that fails at one of them may know the next, but then
// host is unknown only if one of them exists, without such an address.
func (c *Client) search(ctx context.Context, types []dnsmessage.Type, host string) ([]netip.Addr, error) {
	var failed error
	anyExists := false
	for _, name := range candidates(host, c.cfg.Search(), max(c.cfg.NDots, 0)) {
		addrs, exists, err := c.lookup(ctx, types, name)
		if len(addrs) > 0 {
			return addrs, nil
		}
		anyExists = anyExists || exists
		var failure ServerError
		switch {
		case errors.As(err, &failure):
			failed = err
		case err != nil:
			return nil, err
		}
	}
	if failed != nil && !anyExists {
		return nil, failed
	}
	return nil, &Error{Name: host, Err: netdev.ErrHostUnknown}
}

// lookup returns the addresses of one full name in all families asked for, and
// whether the name is known to exist. One family's failure is hidden by the
// other's addresses.
func (c *Client) lookup(ctx context.Context, types []dnsmessage.Type, name string) (addrs []netip.Addr, exists bool, err error) {
	found, err := c.lookupAll(ctx, types, name)
	for _, a := range found {
		addrs = append(addrs, a.addrs...)
	}
	switch {
	case len(addrs) > 0:
		return addrs, true, nil
	case ctx.Err() != nil:
		return nil, false, ctx.Err()
	}
	return nil, err == nil && !found[0].noName, err
}

// lookupAll asks for all types at once.
func (c *Client) lookupAll(ctx context.Context, types []dnsmessage.Type, name string) (found [2]answer, err error) {
	if len(types) == 1 {
		found[0], err = c.ask(ctx, name, types[0])
		return found, err
	}
	return c.lookupBoth(ctx, types, name)
}

func (c *Client) lookupBoth(ctx context.Context, types []dnsmessage.Type, name string) ([2]answer, error) {
	var found [2]answer
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var hurry [2]*time.Timer
	one := func(i int) (err error) {
		found[i], err = c.ask(ctx, name, types[i])
		if len(found[i].addrs) > 0 {
			hurry[i] = time.AfterFunc(patience, cancel)
		}
		return err
	}
	second := make(chan error, 1)
	go func() { second <- one(1) }()
	err := one(0)
	if err2 := <-second; err == nil {
		err = err2
	}
	for _, t := range hurry {
		if t != nil {
			t.Stop()
		}
	}
	return found, err
}
