//go:build !linux

package netdevtest

import "net/netip"

// Without root there is no address on the loopback interface that keeps silent.
func blackHole() netip.AddrPort { return netip.AddrPort{} }
