//go:build !tinygo

package rtl8720dn_test

import (
	"io"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/boards"
)

// A byte that comes back goes over the wire in four calls at most, of a few
// milliseconds each at the UART's speed; nothing sleeps in its way.
func TestAByteComesBackAsFastAsTheWireAllows(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		fd, far := w.connect()
		go io.Copy(far, far)
		for _, idle := range []time.Duration{0, time.Second, time.Hour} {
			time.Sleep(idle)
			begin := time.Now()
			if _, err := w.Send(fd, []byte("x"), 0, soon()); err != nil {
				t.Fatal(err)
			}
			if n, err := w.Recv(fd, make([]byte, 1), 0, soon()); n != 1 || err != nil {
				t.Fatalf("Recv = %d, %v", n, err)
			}
			took := time.Since(begin)
			t.Logf("after %v: %v", idle, took)
			if took > 10*time.Millisecond {
				t.Errorf("after %v a byte took %v", idle, took)
			}
		}
	})
}

func TestAChipThatNobodyWaitsForIsLeftAlone(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		fd, far := w.connect()
		listener, _ := w.server(4)
		packet, err := w.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
		w.must("Socket", err)
		far.Write([]byte("unread"))
		time.Sleep(time.Second)
		calls := w.Stats().Calls
		time.Sleep(time.Hour)
		if n := w.Stats().Calls - calls; n > 0 {
			t.Errorf("%d calls while nobody waited", n)
		}
		for _, fd := range []int{fd, listener, packet} {
			w.must("Close", w.Close(fd))
		}
	})
}

// The rings at both ends of the wire are small, and full only if somebody sleeps.
func TestNothingIsLostToSmallRings(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		fd, far := w.connect()
		go func() {
			far.Write(make([]byte, 50_000))
			far.Close()
		}()
		total := 0
		buf := make([]byte, 4000)
		for {
			n, err := w.Recv(fd, buf, 0, soon())
			total += n
			if err == io.EOF {
				break
			}
			w.must("Recv", err)
		}
		if s := w.chip.Stats(); total != 50_000 || s.Lost != 0 || w.Stats().Damaged != 0 {
			t.Errorf("received %d; the ring lost %d; %d frames were damaged", total, s.Lost, w.Stats().Damaged)
		}
	})
}
