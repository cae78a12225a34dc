package nina_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/netdev-go/netdev/sim/nina"
	"github.com/netdev-go/netdev/sim/radio"
)

// attempt exchanges a command with a chip that may be gone at any moment. It gives
// up after ten seconds of READY high.
func (w *world) attempt(command []byte) (response []byte) {
	for _, b := range [][]byte{command, make([]byte, 64)} {
		for deadline := time.Now().Add(10 * time.Second); w.chip.Ready(); {
			if time.Now().After(deadline) {
				return nil
			}
			time.Sleep(100 * time.Microsecond)
		}
		response = make([]byte, len(b))
		w.chip.CS(false)
		must(w.t, w.chip.Tx(b, response))
		w.chip.CS(true)
	}
	return response
}

// What happens to the chip while it works must not leave anything behind that the
// next run meets.
func TestItIsLostAtAnyMoment(t *testing.T) {
	for seed := range uint64(40) {
		air := radio.Anywhere()
		inWorld(t, nina.Config{Air: air, Seed: seed, BootTime: 10 * time.Millisecond, JoinTime: 10 * time.Millisecond}, func(t *testing.T, w *world) {
			lot := rand.New(rand.NewPCG(seed, 1))
			h := w.host("peer")
			shout(t, h, ":80")
			addr, _ := h.Addr()
			to := [][]byte{ip(addr), be(80)}
			commands := [][]byte{
				frame(0x10, []byte("net")), frame(0x20), frame(0x27), frame(0x30, b1(0xFF)), frame(0x34, []byte("peer")),
				frame(0x3E, ip(addr), b1(9)), frame(0x18, []byte("nina"), b1(1)),
				frame(0x28, be(81), b1(1), b1(0)), frame(0x28, be(82), b1(2), b1(1)), frame(0x2B, b1(1)),
				frame(0x2D, append(to, b1(0), b1(0))...), frame(0x44, b1(0), make([]byte, 1000)), frame(0x45, b1(0), le(1000)),
				frame(0x2F, b1(0)), frame(0x2E, b1(0)),
				frame(0x70, b1(1), b1(0)), frame(0x7B, b1(54), le4(0x8004667E), le4(1)), frame(0x76, append([][]byte{b1(54)}, to...)...),
				frame(0x77, b1(54), make([]byte, 1000)), frame(0x78, b1(54), le(1000)), frame(0x7C, b1(54)), frame(0x71, b1(54)),
			}
			for range 60 {
				switch lot.IntN(12) {
				case 0:
					time.AfterFunc(time.Duration(lot.IntN(200_000))*time.Microsecond, w.chip.Crash)
				case 1:
					w.chip.Reset(false)
					w.chip.Reset(true)
				case 2:
					air.Drop("")
					air.Return("")
				}
				w.attempt(commands[lot.IntN(len(commands))])
			}
			time.Sleep(time.Second)
			w.noAbuse()
			w.chip.Reset(false)
			w.chip.Reset(true)
			w.afresh()
			if slot := w.legacyDial(mustAddrPort(t, addr.String()+":80")); slot != 0 {
				t.Errorf("seed %d: the first slot is %d", seed, slot)
			}
		})
	}
}
