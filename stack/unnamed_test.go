package stack_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/dhcp"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/sim/gateway"
	"github.com/netdev-go/netdev/stack"
)

// A stack with no address and no DHCP of its own carries broadcasts for a client on
// its sockets, as a kernel does.
func TestAProgramFindsAnAddressOverTheStacksSockets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := ether.NewSwitch(ether.SwitchConfig{})
		defer network.Close()
		port, err := network.Open(ether.Config{Name: "gateway"})
		if err != nil {
			t.Fatal(err)
		}
		g, err := gateway.New(gateway.Config{Device: port})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		if err := g.Start(); err != nil {
			t.Fatal(err)
		}
		dev, err := network.Open(ether.Config{Name: "board"})
		if err != nil {
			t.Fatal(err)
		}
		s, err := stack.New(dev, stack.SmallBoard())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Stop()
		hw, _ := dev.HardwareAddr6()

		bound := make(chan *dhcp.Lease, 1)
		r := &dhcp.Runner{
			Client: dhcp.New(dhcp.Config{HardwareAddr: hw, Broadcast: true, Rand: rand.Uint32}),
			Device: s,
			Notify: func(e dhcp.Event, l *dhcp.Lease) {
				if e == dhcp.EventBound {
					bound <- l
				}
			},
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- r.Run(ctx) }()
		var lease *dhcp.Lease
		select {
		case lease = <-bound:
		case <-time.After(20 * time.Second):
			t.Fatal("no lease")
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := s.Configure(lease.Addr, lease.Router, lease.DNS); err != nil {
			t.Fatal(err)
		}
		if err := s.NetConnect(&netlink.ConnectParams{}); err != nil {
			t.Fatal(err)
		}
		if addr, err := s.GetHostByName("gateway.netdev"); err != nil {
			t.Errorf("with that address: %v, %v", addr, err)
		}
	})
}
