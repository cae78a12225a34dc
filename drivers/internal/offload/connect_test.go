package offload_test

import (
	"context"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

func TestConnectTriesAnotherPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		var tried []uint16
		chip.on(func(call string, id int) error {
			if call == "Connect" && len(tried) < 3 {
				tried = append(tried, 0)
				return netdev.ErrAddrInUse
			}
			return nil
		})
		connect(t, dev)
		if n := len(tried); n != 3 {
			t.Fatalf("the chip said no %d times", n)
		}
	})
}

func TestAPortThatWasAskedForIsNotReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		chip.ports[5000] = true
		fd := stream(t, dev)
		must(t, dev.Bind(fd, netip.AddrPortFrom(chipAddr, 5000)))
		want(t, "Connect", dev.Connect(fd, "", peerAddr), netdev.ErrAddrInUse)
		u := datagram(t, dev)
		want(t, "Bind", dev.Bind(u, netip.AddrPortFrom(chipAddr, 5000)), netdev.ErrAddrInUse)
	})
}

func TestConnectAgainAfterARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		chip.most = 1
		var accept atomic.Bool
		chip.on(func(call string, id int) error {
			if call == "Connect" && !accept.Load() {
				return netdev.ErrConnRefused
			}
			return nil
		})
		fd := stream(t, dev)
		must(t, dev.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, true))
		for range 3 {
			want(t, "Connect", dev.Connect(fd, "", peerAddr), netdev.ErrConnRefused)
		}
		accept.Store(true)
		must(t, dev.Connect(fd, "", peerAddr))
		want(t, "Connect", dev.Connect(fd, "", peerAddr), netdev.ErrIsConnected)
		_, err := dev.Send(fd, []byte("x"), 0, never)
		must(t, err)
		if n := chip.calls("SetOption"); n != 4 {
			t.Fatalf("the option was set on %d of 4 sockets of the chip", n)
		}
	})
}

// An outcome that comes when Connect was given up, and begun anew, is not the new one's.
func TestAnOldOutcomeIsNotTheNewOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		first := true
		chip.on(func(call string, id int) error {
			if call == "Connect" && first {
				first = false
				time.Sleep(10 * time.Second) // and then it is connected
			} else if call == "Connect" {
				return netdev.ErrConnRefused
			}
			return nil
		})
		fd := stream(t, dev)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		want(t, "ConnectContext", dev.ConnectContext(ctx, fd, "", peerAddr), context.DeadlineExceeded)
		want(t, "Connect", dev.Connect(fd, "", peerAddr), netdev.ErrConnRefused)
	})
}

func TestNonBlockingConnect(t *testing.T) {
	for _, outcome := range []error{nil, netdev.ErrConnRefused} {
		synctest.Test(t, func(t *testing.T) {
			chip, dev := newFake(t, offload.Config{})
			var over atomic.Bool
			chip.on(func(call string, id int) error {
				switch {
				case call != "Connect" && call != "Connected":
					return nil
				case !over.Load():
					return netdev.ErrInProgress
				}
				return outcome
			})
			fd := stream(t, dev)
			must(t, dev.SetNonblock(fd, true))
			told := make(chan struct{}, 100)
			must(t, dev.PollNotify(fd, func() { told <- struct{}{} }))
			for range 3 {
				want(t, "Connect", dev.Connect(fd, "", peerAddr), netdev.ErrInProgress)
				if ev, err := dev.Poll(fd); ev != 0 || err != nil {
					t.Fatalf("Poll: %#x, %v", ev, err)
				}
				time.Sleep(time.Second)
			}
			over.Store(true)
			<-told
			if ev, _ := dev.Poll(fd); ev&netdev.PollOut == 0 {
				t.Fatalf("Poll: %#x", ev)
			}
			if err := dev.Connect(fd, "", peerAddr); err != outcome {
				t.Fatalf("Connect: %v, want %v", err, outcome)
			}
		})
	}
}

func TestTheNameOfThePeerReachesTheChip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{
			Resolve: func(context.Context, string) ([]netip.Addr, error) { return []netip.Addr{peerAddr.Addr()}, nil },
		})
		fd := stream(t, dev)
		must(t, dev.Connect(fd, "host.test", netip.AddrPortFrom(netip.Addr{}, 80)))
		chip.with(port(t, dev, fd), func(s *fakeSock) {
			if s.host != "host.test" || s.to != peerAddr {
				t.Errorf("Connect of the chip with %q, %v", s.host, s.to)
			}
		})
	})
}

func TestCloseEndsTheWaitForAName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, dev := newFake(t, offload.Config{
			Resolve: func(ctx context.Context, _ string) ([]netip.Addr, error) { <-ctx.Done(); return nil, ctx.Err() },
		})
		fd := stream(t, dev)
		r := start(func() (int, error) {
			return 0, dev.Connect(fd, "host.test", netip.AddrPortFrom(netip.Addr{}, 80))
		})
		synctest.Wait()
		must(t, dev.Close(fd))
		want(t, "Connect", (<-r).err, netdev.ErrClosed)
	})
}
