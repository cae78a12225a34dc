package net

import "context"

// LookupAddr is [Resolver.LookupAddr] of the [DefaultResolver], without an end.
func LookupAddr(addr string) ([]string, error) {
	return DefaultResolver.LookupAddr(context.Background(), addr)
}

// LookupCNAME is [Resolver.LookupCNAME] of the [DefaultResolver], without an end.
func LookupCNAME(host string) (string, error) {
	return DefaultResolver.LookupCNAME(context.Background(), host)
}

// LookupHost is [Resolver.LookupHost] of the [DefaultResolver], without an end.
func LookupHost(host string) ([]string, error) {
	return DefaultResolver.LookupHost(context.Background(), host)
}

// LookupIP returns the addresses of host, of both families.
func LookupIP(host string) ([]IP, error) {
	return DefaultResolver.LookupIP(context.Background(), "ip", host)
}

// LookupMX is [Resolver.LookupMX] of the [DefaultResolver], without an end.
func LookupMX(name string) ([]*MX, error) {
	return DefaultResolver.LookupMX(context.Background(), name)
}

// LookupNS is [Resolver.LookupNS] of the [DefaultResolver], without an end.
func LookupNS(name string) ([]*NS, error) {
	return DefaultResolver.LookupNS(context.Background(), name)
}

// LookupPort is [Resolver.LookupPort] of the [DefaultResolver], without an end.
func LookupPort(network, service string) (int, error) {
	return DefaultResolver.LookupPort(context.Background(), network, service)
}

// LookupSRV is [Resolver.LookupSRV] of the [DefaultResolver], without an end.
func LookupSRV(service, proto, name string) (string, []*SRV, error) {
	return DefaultResolver.LookupSRV(context.Background(), service, proto, name)
}

// LookupTXT is [Resolver.LookupTXT] of the [DefaultResolver], without an end.
func LookupTXT(name string) ([]string, error) {
	return DefaultResolver.LookupTXT(context.Background(), name)
}
