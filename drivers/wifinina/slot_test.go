//go:build !tinygo

package wifinina_test

import (
	"errors"
	stdnet "net"
	"os"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
)

func TestAClosedListenerTurnsAwayWhileSomebodyWaitsElsewhere(t *testing.T) {
	inTime(t, "1.4.8", func(t *testing.T, w *world) {
		l, addr := w.serve()
		must(t, w.dev.Close(l))
		fd, _ := w.connect()
		done := make(chan error, 1)
		go func() {
			_, err := w.dev.Recv(fd, make([]byte, 1), 0, time.Now().Add(time.Minute))
			done <- err
		}()
		c := w.dial(addr)
		c.Write([]byte("anybody?"))
		c.SetDeadline(soon())
		if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the peer read %v", err)
		}
		w.dev.Close(fd)
		<-done
	})
}

// Neither the answer of the chip nor its state is understood.
func TestAConnectionThatNobodyWasToldOfIsClosed(t *testing.T) {
	inTime(t, "1.4.8", func(t *testing.T, w *world) {
		l, to := w.listen()
		fd := w.socket(netdev.SOCK_STREAM)
		r := reader{reply: true}
		w.chip.Inject(nil, func(_ int64, b byte) []byte {
			if c, p := r.next(b); (c == 0x2D || c == 0x2F) && p == tail {
				b ^= 0x40
			}
			return []byte{b}
		})
		err := w.dev.Connect(fd, "", to)
		w.chip.Inject(nil, nil)
		want(t, "Connect", err, netdev.ErrConnReset)
		c, err := l.Accept()
		must(t, err)
		defer c.Close()
		c.SetDeadline(soon())
		if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the peer is left waiting: %v", err)
		}
	})
}

// The firmware looks at no number: that of nothing goes beyond its table.
func TestAChipThatRestartsInTheMiddleIsAskedForNoSlot(t *testing.T) {
	for i := range 24 {
		cmd, nth := []byte{0x28, 0x29, 0x2B, 0x2D, 0x2F, 0x39, 0x3A, 0x44}[i/3], i%3
		inTime(t, "1.4.8", func(t *testing.T, w *world) {
			_, to := w.listen()
			p, pto := w.packets()
			r := reader{}
			w.chip.Inject(func(_ int64, b byte) []byte {
				if c, _ := r.next(b); c == cmd && r.at == 2 {
					if nth--; nth == -1 {
						go w.chip.Crash()
					}
				}
				return []byte{b}
			}, nil)
			u := w.socket(netdev.SOCK_DGRAM)
			w.dev.Bind(u, anyPort)
			for range 2 {
				if name, err := w.dev.GetSockName(u); err == nil {
					p.WriteTo([]byte("hello"), &stdnet.UDPAddr{IP: w.addr().AsSlice(), Port: int(name.Port())})
				}
				time.Sleep(10 * time.Millisecond)
				w.dev.SendTo(u, []byte("hello"), 0, pto, soon())
			}
			w.dev.RecvFrom(u, make([]byte, 1), 0, time.Now().Add(time.Second))
			if l, err := w.dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); err == nil {
				w.dev.Listen(l, 1)
			}
			if fd, err := w.dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); err == nil {
				w.dev.Connect(fd, "", to)
				w.dev.Send(fd, []byte("hello"), 0, soon())
				w.dev.Recv(fd, make([]byte, 10), 0, time.Now().Add(time.Second))
			}
			w.dev.NetDisconnect()
		})
	}
}
