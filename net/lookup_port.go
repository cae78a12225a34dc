package net

import (
	"context"
	"strconv"
)

// LookupPort returns the number of a service, or the number that service
// spells; network is "tcp", "udp", one of their families, or "ip".
func (r *Resolver) LookupPort(ctx context.Context, network, service string) (int, error) {
	if service == "" {
		return 0, nil
	}
	if port, err := strconv.Atoi(service); err == nil {
		if port < 0 || port > 65535 {
			return 0, &AddrError{Err: "invalid port", Addr: service}
		}
		return port, nil
	}
	if allDigits(service) {
		return 0, &AddrError{Err: "invalid port", Addr: service}
	}
	switch network {
	case "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6", "ip":
	case "":
		network = "ip"
	default:
		return 0, &AddrError{Err: "unknown network", Addr: network}
	}
	return lookupService(ctx, network, service)
}

func allDigits(s string) bool {
	if s[0] == '+' || s[0] == '-' {
		s = s[1:]
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
