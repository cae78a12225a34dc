//go:build !tinygo

package w5500_test

import (
	"testing"

	"github.com/netdev-go/netdev"
	driver "github.com/netdev-go/netdev/drivers/w5500"
	"github.com/netdev-go/netdev/netdevtest"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/w5500"
)

// boot returns a board that is connected, and its chip. On a good bus a real chip
// must not have been hurt, whatever a test does.
func boot(tb testing.TB, c boards.Config, set func(*driver.Config)) (*boards.Board, *w5500.Chip) {
	tb.Helper()
	b, chip := wire(tb, c, set)
	if err := b.NetConnect(&netlink.ConnectParams{}); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if s := chip.Stats(); s.Abuse != 0 {
			tb.Errorf("%d requests would have hurt the chip, the last one: %s", s.Abuse, s.LastAbuse)
		}
	})
	return b, chip
}

// wire returns a board that is not connected.
func wire(tb testing.TB, c boards.Config, set func(*driver.Config)) (*boards.Board, *w5500.Chip) {
	tb.Helper()
	if c.Network.Forwards == nil {
		c.Network.Forwards = []sim.Forward{}
	}
	b, chip, err := boards.W5500With(c, set)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := b.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return b, chip
}

func TestConformance(t *testing.T) { conform(t, "w5500", nil, nil) }

// Where the chip has to be asked, and nothing that it says is believed at once.
func TestAPolledAndVerifiedChipKeepsTheContract(t *testing.T) {
	conform(t, "w5500, polled", []string{"ACC", "SEND", "RECV", "POLL"}, func(c *driver.Config) {
		c.Interrupt, c.OnInterrupt, c.Verify = nil, nil, true
	})
}

// conform holds the driver to rules, or all of them.
func conform(t *testing.T, name string, rules []string, set func(*driver.Config)) {
	t.Parallel()
	netdevtest.RunConfig(t, netdevtest.Config{
		Name:  name,
		Rules: rules,
		New: func(tb testing.TB) netdev.Netdever {
			b, _ := boot(tb, boards.Config{}, set)
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
