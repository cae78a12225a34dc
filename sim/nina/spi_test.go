package nina_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/sim/nina"
)

func TestREADYIsLowOnlyWhileATransferIsQueued(t *testing.T) {
	inWorld(t, nina.Config{BootTime: 300 * time.Millisecond, Latency: time.Millisecond}, func(t *testing.T, w *world) {
		start := time.Now()
		if !w.chip.Ready() {
			t.Error("READY is low while the chip boots")
		}
		w.waitReady()
		if d := time.Since(start); d != 300*time.Millisecond {
			t.Errorf("it has booted after %v", d)
		}
		w.chip.CS(false)
		if !w.chip.Ready() {
			t.Error("READY is low while it is selected")
		}
		must(t, w.chip.Tx(unhex(t, "E0 20 00 EE"), nil))
		w.chip.CS(true)
		if !w.chip.Ready() {
			t.Error("READY is low while it works")
		}
		start = time.Now()
		if got := w.end(8); !bytes.Equal(got, unhex(t, "E0 A0 01 01 00 EE 00 00")) {
			t.Errorf("the status is % X", got)
		}
		if d := time.Since(start); d != time.Millisecond {
			t.Errorf("it has worked for %v", d)
		}
		w.waitReady()
		w.noAbuse()
	})
}

func TestAResponseNeedNotBeReadToItsEnd(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.begin(unhex(t, "E0 37 00 EE"))
		if got := w.end(4); !bytes.Equal(got, unhex(t, "E0 B7 01 06")) {
			t.Errorf("it begins % X", got)
		}
		w.vector("E0 20 00 EE", "E0 A0 01 01 00 EE 00 00 00 00")
		w.noAbuse()
	})
}

func TestAPulseOfCSWithoutAByte(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		pulse := func() {
			w.waitReady()
			w.chip.CS(false)
			w.chip.CS(true)
		}
		pulse()
		pulse()
		w.vector("E0 20 00 EE", "E0 A0 01 01 00 EE 00 00")
		// In place of the response it takes that away.
		w.begin(unhex(t, "E0 37 00 EE"))
		pulse()
		w.vector("E0 20 00 EE", "E0 A0 01 01 00 EE 00 00")
		w.noAbuse()
	})
}

func TestCSLowAtBootSelectsBluetooth(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.chip.CS(false)
		time.Sleep(time.Second)
		if w.chip.Ready() {
			t.Error("READY, which is RTS now, is high")
		}
		r := make([]byte, 4)
		must(t, w.chip.Tx(unhex(t, "E0 20 00 EE"), r))
		if !bytes.Equal(r, []byte{0xFF, 0xFF, 0xFF, 0xFF}) {
			t.Errorf("it answers % X", r)
		}
		w.chip.CS(true)
		w.chip.Reset(false)
		w.chip.Reset(true)
		w.vector("E0 20 00 EE", "E0 A0 01 01 00 EE 00 00")
		w.noAbuse()
	})
}

func TestGPIO0LowAtResetRunsNoFirmware(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.chip.Reset(false)
		w.chip.GPIO0(false)
		w.chip.Reset(true)
		time.Sleep(time.Minute)
		if !w.chip.Ready() {
			t.Error("READY has gone low")
		}
		w.chip.Reset(false)
		w.chip.GPIO0(true)
		w.chip.Reset(true)
		w.vector("E0 20 00 EE", "E0 A0 01 01 00 EE 00 00")
		// Later the pin is the chip's, and a crash does not look at it.
		w.chip.GPIO0(false)
		w.vector("E0 20 00 EE", "E0 A0 01 01 00 EE 00 00")
		w.chip.Crash()
		w.vector("E0 20 00 EE", "E0 A0 01 01 00 EE 00 00")
	})
}

func TestOnlyWholeWordsAreReceived(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.vector("E0 70 02 01 01 01 06 EE", "E0 F0 01 01 36 EE 00 00")
		// The socket's number is in the word that is not whole: it is 0.
		w.vector("E0 71 01 01 36 EE", "E0 F1 01 01 00 EE 00 00")
		w.vector("E0 72 00 EE", "E0 F2 01 01 09 EE 00 00")
		w.vector("E0 71 01 01 36 EE FF FF", "E0 F1 01 01 01 EE 00 00")
		w.vector("E0 20 00", "EF 00 EE 00")
		w.noAbuse()
	})
}

func TestACommandLongerThanTheBuffer(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.begin(append(unhex(t, "E0 20 00 EE"), make([]byte, 4088)...))
		if got := w.end(8); !bytes.Equal(got, unhex(t, "E0 A0 01 01 00 EE 00 00")) {
			t.Errorf("4092 bytes are answered % X", got)
		}
		w.noAbuse()
		w.begin(append(unhex(t, "E0 20 00 EE"), make([]byte, 4089)...))
		w.end(8)
		if s := w.chip.Stats(); s.Abuse != 1 || !strings.Contains(s.Reasons[0], "4093") {
			t.Errorf("4093 bytes are %d abuses: %q", s.Abuse, s.Reasons)
		}
	})
}

func TestTalkingToABusyChipIsAbuseAndOutOfPhase(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.begin(unhex(t, "E0 37 00 EE"))
		w.chip.CS(false)
		r := make([]byte, 4)
		w.chip.Tx(unhex(t, "E0 20 00 EE"), r)
		w.chip.Tx(nil, r)
		w.chip.CS(true)
		if s := w.chip.Stats(); s.Abuse != 1 || s.Crashes != 0 {
			t.Errorf("%d abuses, %d crashes: %q", s.Abuse, s.Crashes, s.Reasons)
		}
		// The command after it is clocked into the response of the one before.
		w.begin(unhex(t, "E0 20 00 EE"))
		w.begin(unhex(t, "E0 20 00 EE"))
		if got := w.end(8); !bytes.Equal(got, unhex(t, "E0 A0 01 01 00 EE 00 00")) {
			t.Errorf("it is back in phase with % X", got)
		}
	})
}

