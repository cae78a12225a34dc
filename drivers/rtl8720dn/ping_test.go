//go:build !tinygo

package rtl8720dn_test

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/boards"
)

func TestPing(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		for _, n := range []int{0, 56, 1464} {
			rtt, err := w.Ping(t.Context(), w.peerAddr(), make([]byte, n))
			if err != nil || rtt <= 0 || rtt > 100*time.Millisecond {
				t.Errorf("Ping with %d bytes: %v, %v", n, rtt, err)
			}
		}
		if _, err := w.Ping(t.Context(), w.peerAddr(), make([]byte, 1465)); err != netdev.ErrMessageTooLong {
			t.Errorf("Ping with too many bytes: %v", err)
		}
		if _, err := w.Ping(t.Context(), netip.IPv6Loopback(), nil); err != netdev.ErrFamilyNotSupported {
			t.Errorf("Ping of an IPv6 address: %v", err)
		}
		w.NetDisconnect()
		if _, err := w.Ping(t.Context(), w.peerAddr(), nil); err != netdev.ErrNetDown {
			t.Errorf("Ping without a network: %v", err)
		}
	})
}

func TestPingEndsWithItsContextAndLeavesNothing(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			begin := time.Now()
			_, err := w.Ping(ctx, netip.MustParseAddr("10.0.2.99"), nil)
			cancel()
			if took := time.Since(begin); err != context.DeadlineExceeded || took > 300*time.Millisecond {
				t.Errorf("Ping of nobody: %v, after %v", err, took)
			}
		}
		for range 8 {
			w.stream()
		}
	})
}

func TestPingOverACrashEnds(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		time.AfterFunc(100*time.Millisecond, w.chip.Crash)
		w.within(10*time.Second, "Ping", func() {
			if _, err := w.Ping(t.Context(), netip.MustParseAddr("10.0.2.99"), nil); err != netdev.ErrNetDown {
				t.Errorf("Ping = %v", err)
			}
		})
	})
}

// A chip that is busy does not keep a caller whose time is over.
func TestPingEndsWithItsContextWhileTheChipIsBusy(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		for _, busyAfter := range []time.Duration{0, 50 * time.Millisecond} {
			time.AfterFunc(busyAfter, func() { w.chip.Silence(1500 * time.Millisecond) })
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			w.within(250*time.Millisecond, "Ping", func() {
				if _, err := w.Ping(ctx, netip.MustParseAddr("10.0.2.99"), nil); err != context.DeadlineExceeded {
					t.Errorf("Ping = %v", err)
				}
			})
			cancel()
			time.Sleep(5 * time.Second)
		}
		for range 8 {
			w.stream()
		}
	})
}
