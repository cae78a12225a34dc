package w5500_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/w5500"
)

func TestALostByteShiftsTheRestOfItsFrame(t *testing.T) {
	bare(t, w5500.Config{}, func(r *rig) {
		lose := func(at int64) func(int64, byte) []byte {
			return func(i int64, b byte) []byte {
				if i == at {
					return nil
				}
				return []byte{b}
			}
		}
		r.Inject(lose(3), nil)
		r.write(0, gar, 1, 2, 3, 4)
		r.Inject(nil, lose(3))
		if got := r.read(0, gar, 4); !bytes.Equal(got, []byte{0xFF, 3, 4, 0}) {
			t.Errorf("one of the chip's lost: % X", got)
		}
		r.Inject(lose(1), nil)
		if got := r.read(0, gar, 4); !bytes.Equal(got, []byte{3, 0, 2, 3}) {
			t.Errorf("one of the header lost: % X", got)
		}
		double := func(i int64, b byte) []byte {
			if i == 3 {
				return []byte{b, b}
			}
			return []byte{b ^ 0x80}
		}
		r.Inject(nil, double)
		if got := r.read(0, gar, 3); !bytes.Equal(got, []byte{2, 2, 0x83}) {
			t.Errorf("one doubled, the others with a bit flipped: % X", got)
		}
		r.Inject(nil, nil)
		if got := r.read(0, gar, 4); !bytes.Equal(got, []byte{2, 3, 4, 0}) {
			t.Errorf("% X", got)
		}
	})
}

func TestASilentChipTakesAndGivesNothingAndItsSocketsGoOn(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		fd := r.dial(1)
		r.Silence(time.Second)
		got := r.read(0, versionr, 1)[0]
		if got != 0 && got != 0xFF {
			t.Errorf("VERSIONR is %02X", got)
		}
		r.write(0, gar, 9, 9, 9, 9)
		r.says(fd, []byte("abc"))
		time.Sleep(time.Second)
		if got := r.read(0, gar, 4); !bytes.Equal(got, make([]byte, 4)) {
			t.Errorf("GAR is % X", got)
		}
		if got := r.take(1, 3); string(got) != "abc" {
			t.Errorf("%q", got)
		}
	})
}

func TestACrashLosesEverything(t *testing.T) {
	for name, f := range map[string]func(r *rig){
		"crash":         func(r *rig) { r.Crash() },
		"mode register": func(r *rig) { r.write(0, mr, 0x80) },
		"pin": func(r *rig) {
			r.Reset(false)
			r.Reset(true)
			time.Sleep(time.Millisecond)
		},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, w5500.Config{}, func(r *rig) {
				fd := r.dial(1)
				r.open(2, 1, 90)
				r.command(2, listen)
				f(r)
				if got := r.read(0, shar, 10); !bytes.Equal(got, make([]byte, 10)) || r.reg(1, snSR) != closed || r.reg(2, snSR) != closed {
					t.Errorf("SHAR and SIPR are % X, states %02X and %02X", got, r.reg(1, snSR), r.reg(2, snSR))
				}
				r.noSockets()
				if !r.Interrupt() || r.Stats().Resets != 1 {
					t.Errorf("INTn is %v, %d resets", r.Interrupt(), r.Stats().Resets)
				}
				// Network's stack says a last word to the peer.
				if _, err := r.peer.Recv(fd, make([]byte, 1), 0, soon()); err != netdev.ErrConnReset {
					t.Errorf("the peer gets %v", err)
				}
				r.address(chipNet)
				r.dial2(1)
			})
		})
	}
}

func TestWithTheCableUnpluggedNothingComesOrGoes(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		fd := r.dial(1)
		r.Plug(false)
		r.says(fd, []byte("abc"))
		time.Sleep(time.Second)
		if got := r.steady(1, snRSR); got != 0 {
			t.Errorf("%d bytes have come", got)
		}
		r.Plug(true)
		if got := r.take(1, 3); string(got) != "abc" {
			t.Errorf("%q", got)
		}
	})
}

func TestPingIsAnsweredUnlessPBSaysNo(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		time.Sleep(10 * time.Millisecond)
		if _, err := r.peer.Ping(context.Background(), chipAddr, nil); err != nil {
			t.Error(err)
		}
		r.write(0, mr, 0x10)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := r.peer.Ping(ctx, chipAddr, nil); err == nil {
			t.Error("PB is set and it answers")
		}
	})
}

func TestFramesHaveTheAddressInSHAR(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		r.write(0, shar, other[:]...)
		src := make(chan [6]byte, 100)
		fd := r.dial(1)
		r.put(1, []byte("hello"))
		if got := r.hears(fd, 5); string(got) != "hello" {
			t.Errorf("%q", got)
		}
		r.says(fd, []byte("abc"))
		if got := r.take(1, 3); string(got) != "abc" {
			t.Errorf("%q", got)
		}
		r.peerDev.SetEthRecvHandler(func(b []byte) { src <- [6]byte(b[6:]) })
		r.put(1, []byte("x"))
		if got := <-src; got != other {
			t.Errorf("a frame is from % X", got)
		}
	})
}

func TestAnAddressThatSomebodyElseHasIsAConflict(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		r.dial(1)
		must(t, r.peerDev.SendOffsetEthFrame([]byte{
			255, 255, 255, 255, 255, 255, 2, 9, 9, 9, 9, 9, 8, 6,
			0, 1, 8, 0, 6, 4, 0, 1, 2, 9, 9, 9, 9, 9, 10, 0, 0, 2, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2,
		}))
		r.wait("IR", 0x80, func() byte { return r.read(0, ir, 1)[0] })
	})
}

func TestAfterStopNothingAnswers(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		r.dial(1)
		r.open(2, 1, 90)
		r.command(2, listen)
		r.open(3, 2, 91)
		r.Stop()
		r.noSockets()
		r.Stop()
		r.Reset(false)
		r.Reset(true)
		if got := r.read(0, versionr, 1); got[0] != 0xFF {
			t.Errorf("VERSIONR is %02X", got[0])
		}
	})
}

func TestStatsCountTheBus(t *testing.T) {
	bare(t, w5500.Config{}, func(r *rig) {
		r.write(0, gar, 1, 2, 3, 4)
		r.CS(false)
		must(t, r.Tx([]byte{0, gar, 0}, nil))
		must(t, r.Tx(nil, make([]byte, 4)))
		r.CS(true)
		if s := r.Stats(); s.Transactions != 2 || s.ToChip != 14 || s.FromChip != 7+4 || s.Commands != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// noSockets wants none left in Network.
func (r *rig) noSockets() {
	r.Helper()
	list, err := r.own.Sockets()
	if err != nil || len(list) != 0 {
		r.Errorf("the chip has left %+v, %v", list, err)
	}
}
