package wifinina_test

import (
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netdevtest"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/boards"
)

func open(t testing.TB, c boards.Config) *boards.Board {
	t.Helper()
	b, chip, err := boards.WifiNINA(c)
	must(t, err)
	t.Cleanup(func() {
		b.Stop()
		if s := chip.Stats(); s.Abuse > 0 && !t.Failed() {
			t.Errorf("a real chip would have been hurt %d times: %v", s.Abuse, s.Reasons)
		}
	})
	must(t, b.NetConnect(&netlink.ConnectParams{}))
	return b
}

func TestConformance(t *testing.T) {
	conform(t, boards.Config{}, netdevtest.Config{})
}

func TestConformanceOfOldFirmware(t *testing.T) {
	conform(t, boards.Config{Firmware: "1.4.8"}, netdevtest.Config{Timeout: 3 * time.Second, Soak: 100})
}

func conform(t *testing.T, bc boards.Config, c netdevtest.Config) {
	c.New = func(tb testing.TB) netdev.Netdever {
		return open(tb, bc)
	}
	c.Peer = func(tb testing.TB, dev netdev.Netdever) netdevtest.Peer {
		p, err := dev.(*boards.Board).Peer()
		if err != nil {
			tb.Fatal(err)
		}
		return p
	}
	netdevtest.RunConfig(t, c)
}
