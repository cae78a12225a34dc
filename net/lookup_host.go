//go:build !tinygo

package net

import (
	"context"
	stdnet "net"
	"net/netip"
)

// inGo is the standard library's resolver, asking over the device's sockets.
func (r *Resolver) inGo() *stdnet.Resolver {
	std := &stdnet.Resolver{PreferGo: true}
	if r != nil {
		std.StrictErrors = r.StrictErrors
		std.Dial = r.Dial
	}
	if std.Dial == nil {
		var d Dialer
		std.Dial = d.DialContext
	}
	return std
}

func (r *Resolver) lookupByDial(ctx context.Context, network, host string) ([]netip.Addr, error) {
	return r.inGo().LookupNetIP(ctx, network, host)
}

func lookupService(ctx context.Context, network, service string) (int, error) {
	return stdnet.DefaultResolver.LookupPort(ctx, network, service)
}

// LookupAddr returns the names of an address.
func (r *Resolver) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	return r.inGo().LookupAddr(ctx, addr)
}

// LookupCNAME returns the canonical name of host.
func (r *Resolver) LookupCNAME(ctx context.Context, host string) (string, error) {
	return r.inGo().LookupCNAME(ctx, host)
}

// LookupMX returns the mail exchangers of name, sorted by preference.
func (r *Resolver) LookupMX(ctx context.Context, name string) ([]*MX, error) {
	return r.inGo().LookupMX(ctx, name)
}

// LookupNS returns the name servers of name.
func (r *Resolver) LookupNS(ctx context.Context, name string) ([]*NS, error) {
	return r.inGo().LookupNS(ctx, name)
}

// LookupSRV returns the servers of _service._proto.name, in the order to try
// them in (RFC 2782). If service and proto are both "", it looks up name itself.
func (r *Resolver) LookupSRV(ctx context.Context, service, proto, name string) (string, []*SRV, error) {
	return r.inGo().LookupSRV(ctx, service, proto, name)
}

// LookupTXT returns the texts of name.
func (r *Resolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	return r.inGo().LookupTXT(ctx, name)
}
