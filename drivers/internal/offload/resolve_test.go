package offload_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

func TestNamesAndWhatSpellsAnAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		four, six := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")
		_, dev := newFake(t, offload.Config{Resolve: func(_ context.Context, host string) ([]netip.Addr, error) {
			asked++
			return []netip.Addr{six, four, netip.MustParseAddr("::ffff:192.0.2.1")}, nil
		}})
		for _, r := range []struct {
			network, host string
			want          []netip.Addr
			asks          int
			err           error
		}{
			{"ip", "host.test", []netip.Addr{six, four}, 1, nil},
			{"ip4", "host.test.", []netip.Addr{four}, 1, nil},
			{"ip6", "host.test", []netip.Addr{six}, 1, nil},
			{"ip4", "192.0.2.7", []netip.Addr{netip.MustParseAddr("192.0.2.7")}, 0, nil},
			{"ip4", "2001:db8::1", nil, 0, netdev.ErrHostUnknown},
			{"ip9", "host.test", nil, 0, netdev.ErrInvalid},
			{"ip", "", nil, 0, netdev.ErrHostUnknown},
			{"ip", "a..b", nil, 0, netdev.ErrHostUnknown},
			{"ip", ".", nil, 0, netdev.ErrHostUnknown},
			{"ip", strings.Repeat("x", 64) + ".test", nil, 0, netdev.ErrHostUnknown},
			{"ip", strings.Repeat("x.", 150), nil, 0, netdev.ErrHostUnknown},
		} {
			asked = 0
			got, err := dev.LookupNetIP(t.Context(), r.network, r.host)
			if !slices.Equal(got, r.want) || err != r.err || asked != r.asks {
				t.Errorf("LookupNetIP(%q, %q): %v, %v, asked %d times; want %v, %v, %d times", r.network, r.host, got, err, asked, r.want, r.err, r.asks)
			}
		}
		if a, err := dev.GetHostByName("host.test"); a != four || err != nil {
			t.Errorf("GetHostByName: %v, %v", a, err)
		}
	})
}
