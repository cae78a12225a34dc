package stack_test

import (
	"bytes"
	"hash/fnv"
	"io"
	"maps"
	"math/rand/v2"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

// lossyRun sends a file over a bad link in virtual time, and returns a hash of all
// that each end has sent, and when.
func lossyRun(t *testing.T, seed uint64) (hashes map[string]uint64, frames int, took time.Duration) {
	hashes = map[string]uint64{}
	synctest.Test(t, func(t *testing.T) {
		da, db, err := ether.Cable(ether.Config{Queue: 1024, Seed: seed}, ether.Config{Queue: 1024, Seed: seed})
		must(t, err)
		defer da.Close()
		defer db.Close()
		bad := ether.Impairment{Loss: 0.03, Delay: 10 * time.Millisecond, Jitter: 3 * time.Millisecond, Reorder: 0.05, Duplicate: 0.01, Rate: 20e6}
		must(t, da.Impair(ether.Transmit, bad))
		must(t, db.Impair(ether.Transmit, bad))
		var mu sync.Mutex
		start := time.Now()
		tap := func(dev *ether.Device) *watchedDevice {
			h := fnv.New64a()
			return &watchedDevice{Device: dev, sent: func(frame []byte) {
				mu.Lock()
				defer mu.Unlock()
				var at [8]byte
				for i, d := 0, time.Since(start); i < 8; i++ {
					at[i] = byte(d >> (8 * i))
				}
				h.Write(at[:])
				h.Write(frame)
				frames++
				hashes[dev.Name()] = h.Sum64()
			}}
		}
		a := newStack(t, tap(da), stack.Config{Address: netip.PrefixFrom(addrA, 24), Rand: rand.NewPCG(seed, 1).Uint64})
		b := newStack(t, tap(db), stack.Config{Address: netip.PrefixFrom(addrB, 24), Rand: rand.NewPCG(seed, 2).Uint64})
		must(t, a.NetConnect(nil))
		must(t, b.NetConnect(nil))
		fa, fb := connected(t, a, b)
		data := bytes.Repeat([]byte("0123456789"), 30_000)
		// Whoever is woken by a frame runs beside the goroutine that goes on with the
		// next one, so the programs look after their sockets at times of their own.
		go func() {
			for left := data; len(left) > 0; time.Sleep(777_777) {
				n, _ := a.Send(fa, left, netdev.MSG_DONTWAIT, never)
				left = left[n:]
			}
			a.Shutdown(fa, netdev.SHUT_WR)
		}()
		var got []byte
		buf := make([]byte, 1<<16)
		for err = nil; err != io.EOF; {
			var n int
			if n, err = b.Recv(fb, buf, netdev.MSG_DONTWAIT, never); err == netdev.ErrWouldBlock {
				time.Sleep(555_555)
			} else if err != nil && err != io.EOF {
				t.Fatal(err)
			}
			got = append(got, buf[:n]...)
		}
		if !bytes.Equal(got, data) {
			t.Errorf("%d of %d bytes arrived, or others", len(got), len(data))
		}
		took = time.Since(start)
		must(t, a.Close(fa))
		must(t, b.Close(fb))
		time.Sleep(time.Minute)
	})
	return hashes, frames, took
}

// watchedDevice tells of each frame that the stack sends.
type watchedDevice struct {
	*ether.Device
	sent func(frame []byte)
}

func (d *watchedDevice) SendOffsetEthFrame(frame []byte) error {
	d.sent(frame)
	return d.Device.SendOffsetEthFrame(frame)
}

func TestARunRepeatsItselfInVirtualTime(t *testing.T) {
	hash, frames, took := lossyRun(t, 1)
	t.Logf("%d frames in %v", frames, took)
	for range 3 {
		if h, n, d := lossyRun(t, 1); !maps.Equal(h, hash) || n != frames || d != took {
			t.Errorf("another run: %d frames in %v, hash %x; the first one: %d in %v, %x", n, d, h, frames, took, hash)
		}
	}
	if h, _, _ := lossyRun(t, 2); maps.Equal(h, hash) {
		t.Error("another seed makes the same run")
	}
}
