package offload_test

import (
	"errors"
	"io"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

func TestAfterAResetEachSocketKnowsWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		full, local := connect(t, dev)
		chip.with(local, func(s *fakeSock) { s.in = []byte("before") })
		must(t, dev.PollNotify(full, func() {})) // so that it is fetched
		synctest.Wait()
		must(t, dev.PollNotify(full, nil))
		ended, local := connect(t, dev)
		chip.with(local, func(s *fakeSock) { s.end = io.EOF })
		want(t, "Recv", second(dev.Recv(ended, make([]byte, 1), 0, never)), io.EOF)
		waits, _ := connect(t, dev)
		u, _ := bind(t, dev)
		l, _ := listen(t, dev, 1)
		recv := start(func() (int, error) { return dev.Recv(waits, make([]byte, 1), 0, never) })
		from := start(func() (int, error) { return dev.Recv(u, make([]byte, 1), 0, never) })
		accept := start(func() (int, error) { fd, _, err := dev.Accept(l); return fd, err })
		synctest.Wait()
		must(t, chip.core.Do(t.Context(), func() error { chip.reset(); return nil }))

		want(t, "Recv", (<-recv).err, netdev.ErrConnReset)
		want(t, "Recv of a datagram", (<-from).err, netdev.ErrNetDown)
		want(t, "Accept", (<-accept).err, netdev.ErrNetDown)
		buf := make([]byte, 10)
		if n, err := dev.Recv(full, buf, 0, never); string(buf[:n]) != "before" || err != nil {
			t.Fatalf("Recv of what was there: %q, %v", buf[:n], err)
		}
		want(t, "Recv after it", second(dev.Recv(full, buf, 0, never)), netdev.ErrConnReset)
		want(t, "Recv after the end", second(dev.Recv(ended, buf, 0, never)), io.EOF)
		want(t, "Send after the end", second(dev.Send(ended, buf, 0, never)), netdev.ErrConnReset)
		for _, fd := range []int{full, ended, waits, u, l} {
			must(t, dev.Close(fd))
		}
		synctest.Wait()
		if n := chip.calls("Close"); n != 0 {
			t.Fatalf("the chip was asked to close %d sockets that it does not have", n)
		}
		again, local := connect(t, dev)
		chip.with(local, func(s *fakeSock) { s.echo = true })
		_, err := dev.Send(again, []byte("x"), 0, never)
		must(t, err)
		_, err = dev.Recv(again, buf, 0, in(time.Second))
		must(t, err)
	})
}

// The driver finds out in the middle of whatever it is doing.
func TestResetInsideEachCall(t *testing.T) {
	for _, during := range []string{"Open", "Bind", "Listen", "Accept", "Connect", "Connected", "Send", "Recv", "SendTo", "RecvFrom", "CloseWrite", "Close"} {
		t.Run(during, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chip, dev := newFake(t, offload.Config{})
				armed := true
				chip.on(func(call string, id int) error {
					if call == "Connect" && during == "Connected" && armed {
						return netdev.ErrInProgress
					}
					if call == during && armed {
						armed = false
						chip.reset()
						return netdev.ErrNetDown
					}
					return nil
				})
				deadline := in(time.Minute)
				tcp, err := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
				if err == nil {
					if err = dev.Connect(tcp, "", peerAddr); err == nil {
						if _, err = dev.Send(tcp, []byte("x"), 0, deadline); err == nil && during == "Recv" {
							_, err = dev.Recv(tcp, make([]byte, 1), 0, deadline)
						}
						dev.Shutdown(tcp, netdev.SHUT_WR)
						synctest.Wait()
					}
					dev.Close(tcp)
				}
				udp, e := dev.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
				if err = errors.Join(err, e); e == nil {
					_, e = dev.SendTo(udp, []byte("x"), 0, peerAddr, deadline)
					if err = errors.Join(err, e); e == nil && during == "RecvFrom" {
						_, e = dev.Recv(udp, make([]byte, 1), 0, deadline)
						err = errors.Join(err, e)
					}
					dev.Close(udp)
				}
				l, e := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
				if err = errors.Join(err, e); e == nil {
					if e = dev.Listen(l, 1); e == nil && during == "Accept" {
						_, _, e = dev.Accept(l)
					}
					err = errors.Join(err, e)
					dev.Close(l)
				}
				switch during {
				case "Send", "CloseWrite", "SendTo", "Close":
					// What was taken is lost after the call has returned.
				default:
					if !errors.Is(err, netdev.ErrNetDown) && !errors.Is(err, netdev.ErrConnReset) {
						t.Fatalf("the calls returned %v", err)
					}
				}
				if armed {
					t.Fatal("the chip was not asked")
				}
				fd, local := connect(t, dev)
				chip.with(local, func(s *fakeSock) { s.echo = true })
				_, err = dev.Send(fd, []byte("x"), 0, deadline)
				must(t, err)
				_, err = dev.Recv(fd, make([]byte, 1), 0, deadline)
				must(t, err)
			})
		})
	}
}

func TestDownTellsItsReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		reason := errors.New("access point is gone")
		fd, _ := connect(t, dev)
		r := start(func() (int, error) { return dev.Recv(fd, make([]byte, 1), 0, never) })
		synctest.Wait()
		chip.core.Down(reason)
		want(t, "Recv", (<-r).err, reason)
		want(t, "Connect", dev.Connect(fd, "", netip.AddrPort{}), reason)
		must(t, dev.Close(fd))
	})
}

// What broke the sending was no FIN, whatever the chip says of receiving.
func TestABrokenConnectionHasNoEndOfStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, local := connect(t, dev)
		chip.with(local, func(s *fakeSock) { s.in, s.end = []byte("last"), io.EOF })
		chip.on(func(call string, id int) error {
			if call == "Send" {
				return netdev.ErrConnReset
			}
			return nil
		})
		_, err := dev.Send(fd, []byte("x"), 0, never)
		must(t, err)
		synctest.Wait()
		want(t, "Send", second(dev.Send(fd, []byte("x"), 0, never)), netdev.ErrConnReset)
		buf := make([]byte, 10)
		if n, err := dev.Recv(fd, buf, 0, never); string(buf[:n]) != "last" || err != nil {
			t.Fatalf("Recv: %q, %v", buf[:n], err)
		}
		want(t, "Recv", second(dev.Recv(fd, buf, 0, never)), netdev.ErrConnReset)
	})
}

func TestAResetMakesRoomForWhoWaitsForOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		chip.most = 1
		chip.on(func(call string, id int) error {
			switch call {
			case "Close":
				return netdev.ErrInProgress
			case "Recv":
				return netdev.ErrConnReset
			}
			return nil
		})
		fd, _ := connect(t, dev)
		want(t, "Recv", second(dev.Recv(fd, make([]byte, 1), 0, never)), netdev.ErrConnReset)
		r := start(func() (int, error) { return dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0) })
		pass(time.Minute)
		must(t, chip.core.Do(t.Context(), func() error { chip.reset(); return nil }))
		must(t, (<-r).err)
	})
}
