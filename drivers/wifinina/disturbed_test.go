//go:build !tinygo

package wifinina_test

import (
	"bytes"
	stdnet "net"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/wifinina"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/boards"
)

// twist has the next commands of that number arrive as another one.
func (w *world) twist(cmd, as byte, times int) {
	r := reader{}
	w.chip.Inject(func(_ int64, b byte) []byte {
		if c, _ := r.next(b); c == cmd && r.at == 2 && times > 0 {
			times--
			b = as
		}
		return []byte{b}
	}, nil)
}

func TestOneDisturbedCommandDoesNotCostTheLink(t *testing.T) {
	inTime(t, "2.0.0", func(t *testing.T, w *world) {
		w.dev.NetDisconnect()
		must(t, w.board.NetConnect(&netlink.ConnectParams{WatchdogTimeout: time.Second}))
		fd, c := w.connect()
		for _, as := range []byte{0x21, 0x22, 0x60, 0x28} {
			w.twist(0x20, as, 1)
			time.Sleep(3 * time.Second)
			w.works(fd, c)
		}
	})
}

func TestAListenerOutlivesADisturbedCommand(t *testing.T) {
	inTime(t, "1.4.8", func(t *testing.T, w *world) {
		l, addr := w.serve()
		for range 3 {
			w.twist(0x29, 0x2B, 1)
			c := w.dial(addr)
			c.Write([]byte("hello"))
			fd, _, err := w.dev.Accept(l)
			must(t, err)
			c.Close()
			must(t, w.dev.Close(fd))
		}
	})
}

func TestAClosedListenerIsFoundAgainAfterADisturbedCommand(t *testing.T) {
	inTime(t, "1.4.8", func(t *testing.T, w *world) {
		l, addr := w.serve()
		must(t, w.dev.Close(l))
		w.twist(0x29, 0x2B, 1)
		for range 3 {
			l = w.socket(netdev.SOCK_STREAM)
			must(t, w.dev.Bind(l, netip.AddrPortFrom(netip.Addr{}, addr.Port())))
			err := w.dev.Listen(l, 1)
			must(t, w.dev.Close(l))
			if err != nil {
				t.Errorf("Listen: %v", err)
			}
		}
	})
}

func TestADatagramIsWholeOrLost(t *testing.T) {
	inTime(t, "1.4.8", func(t *testing.T, w *world) {
		c, _ := w.packets()
		u := w.socket(netdev.SOCK_DGRAM)
		must(t, w.dev.Bind(u, anyPort))
		name, err := w.dev.GetSockName(u)
		must(t, err)
		to := &stdnet.UDPAddr{IP: w.addr().AsSlice(), Port: int(name.Port())}
		sent := [2][]byte{bytes.Repeat([]byte("1"), 200), bytes.Repeat([]byte("2"), 200)}
		r := reader{}
		done := false
		w.chip.Inject(func(_ int64, b byte) []byte {
			// The size that is asked for, 200, loses a bit.
			if cmd, p := r.next(b); cmd == 0x45 && p == param && b == 200 && !done {
				done = true
				b &^= 0x80
			}
			return []byte{b}
		}, nil)
		for _, b := range sent {
			c.WriteTo(b, to)
		}
		for {
			b := make([]byte, 300)
			n, _, err := w.dev.RecvFrom(u, b, 0, time.Now().Add(time.Second))
			if err != nil {
				break
			}
			if !bytes.Equal(b[:n], sent[0]) && !bytes.Equal(b[:n], sent[1]) {
				t.Errorf("received %q", b[:n])
			}
		}
		if !done {
			t.Error("nothing was disturbed")
		}
	})
}

func TestAVersionThatWasNotUnderstoodIsAskedForAgain(t *testing.T) {
	t.Parallel()
	b, chip, err := boards.WifiNINA(boards.Config{Firmware: "1.4.8"})
	must(t, err)
	defer b.Stop()
	w := &world{T: t, dev: b.Netdever.(*wifinina.Device), chip: chip}
	w.twist(0x37, 0x35, 1)
	if v, err := w.dev.Firmware(); err == nil {
		t.Errorf("disturbed: %q", v)
	}
	if v, err := w.dev.Firmware(); v != "1.4.8" || err != nil {
		t.Errorf("Firmware: %q, %v", v, err)
	}
}

func TestADatagramSocketThatTheChipHasClosedIsDown(t *testing.T) {
	inTime(t, "2.0.0", func(t *testing.T, w *world) {
		u := w.socket(netdev.SOCK_DGRAM)
		must(t, w.dev.Bind(u, anyPort))
		w.twist(0x7C, 0x71, 1)
		_, _, err := w.dev.RecvFrom(u, make([]byte, 1), 0, soon())
		want(t, "RecvFrom", err, netdev.ErrNetDown) // there is no connection to reset
	})
}
