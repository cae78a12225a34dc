//go:build !tinygo

package espat_test

import (
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
	driver "github.com/netdev-go/netdev/drivers/espat"
	"github.com/netdev-go/netdev/netdevtest"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/espat"
)

type setter func(*espat.Config, *driver.Config)

// boot returns a board that is connected, and its chip. Whatever a test does, a
// real chip must not have been hurt.
func boot(tb testing.TB, c boards.Config, set setter) (*boards.Board, *espat.Chip) {
	tb.Helper()
	if c.Network.Forwards == nil {
		c.Network.Forwards = []sim.Forward{}
	}
	b, chip, err := boards.ESPATWith(c, set)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := b.Stop(); err != nil {
			tb.Error(err)
		}
		if s := chip.Stats(); s.Abuse != 0 {
			tb.Errorf("%d requests would have hurt the chip", s.Abuse)
		}
	})
	if err := b.NetConnect(&netlink.ConnectParams{}); err != nil {
		tb.Fatal("NetConnect: ", err)
	}
	return b, chip
}

// static has an address of its own: finding one takes a while.
var static = boards.Config{Network: sim.Config{Addr: netip.MustParsePrefix("10.0.2.15/24")}}

func TestConformance(t *testing.T) {
	netdevtest.RunConfig(t, netdevtest.Config{
		Name: "espat",
		New: func(tb testing.TB) netdev.Netdever {
			b, _ := boot(tb, static, nil)
			return b
		},
		Peer: func(tb testing.TB, dev netdev.Netdever) netdevtest.Peer {
			p, err := dev.(*boards.Board).Peer()
			if err != nil {
				tb.Fatal(err)
			}
			return p
		},
		Soak: 100,
	})
}
