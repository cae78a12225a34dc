package w5500_test

import (
	"bytes"
	"testing"

	"github.com/netdev-go/netdev/sim/w5500"
	"github.com/netdev-go/netdev/stack"
)

// lonely is a device that nobody hears, for a chip on its own.
type lonely struct{}

func (lonely) HardwareAddr6() ([6]byte, error)        { return chipMAC, nil }
func (lonely) SendOffsetEthFrame([]byte) error        { return nil }
func (lonely) SetEthRecvHandler(func([]byte))         {}
func (lonely) EthPoll([]byte) (off, n int, err error) { return 0, 0, nil }
func (lonely) MaxFrameSizeAndOffset() (max, off int)  { return 1514, 0 }

// Whatever is clocked in, the chip is as new after a reset. A byte that is 0xFF
// raises CS.
func FuzzFrames(f *testing.F) {
	f.Add([]byte{0x00, 0x00, 0x04, 0x80, 0xFF, 0x00, 0x04, 0x2C, 0x13, 0x88, 0xFF, 0x00, 0x00, 0x2C, 0x01, 0xFF, 0x00, 0x01, 0x2C, 0x01})
	f.Add([]byte{0, 0x0F, 4, 10, 0, 0, 2, 0xFF, 0, 0, 0x0C, 2, 0xFF, 0, 4, 0x0C, 0, 99, 0xFF, 0, 1, 0x0C, 1, 0xFF, 0, 0x0C, 0x0C, 10, 0, 0, 1, 0, 9,
		0xFF, 0, 0x24, 0x0C, 0, 9, 0xFF, 0, 1, 0x0C, 0x20})
	f.Add([]byte{0, 0, 0x0C, 4, 0xFF, 0, 1, 0x0C, 1, 0xFF, 0, 0x24, 0x0C, 0, 60, 0xFF, 0, 1, 0x0C, 0x20})
	f.Add([]byte{0, 0, 0x0C, 1, 0xFF, 0, 4, 0x0C, 0, 9, 0xFF, 0, 1, 0x0C, 1, 0xFF, 0, 1, 0x0C, 2, 0xFF, 0, 1, 0x0C, 8, 0xFF, 0, 0x28, 0x0C, 9, 9, 0xFF, 0, 1, 0x0C, 0x40})
	f.Add([]byte{0, 0x1E, 0x0D, 0, 0xFF, 0, 0, 0x0A, 0xFF, 0, 0, 0x13, 9, 9, 9, 9})
	f.Fuzz(func(t *testing.T, b []byte) {
		cable, err := w5500.NewCable(lonely{})
		must(t, err)
		own, err := stack.New(cable, stack.SmallBoard())
		must(t, err)
		defer own.Stop()
		r := &rig{TB: t, Chip: w5500.New(w5500.Config{Network: own, Cable: cable, Boot: -1})}
		defer r.Stop()
		for _, part := range bytes.Split(b, []byte{0xFF}) {
			r.CS(false)
			must(t, r.Tx(part, nil))
			must(t, r.Tx(nil, make([]byte, 2)))
			r.CS(true)
		}
		r.Reset(false)
		r.Reset(true)
		if got := r.read(0, 0, 0x1B); !bytes.Equal(got, append(make([]byte, 0x19), 0x07, 0xD0)) {
			t.Errorf("after a reset the registers are % X", got)
		}
		r.open(1, 1, 0x1388)
		if got := r.reg(1, snSR); got != initial {
			t.Errorf("socket 1 is %02X", got)
		}
	})
}
