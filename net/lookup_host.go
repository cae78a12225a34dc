//go:build !tinygo

package net

import (
	"context"
	stdnet "net"
	"net/netip"
)

func (r *Resolver) lookupByDial(ctx context.Context, network, host string) ([]netip.Addr, error) {
	return r.inGo().std.LookupNetIP(ctx, network, host)
}

func lookupService(ctx context.Context, network, service string) (int, error) {
	return stdnet.DefaultResolver.LookupPort(ctx, network, service)
}

// LookupAddr returns the names of an address.
func (r *Resolver) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	in := r.inGo()
	names, err := in.std.LookupAddr(ctx, addr)
	return names, in.told(err, addr)
}

// LookupCNAME returns the canonical name of host.
func (r *Resolver) LookupCNAME(ctx context.Context, host string) (string, error) {
	in := r.inGo()
	cname, err := in.std.LookupCNAME(ctx, in.name(host))
	return cname, in.told(err, host)
}

// LookupMX returns the mail exchangers of name, sorted by preference.
func (r *Resolver) LookupMX(ctx context.Context, name string) ([]*MX, error) {
	in := r.inGo()
	mx, err := in.std.LookupMX(ctx, in.name(name))
	return mx, in.told(err, name)
}

// LookupNS returns the name servers of name.
func (r *Resolver) LookupNS(ctx context.Context, name string) ([]*NS, error) {
	in := r.inGo()
	ns, err := in.std.LookupNS(ctx, in.name(name))
	return ns, in.told(err, name)
}

// LookupSRV returns the servers of _service._proto.name, in the order to try
// them in (RFC 2782). If service and proto are both "", it looks up name itself.
func (r *Resolver) LookupSRV(ctx context.Context, service, proto, name string) (string, []*SRV, error) {
	in := r.inGo()
	cname, srv, err := in.std.LookupSRV(ctx, service, proto, in.name(name))
	if service != "" || proto != "" {
		name = "_" + service + "._" + proto + "." + name
	}
	return cname, srv, in.told(err, name)
}

// LookupTXT returns the texts of name.
func (r *Resolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	in := r.inGo()
	txt, err := in.std.LookupTXT(ctx, in.name(name))
	return txt, in.told(err, name)
}