func TestBytesWithoutCSReachNobody(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.waitReady()
		r := make([]byte, 2)
		must(t, w.chip.Tx([]byte{0xE0, 0x20}, r))
		if !bytes.Equal(r, []byte{0xFF, 0xFF}) {
			t.Errorf("they are answered % X", r)
		}
		if err := w.chip.Tx([]byte{1}, make([]byte, 2)); err == nil {
			t.Error("slices of different lengths are taken")
		}
		w.vector("E0 20 00 EE", "E0 A0 01 01 00 EE 00 00")
		w.noAbuse()
	})
}

func TestInjectLosesDoublesAndFlipsBytes(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		at := func(n int64, instead ...byte) func(int64, byte) []byte {
			return func(i int64, b byte) []byte {
				if i == n {
					return slices.Clone(instead)
				}
				return []byte{b}
			}
		}
		// To the chip: 8 bytes each time.
		w.chip.Inject(at(1), nil)
		w.vector("E0 E1 20 00 EE FF FF FF", "E0 A0 01 01 00 EE 00 00")
		w.chip.Inject(at(8, 0xE0, 0x37), nil)
		w.vector("E1 00 EE FF FF FF FF", "E0 B7 01 06 32 2E 30 2E 30 00 EE 00")
		w.chip.Inject(at(15, 0xEF), nil)
		w.vector("E0 20 00 EE", "EF 00 EE 00")
		// From the chip: 8, 12 and 4 bytes have been.
		w.chip.Inject(nil, at(24+1))
		w.vector("E0 20 00 EE", "E0 01 01 00 EE 00 00 00")
		w.chip.Inject(nil, at(32, 0xE0, 0xE0))
		w.vector("E0 20 00 EE", "E0 E0 A0 01 01 00 EE 00")
		w.chip.Inject(nil, func(_ int64, b byte) []byte { return []byte{^b} })
		w.vector("E0 20 00 EE", "1F 5F FE FE FF 11 FF FF")
		w.chip.Inject(nil, nil)
		w.vector("E0 20 00 EE", "E0 A0 01 01 00 EE 00 00")
		w.noAbuse()
	})
}

func TestACommandWhoseBytesAreAllLostIsNone(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.chip.Inject(func(int64, byte) []byte { return nil }, nil)
		w.begin(unhex(t, "E0 37 00 EE"))
		w.chip.Inject(nil, nil)
		w.vector("E0 20 00 EE", "E0 A0 01 01 00 EE 00 00")
	})
}

func TestSilence(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.waitReady()
		w.chip.Silence(7 * time.Second)
		start := time.Now()
		w.vector("E0 20 00 EE", "E0 A0 01 01 00 EE 00 00")
		if d := time.Since(start); d.Round(time.Second) != 7*time.Second {
			t.Errorf("it was silent for %v", d)
		}
		start = time.Now()
		w.vector("E0 20 00 EE", "E0 A0 01 01 00 EE 00 00")
		if d := time.Since(start); d > time.Millisecond {
			t.Errorf("it was silent once more, for %v", d)
		}
		w.noAbuse()
	})
}

func TestSilenceIsBeforeAndAfterACommand(t *testing.T) {
	inWorld(t, nina.Config{Latency: time.Second}, func(t *testing.T, w *world) {
		w.waitReady()
		w.chip.Silence(time.Hour)
		w.begin(frame(0x18, []byte("nina"), b1(1)))
		time.Sleep(time.Hour / 2)
		if addr, err := w.board.Addr(); err == nil {
			t.Errorf("it works while it is silent: it has address %v", addr)
		}
		w.answer(0x18)
		w.begin(frame(0x37))
		time.Sleep(time.Second / 2)
		w.chip.Silence(time.Hour)
		time.Sleep(time.Hour / 2)
		if !w.chip.Ready() {
			t.Error("it answers while it is silent")
		}
		w.answer(0x37)
	})
}

func TestOnReadyMayAskThePins(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		levels := make(chan bool, 10)
		w.chip.OnReady(func() { levels <- w.chip.Ready() || w.chip.DataReady() })
		synctest.Wait()
		time.Sleep(time.Second)
		w.chip.CS(false)
		must(t, w.chip.Tx(unhex(t, "E0 20 00 EE"), nil))
		w.chip.CS(true)
		time.Sleep(time.Second)
		if len(levels) != 2 || <-levels || <-levels {
			t.Error("it was not called for READY at boot and for that of the response")
		}
	})
}

func TestStatsCountTheBus(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.vector("E0 20 00 EE", "E0 A0 01 01 00 EE 00 00")
		w.vector("E0 37 00 EE", "E0 B7 01 06 32 2E 30 2E 30 00 EE 00")
		s := w.chip.Stats()
		if s.Transactions != 4 || s.Commands != 2 || s.ToChip != 8 || s.FromChip != 20 {
			t.Errorf("%+v", s)
		}
	})
}

func TestFastWaitsForNothing(t *testing.T) {
	inWorld(t, nina.Config{Fast: true}, func(t *testing.T, w *world) {
		start := time.Now()
		w.vector("E0 37 00 EE", "E0 B7 01 06 32 2E 30 2E 30 00 EE 00")
		w.call(0x27)
		if d := time.Since(start); d != 0 {
			t.Errorf("booting, a command and a scan take %v", d)
		}
	})
}
