//go:build !tinygo

package rtl8720dn_test

import (
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
	driver "github.com/netdev-go/netdev/drivers/rtl8720dn"
	"github.com/netdev-go/netdev/netdevtest"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/rtl8720dn"
)

type setter func(*rtl8720dn.Config, *driver.Config)

// boot returns a board that is connected, and its chip. Whatever a test does, a
// real chip must not have been hurt.
func boot(tb testing.TB, c boards.Config, set setter) (*boards.Board, *rtl8720dn.Chip) {
	tb.Helper()
	b, chip := wire(tb, c, set)
	if err := b.NetConnect(&netlink.ConnectParams{}); err != nil {
		tb.Fatal(err)
	}
	return b, chip
}

// wire returns a board that is not connected.
func wire(tb testing.TB, c boards.Config, set setter) (*boards.Board, *rtl8720dn.Chip) {
	tb.Helper()
	if c.Network.Forwards == nil {
		c.Network.Forwards = []sim.Forward{}
	}
	b, chip, err := boards.RTL8720DNWith(c, set)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := b.Stop(); err != nil {
			tb.Error(err)
		}
		if s := chip.Stats(); s.Abuse != 0 {
			tb.Errorf("%d requests would have hurt the chip: %q", s.Abuse, chip.Abuses())
		}
	})
	return b, chip
}

// static has an address of its own: finding one takes a while.
var static = boards.Config{Network: sim.Config{Addr: netip.MustParsePrefix("10.0.2.15/24")}}

// device returns the driver.
func device(b *boards.Board) *driver.Device { return b.Unwrap().(*driver.Device) }

func TestConformance(t *testing.T) {
	netdevtest.RunConfig(t, netdevtest.Config{
		Name: "rtl8720dn",
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
	})
}
