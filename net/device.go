package net

import (
	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/foreign"
)

// current returns the netdev in use. Its errors are those of package netdev,
// also where it is a driver that was written for TinyGo.
func current() netdev.Netdever { return foreign.Device(netdev.Current()) }

// or returns dev as current does, and the netdev in use where dev is nil.
func or(dev netdev.Netdever) netdev.Netdever {
	if dev == nil {
		return current()
	}
	return foreign.Device(dev)
}
