package nina_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/netdev-go/netdev/sim/nina"
)

func TestNames(t *testing.T) {
	inWorld(t, nina.Config{DNSTime: 4 * time.Second}, func(t *testing.T, w *world) {
		w.want(0x34, 0, []byte("gateway"))
		w.join()
		start := time.Now()
		w.want(0x34, 1, []byte("gateway"))
		if d := time.Since(start); d < 4*time.Second {
			t.Errorf("READY is low after %v", d)
		}
		if r := w.call(0x35); !bytes.Equal(r[0], []byte{10, 0, 2, 1}) {
			t.Errorf("gateway is at % X", r)
		}
		w.want(0x34, 0, []byte("nobody.netdev"))
		if r := w.call(0x35); !bytes.Equal(r[0], []byte{255, 255, 255, 255}) {
			t.Errorf("nobody is at % X", r)
		}
		w.want(0x34, 1, []byte("192.0.2.7"))
		if r := w.call(0x35); !bytes.Equal(r[0], []byte{192, 0, 2, 7}) {
			t.Errorf("an address is at % X", r)
		}
		w.noAbuse()
	})
}

func TestPing(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		if r := w.call(0x3E, []byte{10, 0, 2, 1}, b1(64)); !bytes.Equal(r[0], []byte{0, 0}) {
			t.Errorf("the gateway answers within % X ms", r)
		}
		start := time.Now()
		if r := w.call(0x3E, []byte{10, 0, 2, 5}, b1(64)); !bytes.Equal(r[0], []byte{0xFF, 0xFF}) {
			t.Errorf("nobody answers within % X ms", r)
		}
		if d := time.Since(start); d.Round(time.Second) != 5*time.Second {
			t.Errorf("that takes %v", d)
		}
		// It needs a socket.
		for range 10 {
			w.open(2)
		}
		start = time.Now()
		if r := w.call(0x3E, []byte{10, 0, 2, 1}, b1(64)); !bytes.Equal(r[0], []byte{0xFF, 0xFF}) || time.Since(start) > time.Second {
			t.Errorf("without a socket: % X, after %v", r, time.Since(start))
		}
		w.noAbuse()
	})
}
