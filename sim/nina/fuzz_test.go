package nina_test

import (
	"testing"
	"time"

	"github.com/netdev-go/netdev/sim/nina"
)

// FuzzCommands clocks whatever bytes into the chip, one command after the other. It
// answers each, is reset by it, or waits for the network.
func FuzzCommands(f *testing.F) {
	f.Add([]byte("\x10\x07testnet"), "2.0.0")
	f.Add([]byte("\x08\xE0\x70\x02\x01\x01\x01\x06\xEE\x08\xE0\x71\x01\x01\x36\xEE\xFF\xFF"), "2.0.0")
	f.Add([]byte("\x08\xE0\x3F\x00\xEE\x00\x00\x00\x00\x08\xE0\x2B\x01\x01\x0A\xEE\xFF\xFF"), "1.4.8")
	f.Add([]byte("\x0C\xE0\x46\x02\x00\x01\x00\x0F\xFF\x00\x00\x00\x00"), "1.5.0")
	f.Add([]byte("\x18\xE0\x19\x03\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), "2.0.0")
	f.Fuzz(func(t *testing.T, data []byte, firmware string) {
		inWorld(t, nina.Config{Firmware: firmware}, func(t *testing.T, w *world) {
			for range 20 {
				if len(data) == 0 {
					return
				}
				n := min(1+int(data[0]), len(data))
				w.begin(data[1:n])
				data = data[n:]
				time.Sleep(10 * time.Minute)
				if w.chip.Ready() {
					w.chip.Reset(false)
					w.chip.Reset(true)
					continue
				}
				w.end(4096)
			}
		})
	})
}

// Every command, with parameters of all sizes.
func TestEveryCommandIsAnsweredOrWaits(t *testing.T) {
	for cmd := range 0x80 {
		inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
			for _, size := range []int{0, 1, 2, 4, 6, 8, 16, 100, 255} {
				params := make([]byte, 6*size)
				for i := range params {
					params[i] = byte(i)
				}
				for n := range 6 {
					var p [][]byte
					for i := range n {
						p = append(p, params[i*size:(i+1)*size])
					}
					w.begin(frame(byte(cmd), p...))
					time.Sleep(10 * time.Minute)
					if w.chip.Ready() {
						w.chip.Reset(false)
						w.chip.Reset(true)
						continue
					}
					w.end(4092)
				}
			}
			w.chip.Reset(false)
			w.chip.Reset(true)
			w.vector("E0 20 00 EE", "E0 A0 01 01 00 EE 00 00")
		})
	}
}
