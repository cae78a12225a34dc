package wifinina_test

import (
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netdevtest"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/nina"
)

// open returns a board that is on its network, for a test's time.
func open(t testing.TB, c boards.Config) (*boards.Board, *nina.Chip) {
	t.Helper()
	b, chip, err := boards.WifiNINA(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.Stop()
		if s := chip.Stats(); s.Abuse > 0 && !t.Failed() {
			t.Errorf("a real chip would have been hurt %d times: %v", s.Abuse, s.Reasons)
		}
	})
	if err := b.NetConnect(&netlink.ConnectParams{}); err != nil {
		t.Fatalf("NetConnect: %v", err)
	}
	return b, chip
}

func TestConformance(t *testing.T) {
	conform(t, boards.Config{}, netdevtest.Config{})
}

func TestConformanceOfOldFirmware(t *testing.T) {
	conform(t, boards.Config{Firmware: "1.4.8"}, netdevtest.Config{Timeout: 3 * time.Second, Soak: 100})
}

func conform(t *testing.T, bc boards.Config, c netdevtest.Config) {
	c.New = func(tb testing.TB) netdev.Netdever {
		b, _ := open(tb, bc)
		return b
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
