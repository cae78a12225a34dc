package gateway_test

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/gateway"
)

func TestNamesAndAddressesBeyondTheLeases(t *testing.T) {
	away := netip.MustParseAddr("10.0.2.77")
	inWorld(t, func(t *testing.T, w *world) {
		board := w.board("sensor")
		addrs, err := board.LookupNetIP(t.Context(), "ip4", "away")
		if err != nil || len(addrs) != 1 || addrs[0] != away {
			t.Errorf("away is at %v, %v", addrs, err)
		}
		addrs, err = board.LookupNetIP(t.Context(), "ip4", "sensor")
		if own := w.addr(board); err != nil || len(addrs) != 1 || addrs[0] != own {
			t.Errorf("the board's own name is at %v, %v, want %v", addrs, err, own)
		}
		if _, err := board.LookupNetIP(t.Context(), "ip4", "nobody"); !errors.Is(err, netdev.ErrHostUnknown) {
			t.Errorf("nobody: %v", err)
		}
	}, func(c *gateway.Config) {
		c.Names = func(name string) (netip.Addr, bool) { return away, name == "away" || name == "sensor" }
	})
}
