//go:build !tinygo

package gonet

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/netdev-go/netdev"
)

// maxName is the longest name that DNS can carry, with its final dot (RFC 1035
// §2.3.4).
const maxName = 254

// LookupNetIP returns the addresses that r has of host, unmapped and at least one.
func LookupNetIP(ctx context.Context, r *net.Resolver, network, host string) ([]netip.Addr, error) {
	switch network {
	case "ip", "ip4", "ip6":
	default:
		return nil, netdev.ErrInvalid
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		addr = addr.Unmap()
		if network == "ip4" && !addr.Is4() || network == "ip6" && addr.Is4() {
			return nil, netdev.ErrHostUnknown
		}
		return []netip.Addr{addr}, nil
	}
	if host == "" || len(host) > maxName || isInvalid(host) {
		return nil, netdev.ErrHostUnknown
	}
	addrs, err := r.LookupNetIP(ctx, network, host)
	if err != nil {
		return nil, lookupError(ctx, err)
	}
	for i := range addrs {
		addrs[i] = addrs[i].Unmap()
	}
	if len(addrs) == 0 {
		return nil, netdev.ErrHostUnknown
	}
	return addrs, nil
}

// isInvalid reports whether host is one of the names that nobody needs to be
// asked about (RFC 6761 §6.4).
func isInvalid(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "invalid" || strings.HasSuffix(host, ".invalid")
}

// lookupError keeps the error of a resolver that failed: it names the server.
func lookupError(ctx context.Context, err error) error {
	if done := ended(ctx); done != nil {
		return done
	}
	var dns *net.DNSError
	var addr *net.AddrError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound, errors.As(err, &addr):
		return netdev.ErrHostUnknown
	case errors.As(err, &dns) && dns.IsTimeout:
		return netdev.ErrTimeout
	}
	return err
}

// ended is ctx.Err, and does not wait for the timer of a deadline that has
// passed: Go's net has timers of its own, which may be ahead.
func ended(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && ctx.Err() == nil && time.Until(deadline) <= 0 {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

// GetHostByName returns an address of name, of IPv4 where it has one: every
// device can reach those.
func GetHostByName(r *net.Resolver, name string) (netip.Addr, error) {
	addrs, err := LookupNetIP(context.Background(), r, "ip", name)
	if err != nil {
		return netip.Addr{}, err
	}
	for _, addr := range addrs {
		if addr.Is4() {
			return addr, nil
		}
	}
	return addrs[0], nil
}
