//go:build !tinygo

package net_test

import (
	"errors"
	"io"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/internal/bare"
	"github.com/netdev-go/netdev/net"
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

// Two devices in one program: neither is the current one.
func TestDialerListenerAndResolverOfAnotherDevice(t *testing.T) {
	use(t, nil)
	server, client := host.New(), bare.Device(host.New())
	l, err := (&net.ListenConfig{Device: server}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			io.Copy(c, c)
			c.Close()
		}
	}()
	c, err := (&net.Dialer{Device: client}).Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var b [1]byte
	c.Write([]byte{7})
	if _, err := io.ReadFull(c, b[:]); err != nil || b[0] != 7 {
		t.Errorf("echo %d, %v", b[0], err)
	}
	p, err := (&net.ListenConfig{Device: server}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	named := &fake{resolve: func(string) (netip.Addr, error) { return fakeAddr, nil }}
	addrs, err := (&net.Resolver{Device: named}).LookupNetIP(t.Context(), "ip4", "board")
	if err != nil || len(addrs) != 1 || addrs[0] != fakeAddr {
		t.Errorf("LookupNetIP = %v, %v", addrs, err)
	}
	if _, err := net.Dial("tcp", l.Addr().String()); !errors.Is(err, netdev.ErrNetdevNotSet) {
		t.Errorf("Dial without a device: %v", err)
	}
}
