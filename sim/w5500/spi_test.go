package w5500_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/netdev-go/netdev/sim/w5500"
)

// The worked frames of CHIPS.md D.
func TestWorkedFrames(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		r.write(0, 0x19, 1, 2)
		r.frame(0x00, 0x00, 0x04, 0x80)
		if got := r.read(0, 0x19, 2); !bytes.Equal(got, []byte{0x07, 0xD0}) {
			t.Errorf("RTR is % X after a reset", got)
		}
		r.frame(0x00, 0x04, 0x2C, 0x13, 0x88)
		r.frame(0x00, 0x00, 0x2C, 0x01)
		r.frame(0x00, 0x01, 0x2C, 0x01)
		if got := r.frame(0x00, 0x03, 0x28, 0x00); got[3] != 0x13 {
			t.Errorf("Sn_SR of socket 1 is %02X", got[3])
		}
		if got := r.read(regs(1), snPORT, 2); !bytes.Equal(got, []byte{0x13, 0x88}) {
			t.Errorf("Sn_PORT of socket 1 is % X", got)
		}
		if got := r.frame(0x00, 0x39, 0x00, 0x00); got[3] != 0x04 {
			t.Errorf("VERSIONR is %02X", got[3])
		}
	})
}

func TestRegistersAfterReset(t *testing.T) {
	bare(t, w5500.Config{}, func(r *rig) {
		want := make([]byte, 0x40)
		want[0x19], want[0x1A], want[0x1B], want[0x1C], want[phycfgr], want[versionr] = 0x07, 0xD0, 8, 0x28, 0xBF, 4
		if got := r.read(0, 0, 0x40); !bytes.Equal(got, want) {
			t.Errorf("common registers\n% X, want\n% X", got, want)
		}
		want = make([]byte, 0x40)
		copy(want[snDHAR:], bytes.Repeat([]byte{0xFF}, 6))
		want[0x16], want[snRXBUF], want[snTXBUF], want[snFSR], want[snIMR], want[0x2D] = 0x80, 2, 2, 0x08, 0xFF, 0x40
		for n := range 8 {
			if got := r.read(regs(n), 0, 0x40); !bytes.Equal(got, want) {
				t.Errorf("registers of socket %d\n% X, want\n% X", n, got, want)
			}
		}
	})
}

func TestWhatIsWrittenIsReadBackAndWhatIsReadOnlyIsNot(t *testing.T) {
	bare(t, w5500.Config{}, func(r *rig) {
		r.write(0, gar, 10, 0, 0, 1)
		r.write(0, shar, 1, 2, 3, 4, 5, 6)
		if got := r.read(0, gar, 14); !bytes.Equal(got, []byte{10, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6}) {
			t.Errorf("GAR, SUBR, SHAR are % X", got)
		}
		r.write(regs(3), snDIPR, 1, 2, 3, 4, 5, 6, 7, 8)
		if got := r.read(regs(3), snDIPR, 9); !bytes.Equal(got, []byte{1, 2, 3, 4, 5, 6, 7, 8, 0}) {
			t.Errorf("Sn_DIPR to Sn_MSSR and a reserved one are % X", got)
		}
		r.write(0, uipr, 9, 9, 9, 9, 9, 9)
		r.write(0, versionr, 9, 9, 9)
		r.write(regs(0), snSR, 0x17)
		r.write(regs(0), snFSR, 9, 9, 9, 9)
		r.write(regs(0), snRSR, 9, 9)
		r.write(regs(0), snRXWR, 9, 9)
		for _, f := range []struct {
			block byte
			addr  uint16
			want  []byte
		}{
			{0, uipr, make([]byte, 6)}, {0, versionr, []byte{4, 0, 0}}, {regs(0), snSR, []byte{0}},
			{regs(0), snFSR, []byte{8, 0, 0, 0}}, {regs(0), snRSR, []byte{0, 0}}, {regs(0), snRXWR, []byte{0, 0}},
			{4, 0, make([]byte, 8)}, {0, 0xFFF0, make([]byte, 8)},
		} {
			if got := r.read(f.block, f.addr, len(f.want)); !bytes.Equal(got, f.want) {
				t.Errorf("block %d, %04X: % X, want % X", f.block, f.addr, got, f.want)
			}
		}
	})
}

func TestFixedLengthsBeginANewFrameUnderTheSameCS(t *testing.T) {
	bare(t, w5500.Config{}, func(r *rig) {
		r.CS(false)
		must(t, r.Tx([]byte{0, gar, 0x07, 10, 0, 0, 1, 0, subr, 0x06, 255, 254, 0, 0x1B, 0x05, 3}, nil))
		in := make([]byte, 10)
		must(t, r.Tx([]byte{0, gar, 0x03, 0, 0, 0, 0, 0, 0x1B, 0x01}, in))
		must(t, r.Tx(nil, in[:1]))
		r.CS(true)
		if !bytes.Equal(in[3:7], []byte{10, 0, 0, 1}) || in[0] != 3 {
			t.Errorf("GAR % X, RCR %02X", in[3:7], in[0])
		}
		if got := r.read(0, subr, 4); !bytes.Equal(got, []byte{255, 254, 0, 0}) {
			t.Errorf("SUBR % X", got)
		}
	})
}

func TestAFrameEndsWithCS(t *testing.T) {
	bare(t, w5500.Config{}, func(r *rig) {
		r.CS(false)
		must(t, r.Tx([]byte{0, gar}, nil))
		r.CS(true)
		r.write(0, gar, 1)
		if got := r.read(0, 0, 3); !bytes.Equal(got, []byte{0, 1, 0}) {
			t.Errorf("MR and GAR are % X", got)
		}
	})
}

