//go:build !tinygo

package rtl8720dn_test

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/boards"
)

// Everything at once, from many goroutines and from the function that is told of
// events, while the chip comes and goes. All calls return, and the device serves
// again afterwards.
func TestEverythingAtOnceReturns(t *testing.T) {
	for seed := range uint64(20) {
		unjoined(t, boards.Config{}, nil, func(t *testing.T, w *world) {
			lot := rand.New(rand.NewPCG(seed, 1))
			var mu sync.Mutex
			pick := func(n int) int {
				mu.Lock()
				defer mu.Unlock()
				return lot.IntN(n)
			}
			w.NetNotify(func(netlink.Event) {
				switch pick(4) {
				case 0:
					w.NetDisconnect()
				case 1:
					w.RSSI()
				case 2:
					w.Firmware()
				}
			})
			p := &netlink.ConnectParams{Ssid: "n", WatchdogTimeout: 3 * time.Second, Retries: 2}
			ops := []func(ctx context.Context){
				func(context.Context) { w.NetConnect(p) },
				func(context.Context) { w.NetConnect(p) },
				func(context.Context) { w.NetDisconnect() },
				func(context.Context) { w.chip.Crash() },
				func(context.Context) { w.chip.Silence(time.Duration(pick(4000)) * time.Millisecond) },
				func(ctx context.Context) { w.Scan(ctx) },
				func(ctx context.Context) { w.Ping(ctx, w.peerAddr(), []byte("x")) },
				func(context.Context) { w.GetHardwareAddr() },
				func(context.Context) { w.Interfaces() },
				func(context.Context) {
					fd, err := w.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
					if err != nil {
						return
					}
					time.AfterFunc(time.Duration(pick(1000))*time.Millisecond, func() { w.Close(fd) })
					if w.Connect(fd, "", netip.AddrPortFrom(w.peerAddr(), 7)) == nil {
						w.Recv(fd, make([]byte, 1), 0, time.Now().Add(-time.Second))
					}
				},
				func(context.Context) {
					fd, err := w.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
					if err != nil {
						return
					}
					w.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), 0))
					w.SendTo(fd, []byte("x"), 0, netip.AddrPortFrom(w.peerAddr(), 7), time.Time{})
					w.RecvFrom(fd, make([]byte, 1), 0, time.Now().Add(time.Duration(pick(500))*time.Millisecond))
					w.Close(fd)
				},
			}
			var all sync.WaitGroup
			for range 6 {
				all.Go(func() {
					for range 30 {
						ctx, cancel := context.WithTimeout(t.Context(), time.Duration(pick(3000))*time.Millisecond)
						ops[pick(len(ops))](ctx)
						cancel()
						time.Sleep(time.Duration(pick(500)) * time.Millisecond)
					}
				})
			}
			all.Wait()
			w.NetNotify(nil)
			w.NetDisconnect()
			time.Sleep(5 * time.Second)
			w.must("NetConnect", w.NetConnect(p))
			for range 8 {
				w.stream()
			}
			done := make(chan struct{})
			go func() { w.chip.Silence(time.Second); w.NetDisconnect(); w.NetConnect(p); close(done) }()
			time.Sleep(time.Duration(pick(3000)) * time.Millisecond)
			w.within(20*time.Second, "Stop", func() { w.Stop() })
			<-done
		})
	}
}
