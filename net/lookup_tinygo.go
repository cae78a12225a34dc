//go:build tinygo

package net

import (
	"context"
	"net/netip"

	"github.com/netdev-go/netdev"
)

func unsupportedLookup(name string) error {
	return &DNSError{Err: netdev.ErrNotSupported.Error(), Name: name, UnwrapErr: netdev.ErrNotSupported}
}

func (r *Resolver) lookupByDial(_ context.Context, _, host string) ([]netip.Addr, error) {
	return nil, unsupportedLookup(host)
}

// services are those that a program on a board is likely to name.
var services = [...]struct {
	name     string
	port     uint16
	tcp, udp bool
}{
	{"domain", 53, true, true},
	{"echo", 7, true, true},
	{"ftp", 21, true, false},
	{"http", 80, true, false},
	{"https", 443, true, true},
	{"imap", 143, true, false},
	{"imaps", 993, true, false},
	{"ntp", 123, false, true},
	{"smtp", 25, true, false},
	{"snmp", 161, true, true},
	{"ssh", 22, true, false},
	{"submission", 587, true, false},
	{"syslog", 514, false, true},
	{"telnet", 23, true, false},
	{"tftp", 69, false, true},
}

func lookupService(_ context.Context, network, service string) (int, error) {
	tcp := network[0] == 't' || network == "ip"
	udp := network[0] == 'u' || network == "ip"
	for _, s := range services {
		if s.name == service && (s.tcp && tcp || s.udp && udp) {
			return int(s.port), nil
		}
	}
	return 0, &DNSError{Err: "unknown port", Name: network + "/" + service, IsNotFound: true}
}

// LookupAddr is not supported on a board.
func (r *Resolver) LookupAddr(_ context.Context, addr string) ([]string, error) {
	return nil, unsupportedLookup(addr)
}

// LookupCNAME is not supported on a board.
func (r *Resolver) LookupCNAME(_ context.Context, host string) (string, error) {
	return "", unsupportedLookup(host)
}

// LookupMX is not supported on a board.
func (r *Resolver) LookupMX(_ context.Context, name string) ([]*MX, error) {
	return nil, unsupportedLookup(name)
}

// LookupNS is not supported on a board.
func (r *Resolver) LookupNS(_ context.Context, name string) ([]*NS, error) {
	return nil, unsupportedLookup(name)
}

// LookupSRV is not supported on a board.
func (r *Resolver) LookupSRV(_ context.Context, _, _, name string) (string, []*SRV, error) {
	return "", nil, unsupportedLookup(name)
}

// LookupTXT is not supported on a board.
func (r *Resolver) LookupTXT(_ context.Context, name string) ([]string, error) {
	return nil, unsupportedLookup(name)
}
