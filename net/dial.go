package net

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// A Dialer says how to connect. The zero Dialer is what [Dial] uses.
type Dialer struct {
	// Timeout bounds the dial, name resolution included. 0 is no bound but the
	// device's own. It is shared among the addresses of a host that are tried.
	Timeout time.Duration

	// Deadline is when the dial fails at the latest; the zero Time is never.
	Deadline time.Time

	// LocalAddr is a *TCPAddr or *UDPAddr to connect from; nil leaves that to
	// the device.
	LocalAddr Addr

	// FallbackDelay is accepted for programs that set it. Addresses are tried
	// one after the other, never two at a time, so there is nothing to delay.
	FallbackDelay time.Duration

	// KeepAlive is how long a connection is idle before the first keep-alive
	// probe: 0 is 15 seconds, negative turns probes off. KeepAliveConfig.Enable
	// overrides it.
	KeepAlive       time.Duration
	KeepAliveConfig KeepAliveConfig

	// Resolver looks names up, on the device; nil is DefaultResolver.
	Resolver *Resolver

	// Device is what connects; nil is the current netdev. A program with a
	// network of its own, such as a test, has several.
	Device netdev.Netdever
}

// Dial connects to address, "host:port", on network: "tcp", "udp", or one of
// these with 4 or 6 at the end.
func Dial(network, address string) (Conn, error) {
	var d Dialer
	return d.Dial(network, address)
}

// DialTimeout is [Dial] with a bound on the time that it takes, name
// resolution included.
func DialTimeout(network, address string, timeout time.Duration) (Conn, error) {
	d := Dialer{Timeout: timeout}
	return d.Dial(network, address)
}

// Dial is DialContext without a context.
func (d *Dialer) Dial(network, address string) (Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialContext connects to address on network. A host's addresses are tried in
// turn, and the time that there is is shared among them. The end of ctx ends
// the dial; it does nothing to a connection that stands.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (Conn, error) {
	dev := or(d.Device)
	var c Conn
	err := d.dial(ctx, dev, network, address, func(ctx context.Context, _ string, local, remote netip.AddrPort) error {
		if network[0] == 'u' {
			u, err := dialUDP(ctx, dev, network, local, remote)
			if err == nil {
				c = u
			}
			return err
		}
		t, err := dialTCP(ctx, dev, network, local, remote)
		if err == nil {
			t.setDefaults(d.KeepAlive, d.KeepAliveConfig)
			c = t
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// connecter connects to one address of host.
type connecter func(ctx context.Context, host string, local, remote netip.AddrPort) error

// dial resolves address and calls connect with one address after the other
// until it succeeds.
func (d *Dialer) dial(ctx context.Context, dev netdev.Netdever, network, address string, connect connecter) error {
	fail := func(err error) error { return &OpError{Op: "dial", Net: network, Err: err} }
	want, err := transport(network)
	if err != nil {
		return fail(err)
	}
	if address == "" {
		return fail(errMissingAddress)
	}
	ctx, cancel := d.bound(ctx)
	defer cancel()
	r := d.Resolver
	if r == nil {
		r = DefaultResolver
	}
	host, remotes, err := r.resolveAddrPorts(ctx, dev, network, address)
	if err != nil {
		return fail(err)
	}
	local, remotes, err := d.suitable(want, remotes)
	if err != nil {
		return fail(err)
	}
	return d.dialSerial(ctx, network, want, host, local, remotes, connect)
}

// bound returns ctx with the Dialer's own limits.
func (d *Dialer) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	end := d.Deadline
	if d.Timeout != 0 {
		if t := time.Now().Add(d.Timeout); end.IsZero() || t.Before(end) {
			end = t
		}
	}
	if end.IsZero() {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, end)
}

// suitable returns LocalAddr, and those of remotes that it can reach.
func (d *Dialer) suitable(want string, remotes []netip.AddrPort) (local netip.AddrPort, _ []netip.AddrPort, err error) {
	switch a := d.LocalAddr.(type) {
	case nil:
		return local, remotes, nil
	case *TCPAddr:
		local, err = tcpAddrPort(a)
	case *UDPAddr:
		local, err = udpAddrPort(a)
	}
	if err != nil {
		return local, nil, err
	}
	if d.LocalAddr.Network() != want {
		return local, nil, &AddrError{Err: errMismatchedLocal, Addr: d.LocalAddr.String()}
	}
	if wildcard(local.Addr()) {
		return local, remotes, nil
	}
	fit := remotes[:0]
	for _, r := range remotes {
		if wildcard(r.Addr()) || r.Addr().Is4() == local.Addr().Is4() {
			fit = append(fit, r)
		}
	}
	if len(fit) == 0 {
		return local, nil, &AddrError{Err: errNoSuitableAddress, Addr: d.LocalAddr.String()}
	}
	return local, fit, nil
}

func (d *Dialer) dialSerial(ctx context.Context, network, want, host string, local netip.AddrPort, remotes []netip.AddrPort, connect connecter) error {
	var shown error
	for i, remote := range remotes {
		err := dialOne(ctx, len(remotes)-i, func(ctx context.Context) error {
			return connect(ctx, host, local, remote)
		})
		if err == nil {
			return nil
		}
		// The error of the first address is the one to show, unless the device
		// does not even speak its language.
		if shown == nil || errors.Is(shown, netdev.ErrFamilyNotSupported) {
			shown = &OpError{Op: "dial", Net: network, Source: d.LocalAddr, Addr: dialAddr(want, remote), Err: err}
		}
		if ended := ctx.Err(); ended != nil {
			break
		}
	}
	return shown
}

// minShare is how much time an address is given even where there are many.
const minShare = 2 * time.Second

// dialOne calls connect with a fair share of the time left.
func dialOne(ctx context.Context, candidates int, connect func(context.Context) error) error {
	if end, ok := ctx.Deadline(); ok && candidates > 1 {
		left := time.Until(end)
		share := left / time.Duration(candidates)
		if share < minShare {
			share = minShare
		}
		if share < left {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, share)
			defer cancel()
		}
	}
	return connect(ctx)
}

func dialAddr(want string, ap netip.AddrPort) Addr {
	if want == "udp" {
		return UDPAddrFromAddrPort(ap)
	}
	return TCPAddrFromAddrPort(ap)
}
