package offload_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// An error ends the asking until somebody has heard of it, whoever that is: then it
// goes on for those who wait for data.
func TestDataComesAfterAnErrorThatAnotherCallTold(t *testing.T) {
	tell := map[string]func(dev *device, fd int) error{
		"SO_ERROR": func(dev *device, fd int) error {
			v, err := dev.GetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_ERROR)
			if err != nil {
				return err
			}
			return v.(error)
		},
		"Send":    func(dev *device, fd int) error { return second(dev.Send(fd, []byte("x"), 0, never)) },
		"Connect": func(dev *device, fd int) error { dev.Connect(fd, "", peerAddr); return netdev.ErrConnRefused },
	}
	for name, call := range tell {
		for _, polled := range []bool{false, true} {
			if polled {
				name += " of a polled chip"
			}
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					chip, dev := newFake(t, offload.Config{Polled: polled})
					fd := datagram(t, dev)
					must(t, dev.Connect(fd, "", peerAddr))
					local := port(t, dev, fd)
					refused := false
					chip.on(func(call string, id int) error {
						if call == "RecvFrom" && !refused {
							refused = true
							return netdev.ErrConnRefused
						}
						return nil
					})
					told := make(chan struct{}, 1)
					must(t, dev.PollNotify(fd, func() {
						select {
						case told <- struct{}{}:
						default:
						}
					}))
					<-told
					chip.with(local, func(s *fakeSock) { s.inbox = append(s.inbox, dgram{"hello", peerAddr}) })
					pass(time.Minute)
					select {
					case <-told:
					default:
					}
					want(t, "the error", call(dev, fd), netdev.ErrConnRefused)
					pass(time.Minute)
					select {
					case <-told:
					default:
						t.Fatal("nobody was told of the datagram")
					}
				})
			})
		}
	}
}
