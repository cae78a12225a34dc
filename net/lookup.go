package net

import (
	"context"
	"errors"
	stdnet "net"
	"net/netip"
	"os"
	"sync/atomic"

	"github.com/netdev-go/netdev"
)

// DefaultResolver is what the Lookup functions and a Dialer without a Resolver
// use.
var DefaultResolver = &Resolver{}

// A Resolver looks up names and numbers. Addresses come from the device:
// from netdev.MultiResolver, or else one by one from GetHostByName. The other
// records are asked for by DNS over sockets of the device, at the servers of
// netdev.DNSServerLister, or of the host where the device does not tell them.
// That needs a host's standard library; on a board they are
// errors.ErrUnsupported in a [*DNSError]. A nil *Resolver is the zero Resolver.
type Resolver struct {
	// PreferGo is accepted for programs that set it. The device resolves
	// addresses in its own way unless Dial is set; other records are always
	// asked for in Go.
	PreferGo bool

	// StrictErrors makes a temporary failure of one of several questions the
	// failure of the lookup. It is about questions asked in Go.
	StrictErrors bool

	// Dial, if not nil, reaches the DNS server, and makes Go ask it for
	// addresses too, past the device. It needs a host.
	Dial func(ctx context.Context, network, address string) (Conn, error)

	// Device resolves addresses; nil is the current netdev.
	Device netdev.Netdever
}

func (r *Resolver) device() netdev.Netdever {
	if r == nil {
		return nil
	}
	return r.Device
}

// maxAbandoned bounds the calls of GetHostByName that go on after their caller
// stopped waiting: that call has no end of its own.
const maxAbandoned = 8

var abandoned atomic.Int32

var errLookupsAbandoned error = abandonedError{}

type abandonedError struct{}

func (abandonedError) Error() string   { return "the device has not ended earlier lookups" }
func (abandonedError) Timeout() bool   { return false }
func (abandonedError) Temporary() bool { return true }

// maxName is the longest name there is in DNS (RFC 1035 §2.3.4), a trailing
// dot included. A longer one is not shown to the device.
const maxName = 254

// LookupNetIP returns the addresses of host; network is "ip", "ip4" or "ip6".
func (r *Resolver) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	switch network {
	case "ip", "ip4", "ip6":
	default:
		return nil, &DNSError{Err: UnknownNetworkError(network).Error(), Name: host, UnwrapErr: UnknownNetworkError(network)}
	}
	if host == "" {
		return nil, noSuchHost(host)
	}
	addrs, err := r.lookupFor(ctx, or(r.device()), network, host)
	if err != nil {
		return nil, err
	}
	fit := addrs[:0]
	for _, a := range addrs {
		if a = a.Unmap(); fits(network, a) {
			fit = append(fit, a)
		}
	}
	if len(fit) == 0 {
		if _, err := netip.ParseAddr(host); err == nil {
			return nil, &AddrError{Err: errNoSuitableAddress, Addr: host}
		}
		return nil, noSuchHost(host)
	}
	return fit, nil
}

// LookupHost returns the addresses of host as strings.
func (r *Resolver) LookupHost(ctx context.Context, host string) ([]string, error) {
	addrs, err := r.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	list := make([]string, len(addrs))
	for i, a := range addrs {
		list[i] = a.String()
	}
	return list, nil
}

// LookupIPAddr returns the addresses of host.
func (r *Resolver) LookupIPAddr(ctx context.Context, host string) ([]IPAddr, error) {
	addrs, err := r.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	list := make([]IPAddr, len(addrs))
	for i, a := range addrs {
		list[i] = IPAddr{IP: a.AsSlice(), Zone: a.Zone()}
	}
	return list, nil
}

// LookupIP returns the addresses of host; network is "ip", "ip4" or "ip6".
func (r *Resolver) LookupIP(ctx context.Context, network, host string) ([]IP, error) {
	addrs, err := r.LookupNetIP(ctx, network, host)
	if err != nil {
		return nil, err
	}
	list := make([]IP, len(addrs))
	for i, a := range addrs {
		list[i] = a.AsSlice()
	}
	return list, nil
}

// lookupFor returns the addresses of host on dev. network may be that of a
// transport. The addresses may be of the other family than network's.
func (r *Resolver) lookupFor(ctx context.Context, dev netdev.Netdever, network, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, lookupError(contextError(err), host)
	}
	if host == "" || len(host) > maxName {
		return nil, noSuchHost(host)
	}
	ipNetwork := "ip"
	switch network[len(network)-1] {
	case '4':
		ipNetwork = "ip4"
	case '6':
		ipNetwork = "ip6"
	}
	var addrs []netip.Addr
	var err error
	if r != nil && r.Dial != nil {
		addrs, err = r.lookupByDial(ctx, ipNetwork, host)
	} else if d, ok := netdev.As[netdev.MultiResolver](dev); ok {
		addrs, err = d.LookupNetIP(ctx, ipNetwork, host)
	} else {
		var a netip.Addr
		a, err = hostByName(ctx, dev, host)
		addrs = []netip.Addr{a}
	}
	if err != nil {
		if ended := ctx.Err(); ended != nil {
			err = contextError(ended)
		}
		return nil, lookupError(err, host)
	}
	valid := make([]netip.Addr, 0, len(addrs))
	for _, a := range addrs {
		if a.IsValid() {
			valid = append(valid, a)
		}
	}
	if len(valid) == 0 {
		return nil, noSuchHost(host)
	}
	return valid, nil
}

// hostByName is the device's GetHostByName with an end.
func hostByName(ctx context.Context, dev netdev.Netdever, host string) (netip.Addr, error) {
	if ctx.Done() == nil {
		return dev.GetHostByName(host)
	}
	if abandoned.Load() >= maxAbandoned {
		return netip.Addr{}, errLookupsAbandoned
	}
	type answer struct {
		addr netip.Addr
		err  error
	}
	answers := make(chan answer, 1)
	var ended atomic.Bool // by the device or by ctx, whichever is first
	go func() {
		a, err := dev.GetHostByName(host)
		answers <- answer{a, err}
		if !ended.CompareAndSwap(false, true) {
			abandoned.Add(-1)
		}
	}()
	select {
	case a := <-answers:
		return a.addr, a.err
	case <-ctx.Done():
		// Counted before ended is set, so that the count is never negative.
		abandoned.Add(1)
		if !ended.CompareAndSwap(false, true) {
			abandoned.Add(-1)
		}
		return netip.Addr{}, ctx.Err()
	}
}

func noSuchHost(host string) *DNSError {
	return &DNSError{Err: "no such host", Name: host, IsNotFound: true, UnwrapErr: netdev.ErrHostUnknown}
}

// lookupError makes err a DNSError, if it is none.
func lookupError(err error, host string) error {
	var already *DNSError
	if errors.As(err, &already) {
		return err
	}
	if errors.Is(err, netdev.ErrHostUnknown) {
		return noSuchHost(host)
	}
	e := &DNSError{Err: err.Error(), Name: host, UnwrapErr: err}
	var told stdnet.Error
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		e.IsTimeout, e.IsTemporary = true, true
	case errors.As(err, &told):
		e.IsTimeout, e.IsTemporary = told.Timeout(), temporary(err)
	}
	return e
}

func temporary(err error) bool {
	t, ok := err.(interface{ Temporary() bool })
	return ok && t.Temporary()
}
