//go:build !tinygo

package wifinina_test

import (
	"context"
	"errors"
	"testing"

	"github.com/netdev-go/netdev"
)

func TestNamesAreResolvedWhenThereIsNoSocketLeft(t *testing.T) {
	inTime(t, "2.0.0", func(t *testing.T, w *world) {
		for range 10 {
			w.socket(netdev.SOCK_STREAM)
		}
		if _, err := w.dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); err != netdev.ErrNoMoreSockets {
			t.Fatalf("an eleventh socket: %v", err)
		}
		if a, err := w.dev.GetHostByName("peer"); err != nil || a != w.peer.Addr(netdev.AF_INET) {
			t.Errorf("peer is %v, %v", a, err)
		}
		if _, err := w.dev.GetHostByName("nobody.netdev"); !errors.Is(err, netdev.ErrHostUnknown) {
			t.Errorf("nobody is %v", err)
		}
	})
}

func TestNamesOfANetworkThatWasLeftAreForgotten(t *testing.T) {
	inTime(t, "2.0.0", func(t *testing.T, w *world) {
		if _, err := w.dev.GetHostByName("peer"); err != nil {
			t.Fatal(err)
		}
		w.dev.NetDisconnect()
		if list := w.dev.DNSServers(); list != nil {
			t.Errorf("servers of no network: %v", list)
		}
		if _, err := w.dev.LookupNetIP(context.Background(), "ip4", "peer"); err != netdev.ErrNetDown {
			t.Errorf("a name without a network: %v", err)
		}
	})
}
