//go:build !tinygo

package espat_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	driver "github.com/netdev-go/netdev/drivers/espat"
	"github.com/netdev-go/netdev/sim/boards"
)

// polled is a UART as TinyGo has it: nothing wakes who waits for it.
type polled struct{ driver.UART }

// A receive ring of 128 bytes is full after 11 ms at this speed.
func TestASmallRingLosesNothing(t *testing.T) {
	t.Run("woken", func(t *testing.T) { inWorld(t, boards.Config{}, smallRing) })
	t.Run("polled", func(t *testing.T) {
		inWorldWith(t, boards.Config{}, func(u driver.UART) driver.UART { return polled{u} }, smallRing)
	})
}

func smallRing(w *world) {
	const size = 30000
	at := w.echoes()
	var wg sync.WaitGroup
	for range 3 {
		fd := w.connect(at)
		out := make([]byte, size)
		for i := range out {
			out[i] = byte(i % 251)
		}
		wg.Go(func() {
			if n, err := w.Send(fd, out, 0, never); n != size || err != nil {
				w.Errorf("Send = %d, %v", n, err)
			}
		})
		wg.Go(func() {
			in := make([]byte, size)
			for got := 0; got < size; {
				n, err := w.Recv(fd, in[got:], 0, time.Now().Add(time.Minute))
				if err != nil {
					w.Errorf("Recv after %d bytes: %v", got, err)
					return
				}
				got += n
			}
			if !bytes.Equal(in, out) {
				w.Error("what came back is not what was sent")
			}
		})
	}
	wg.Wait()
	if s := w.chip.Stats(); s.Lost > 0 || s.Errors > 3 || s.Busy > 0 || s.Abuse > 0 {
		w.Errorf("module %+v", s)
	}
}

// A burst from the network stays in the module until it is asked for.
func TestABurstNeverReachesTheRing(t *testing.T) {
	inWorld(t, boards.Config{}, func(w *world) {
		at := netip.AddrPortFrom(w.peer.Addr(netdev.AF_INET), w.peer.FreePort())
		l, err := w.peer.Listen(context.Background(), "tcp", at.String())
		w.must("Listen", err)
		defer l.Close()
		burst := bytes.Repeat([]byte("a burst of bytes"), 2000)
		go func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Write(burst)
			c.Close()
		}()
		fd := w.connect(at)
		time.Sleep(3 * time.Second) // nobody reads
		if s := w.chip.Stats(); s.Lost > 0 {
			w.Errorf("%d bytes were lost", s.Lost)
		}
		var got []byte
		b := make([]byte, 300)
		for {
			n, err := w.Recv(fd, b, 0, time.Now().Add(time.Minute))
			got = append(got, b[:n]...)
			if errors.Is(err, io.EOF) {
				break
			}
			w.must("Recv", err)
		}
		if !bytes.Equal(got, burst) {
			w.Errorf("received %d bytes, which are not the %d that were sent", len(got), len(burst))
		}
		w.close(fd)
	})
}

// An idle module answers an echo in the time that the UART takes.
func TestAnEchoTakesNoLongerThanItsBytes(t *testing.T) {
	inWorld(t, boards.Config{}, func(w *world) {
		fd := w.connect(w.echoes())
		b := make([]byte, 1)
		for range 3 {
			time.Sleep(10 * time.Second)
			before := w.chip.Stats()
			begin := time.Now()
			_, err := w.Send(fd, []byte("x"), 0, never)
			w.must("Send", err)
			_, err = w.Recv(fd, b, 0, never)
			w.must("Recv", err)
			took := time.Since(begin)
			after := w.chip.Stats()
			bytes := after.BytesIn - before.BytesIn + after.BytesOut - before.BytesOut
			onWire := time.Duration(bytes) * 10 * time.Second / 115200
			if took > onWire+5*time.Millisecond {
				w.Errorf("an echo took %v, and its %d bytes %v", took, bytes, onWire)
			}
		}
	})
}

// Nobody waits, so nothing is said.
func TestAnIdleDeviceIsSilent(t *testing.T) {
	inWorld(t, boards.Config{}, func(w *world) {
		w.close(w.connect(w.echoes()))
		w.NetDisconnect()
		time.Sleep(time.Second)
		before := w.chip.Stats().BytesIn
		time.Sleep(time.Hour)
		if n := w.chip.Stats().BytesIn - before; n > 0 {
			w.Errorf("%d bytes were sent to the module in an hour", n)
		}
	})
}