func TestClockingWithoutCSIsAbuse(t *testing.T) {
	bare(t, w5500.Config{}, func(r *rig) {
		in := make([]byte, 4)
		must(t, r.Tx([]byte{0, versionr, 0, 0}, in))
		if s := r.Stats(); s.Abuse != 1 || !bytes.Equal(in, []byte{255, 255, 255, 255}) {
			t.Errorf("%d abuses, read % X", s.Abuse, in)
		}
	})
}

func TestBufferAddressesWrapAtTheSizeOfTheSocket(t *testing.T) {
	bare(t, w5500.Config{}, func(r *rig) {
		r.write(regs(0), snTXBUF, 4)
		r.write(regs(1), snTXBUF, 1)
		r.write(regs(2), snTXBUF, 0)
		r.write(txb(1), 0x03FE, 1, 2, 3, 4)
		if got := r.read(txb(1), 0, 2); !bytes.Equal(got, []byte{3, 4}) {
			t.Errorf("after the end of 1 KiB comes % X", got)
		}
		if got := r.read(txb(1), 0xFFFE, 4); !bytes.Equal(got, []byte{1, 2, 3, 4}) {
			t.Errorf("at FFFE are % X", got)
		}
		r.write(txb(2), 0, 7)
		if got := r.read(txb(2), 0, 1); got[0] != 0 {
			t.Error("a socket without memory remembers")
		}
		r.write(txb(0), 0x0FFF, 9)
		if got := r.read(txb(0), 0x1FFF, 1); got[0] != 9 {
			t.Error("4 KiB do not wrap")
		}
		if got := r.read(txb(1), 0x03FE, 1); got[0] != 1 {
			t.Error("two sockets share memory")
		}
		r.write(rxb(7), 0, 5)
		if got := r.read(rxb(7), 0x0800, 1); got[0] != 5 {
			t.Error("the receive buffer is not to be read back")
		}
	})
}

func TestMoreMemoryThanThereIsIsAbuse(t *testing.T) {
	bare(t, w5500.Config{}, func(r *rig) {
		r.write(regs(0), snRXBUF, 16)
		r.open(0, 1, 80)
		if r.Stats().Abuse != 1 {
			t.Error("30 KiB were taken for 16")
		}
	})
}

func TestACommandIsShownForAMomentAndAnotherOneMeanwhileIsLost(t *testing.T) {
	for seed := range uint64(20) {
		bare(t, w5500.Config{Seed: seed, Latency: 10 * time.Microsecond}, func(r *rig) {
			r.write(regs(0), snMR, 1)
			r.write(regs(0), snCR, open)
			if r.reg(0, snCR) != open || r.reg(0, snSR) != closed {
				t.Error("the command is taken at once")
			}
			r.write(regs(0), snCR, closeCmd)
			time.Sleep(20 * time.Microsecond)
			if r.reg(0, snCR) != 0 || r.reg(0, snSR) != initial || r.Stats().Abuse != 1 {
				t.Errorf("CR %02X, SR %02X, %d abuses", r.reg(0, snCR), r.reg(0, snSR), r.Stats().Abuse)
			}
		})
	}
}

func TestWithoutLatencyACommandIsSeenByTwoReadsAtMost(t *testing.T) {
	seen := make(map[int]bool)
	for seed := range uint64(20) {
		bare(t, w5500.Config{Seed: seed}, func(r *rig) {
			r.write(regs(0), snMR, 1)
			r.write(regs(0), snCR, open)
			n := 0
			for r.reg(0, snCR) != 0 {
				n++
			}
			seen[n] = true
		})
	}
	if !seen[0] || !seen[1] || !seen[2] || len(seen) != 3 {
		t.Errorf("reads that saw the command: %v", seen)
	}
}

func TestTheResetPinTakesEverythingAndTheChipNeedsAMillisecond(t *testing.T) {
	bare(t, w5500.Config{}, func(r *rig) {
		r.write(0, gar, 1, 2, 3, 4)
		r.Reset(false)
		if got := r.read(0, versionr, 1); got[0] != 0xFF {
			t.Errorf("held in reset it says %02X", got[0])
		}
		r.Reset(true)
		if got := r.read(0, versionr, 1); got[0] != 0xFF {
			t.Errorf("before its clock runs it says %02X", got[0])
		}
		time.Sleep(time.Millisecond)
		if got := r.read(0, versionr, 1); got[0] != 4 {
			t.Errorf("then it says %02X", got[0])
		}
		if got := r.read(0, gar, 4); !bytes.Equal(got, make([]byte, 4)) {
			t.Errorf("GAR is % X", got)
		}
	})
}

func TestThePHYTellsOfTheCable(t *testing.T) {
	bare(t, w5500.Config{LinkDelay: time.Second}, func(r *rig) {
		link := func() byte { return r.read(0, phycfgr, 1)[0] }
		if link() != 0xB8 {
			t.Errorf("while negotiating: %02X", link())
		}
		time.Sleep(time.Second)
		if link() != 0xBF {
			t.Errorf("negotiated: %02X", link())
		}
		r.Plug(false)
		if link() != 0xB8 {
			t.Errorf("unplugged: %02X", link())
		}
		r.Plug(true)
		time.Sleep(time.Second)
		r.write(0, phycfgr, 0x38)
		if link() != 0x38 {
			t.Errorf("PHY in reset: %02X", link())
		}
		r.write(0, phycfgr, 0xB8)
		time.Sleep(time.Second)
		if link() != 0xBF {
			t.Errorf("PHY out of reset: %02X", link())
		}
	})
}
