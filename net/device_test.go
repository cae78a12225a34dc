//go:build !tinygo

package net_test

import (
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/internal/bare"
)

// use makes dev the netdev of the test.
func use(t testing.TB, dev netdev.Netdever) {
	t.Helper()
	before := netdev.Current()
	netdev.UseNetdev(dev)
	t.Cleanup(func() { netdev.UseNetdev(before) })
}

// devices are what every behaviour is tested on: the same kernel with all of
// its capabilities, and through the eleven methods alone.
var devices = []struct {
	name string
	open func() netdev.Netdever
}{
	{"host", func() netdev.Netdever { return host.New() }},
	{"bare", func() netdev.Netdever { return bare.Device(host.New()) }},
}

// onEach runs f as a subtest on each device.
func onEach(t *testing.T, f func(t *testing.T)) {
	for _, d := range devices {
		t.Run(d.name, func(t *testing.T) {
			use(t, d.open())
			f(t)
		})
	}
}
