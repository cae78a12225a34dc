package offload_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// What the chip says of a socket after the network went is no news: the network is
// what its calls tell of, from then on.
func TestDownInsideEachCallIsWhatIsTold(t *testing.T) {
	for _, during := range []string{"Bind", "Listen", "Accept", "Connect", "Connected", "Send", "Recv", "SendTo", "RecvFrom", "CloseWrite"} {
		for _, outcome := range []error{nil, netdev.ErrConnRefused} {
			name := during + " succeeds"
			if outcome != nil {
				name = during + " fails"
			}
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					chip, dev := newFake(t, offload.Config{})
					reason := errors.New("access point is gone")
					var armed atomic.Bool
					chip.on(func(call string, id int) error {
						if call == "Connect" && during == "Connected" {
							return netdev.ErrInProgress
						}
						if call == during && armed.CompareAndSwap(true, false) {
							chip.core.Down(reason)
							return outcome
						}
						return nil
					})
					stype := netdev.SOCK_STREAM
					switch during {
					case "Bind", "SendTo", "RecvFrom":
						stype = netdev.SOCK_DGRAM
					}
					armed.Store(true)
					fd, err := dev.Socket(netdev.AF_INET, stype, 0)
					must(t, err)
					if during == "Listen" || during == "Accept" {
						if dev.Listen(fd, 1) == nil {
							dev.Accept(fd)
						}
					} else if dev.Connect(fd, "", peerAddr) == nil {
						dev.Send(fd, []byte("x"), 0, in(time.Second))
						dev.Shutdown(fd, netdev.SHUT_WR)
						if during == "Recv" || during == "RecvFrom" {
							dev.Recv(fd, make([]byte, 1), 0, in(time.Second))
						}
					}
					synctest.Wait()
					if armed.Load() {
						t.Fatal("the chip was not asked")
					}
					want(t, "Recv", second(dev.Recv(fd, make([]byte, 1), 0, never)), reason)
					want(t, "Send", second(dev.Send(fd, []byte("x"), 0, never)), reason)
					must(t, dev.Close(fd))
					synctest.Wait()
					if n := chip.open(); n != 0 {
						t.Fatalf("the chip still has %d sockets", n)
					}
				})
			})
		}
	}
}
