//go:build !tinygo

package wifinina_test

import (
	stdnet "net"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
)

func TestWhoWaitsForOldFirmwareLearnsThatItHasRestarted(t *testing.T) {
	for what, call := range map[string]func(w *world) error{
		"Accept": func(w *world) error {
			l, _ := w.serve()
			_, _, err := w.dev.Accept(l)
			return err
		},
		"RecvFrom": func(w *world) error {
			u := w.socket(netdev.SOCK_DGRAM)
			must(w.T, w.dev.Bind(u, anyPort))
			_, _, err := w.dev.RecvFrom(u, make([]byte, 1), 0, time.Now().Add(time.Minute))
			return err
		},
	} {
		inTime(t, "1.4.8", func(t *testing.T, w *world) {
			done := make(chan error, 1)
			go func() { done <- call(w) }()
			time.Sleep(time.Second)
			w.chip.Crash()
			select {
			case err := <-done:
				want(t, what, err, netdev.ErrNetDown)
			case <-time.After(20 * time.Second):
				t.Errorf("%s still waits", what)
				w.dev.NetDisconnect()
				<-done
			}
		})
	}
}

func TestADialFindsOutThatTheChipHasRestarted(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		_, to := w.listen()
		told := make(chan netlink.Event, 10)
		w.dev.NetNotify(func(e netlink.Event) { told <- e })
		w.chip.Crash()
		time.Sleep(10 * time.Second)
		fd := w.socket(netdev.SOCK_STREAM)
		err := w.dev.Connect(fd, "", to)
		if err != netdev.ErrNetDown && err != netdev.ErrConnReset {
			t.Errorf("Connect: %v", err)
		}
		select {
		case <-told:
		case <-time.After(time.Second):
			t.Error("nobody was told")
		}
	})
}

func TestADatagramFindsOutThatTheChipHasRestarted(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		_, to := w.packets()
		told := make(chan netlink.Event, 10)
		w.dev.NetNotify(func(e netlink.Event) { told <- e })
		w.chip.Crash()
		time.Sleep(10 * time.Second)
		u := w.socket(netdev.SOCK_DGRAM)
		_, err := w.dev.SendTo(u, []byte("x"), 0, to, soon())
		select {
		case <-told:
		case <-time.After(time.Second):
			t.Errorf("nobody was told: %v", err)
		}
	})
}

func TestADatagramOfAChipThatWasResetIsNotReceivedLater(t *testing.T) {
	inTime(t, "1.4.8", func(t *testing.T, w *world) {
		c, to := w.packets()
		u := w.socket(netdev.SOCK_DGRAM)
		must(t, w.dev.Bind(u, anyPort))
		name, err := w.dev.GetSockName(u)
		must(t, err)
		c.WriteTo([]byte("old"), &stdnet.UDPAddr{IP: w.addr().AsSlice(), Port: int(name.Port())})
		time.Sleep(time.Second)
		_, err = w.dev.SendTo(u, []byte("x"), 0, to, soon())
		must(t, err)
		time.Sleep(time.Second)
		w.chip.Crash()
		time.Sleep(10 * time.Second)
		fd := w.socket(netdev.SOCK_STREAM)
		w.dev.Connect(fd, "", to) // which finds out
		must(t, w.board.NetConnect(&netlink.ConnectParams{}))
		u = w.socket(netdev.SOCK_DGRAM)
		must(t, w.dev.Bind(u, anyPort))
		n, _, err := w.dev.RecvFrom(u, make([]byte, 10), 0, soon())
		want(t, "RecvFrom", err, netdev.ErrTimeout)
		if n > 0 {
			t.Errorf("%d bytes", n)
		}
	})
}
