package rtl8720dn_test

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/sim/bus"
	"github.com/netdev-go/netdev/sim/rtl8720dn"
)

// answers asserts that the chip takes the next request.
func (w *world) answers(when string) {
	w.tb.Helper()
	if _, ok := w.answer(w.ask(system, 0x02, uint8(7)), time.Second); !ok {
		w.tb.Errorf("%s: no answer", when)
	}
}

func TestAFrameWithAWrongCRCHasNoReply(t *testing.T) {
	inWorld(t, rtl8720dn.Config{}, func(w *world) {
		for bit := range 8 * 13 {
			if bit/8 < 2 {
				continue // the length, which is another matter
			}
			b := request(system, 0x02, 99, uint8(5))
			b[bit/8] ^= 1 << (bit % 8)
			w.port.Write(b)
		}
		w.silent(time.Minute)
		if s := w.chip.Stats(); s.BadCRC != 8*11 {
			t.Errorf("%d frames thrown away, want %d", s.BadCRC, 8*11)
		}
		w.answers("after them")
	})
}

func TestWhatTheFirmwareDoesNotServeHasNoReply(t *testing.T) {
	inWorld(t, rtl8720dn.Config{}, func(w *world) {
		w.port.Write(request(0x55, 0x01, 1))
		w.port.Write(request(system, 0x77, 2))
		w.silent(time.Minute)
		if s := w.chip.Stats(); s.Unknown != 2 {
			t.Errorf("%d unknown requests", s.Unknown)
		}
		for kind, b := range map[string][]byte{
			"a reply":            append([]byte{2}, request(system, 0x02, 3, uint8(1))[5:]...),
			"a notification":     append([]byte{3}, request(system, 0x02, 3, uint8(1))[5:]...),
			"one way":            append([]byte{1}, request(system, 0x02, 3, uint8(1))[5:]...),
			"of another version": {0, 2, 1, 2, 4, 0, 0, 0, 1},
			"too short":          {0, 2, 1, 1},
			"without parameters": {0, 2, 1, 1, 4, 0, 0, 0},
			"empty":              {},
		} {
			w.port.Write(frame(b))
			w.silent(time.Second)
			w.answers(kind)
		}
		if s := w.chip.Stats(); s.Abuse != 0 || s.Malformed != 4 {
			t.Errorf("%+v", s)
		}
	})
}

func TestAParameterThatEndsTooEarlyDoesNothing(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		n := w.stream()
		whole := request(lwip, 0x08, 1, n)[4:]
		for size := 8; size < len(whole); size++ {
			w.port.Write(frame(whole[:size]))
		}
		// A length that says more than there is.
		w.port.Write(frame(append([]byte{0, 0x0F, 0x10, 1, 5, 0, 0, 0, 0, 0, 0, 0}, 0xFF, 0xFF, 0xFF, 0xFF, 'x')))
		w.silent(time.Second)
		if r := w.i32(lwip, 0x08, n); r != 0 {
			t.Errorf("close = %d: a request that was cut short has closed the socket", r)
		}
		if s := w.chip.Stats(); s.Malformed != 5 {
			t.Errorf("%d malformed requests", s.Malformed)
		}
	})
}

func TestALostByteMakesTheNextRequestPartOfTheFrame(t *testing.T) {
	inWorld(t, rtl8720dn.Config{}, func(w *world) {
		w.chip.Inject(bus.Nth(6, bus.Lose), nil)
		first := w.ask(system, 0x02, uint8(1))
		w.silent(time.Minute)
		w.port.Write([]byte{0}) // what completes the frame
		w.silent(time.Second)
		if _, ok := w.answer(first, time.Second); ok {
			t.Error("a frame without one of its bytes was answered")
		}
		w.answers("after it")
		if s := w.chip.Stats(); s.BadCRC != 1 {
			t.Errorf("%+v", s)
		}
	})
}

func TestAFrameLargerThanTheBufferPutsTheChipOutOfStep(t *testing.T) {
	inWorld(t, rtl8720dn.Config{}, func(w *world) {
		// Of what follows the first header, the firmware makes headers.
		w.port.Write([]byte{0x01, 0x10, 0, 0})
		w.answers("after a header alone")
		w.port.Write(frame(bytes.Repeat([]byte{0, 2, 0, 0}, 1025)))
		for range 100 {
			w.ask(system, 0x02, uint8(1))
		}
		w.silent(time.Minute)
		if s := w.chip.Stats(); s.Oversize < 2 || s.Abuse != 0 {
			t.Errorf("%+v", s)
		}
		w.chip.Enable(false)
		for w.port.Buffered() > 0 {
			w.read(1, 0)
		}
		w.chip.Enable(true)
		w.listening()
	})
}

func TestAReplyLargerThanTheBufferIsNotSentAndItsDataIsGone(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		n, conn := w.connect()
		conn.Write(make([]byte, 4081))
		conn.Write([]byte("rest"))
		synctest.Wait()
		w.ask(lwip, 0x0C, n, uint32(4081), 0, uint32(0))
		w.silent(time.Minute)
		if got, _ := w.recv(n, 100, 0); got != "rest" {
			t.Errorf("then %q", got)
		}
		if s := w.chip.Stats(); s.Abuse != 2 {
			t.Errorf("%+v %q", s, w.chip.Abuses())
		}
		conn.Write(make([]byte, 4080))
		synctest.Wait()
		if got, r := w.recv(n, 4080, 0); len(got) != 4080 || r != 4080 {
			t.Errorf("a reply that just fits: %d", r)
		}
		if s := w.chip.Stats(); s.Abuse != 2 {
			t.Errorf("%q", w.chip.Abuses())
		}
	})
}

func TestWhatCorruptsMemoryResetsTheChip(t *testing.T) {
	for name, ask := range map[string]func(w *world){
		"sendmsg":                  func(w *world) { w.ask(lwip, 0x10, 0) },
		"dns by type":              func(w *world) { w.ask(lwip, 0x1A, "peer") },
		"get_hostname":             func(w *world) { w.ask(adapter, 0x10, uint32(0)) },
		"a receive of 1 MB":        func(w *world) { w.ask(lwip, 0x0C, 0, uint32(1<<20), 0, uint32(0)) },
		"a TLS client that is not": func(w *world) { w.ask(mbedtls, 0x13, uint32(4)) },
	} {
		t.Run(name, func(t *testing.T) {
			joined(t, rtl8720dn.Config{}, func(w *world) {
				n, conn := w.connect()
				ask(w)
				w.silent(time.Minute)
				if s := w.chip.Stats(); s.Abuse != 1 || s.Resets != 1 {
					t.Errorf("%+v", s)
				}
				if _, err := conn.Read(make([]byte, 1)); err == nil {
					t.Error("the connection goes on")
				}
				w.listening()
				w.failed("a socket of before", w.i32(lwip, 0x08, n), eBadF)
				w.join()
				w.connect()
			})
		})
	}
}

func TestBytesThatComeWhileItBootsAreLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, rtl8720dn.Config{BootTime: time.Second, BootNoise: []byte("\x00\xFFnoise")})
		if _, err := w.port.Write(request(system, 0x02, 1, uint8(1))); err != nil {
			t.Fatal(err)
		}
		w.silent(time.Minute)
		w.chip.Enable(true)
		if got := w.read(7, 0); len(got) == 0 {
			got = w.read(7, time.Second)
			if string(got) != "\x00\xFFnoise" {
				t.Errorf("noise % x", got)
			}
		}
		time.Sleep(999*time.Millisecond - time.Millisecond/2)
		w.ask(system, 0x02, uint8(1))
		w.silent(time.Minute)
		w.answers("after the boot")
		w.chip.Enable(false)
		w.ask(system, 0x02, uint8(1))
		w.silent(time.Minute)
	})
}

func TestASilentChipAnswersLate(t *testing.T) {
	inWorld(t, rtl8720dn.Config{}, func(w *world) {
		w.chip.Silence(7 * time.Second)
		begin := time.Now()
		if _, ok := w.answer(w.ask(system, 0x02, uint8(1)), time.Minute); !ok || time.Since(begin) != 7*time.Second {
			t.Errorf("%v after %v", ok, time.Since(begin))
		}
		w.answers("then")
	})
}

func TestASmallRingLosesWhatNobodyReads(t *testing.T) {
	inWorld(t, rtl8720dn.Config{Baud: rtl8720dn.Baud, Ring: 128}, func(w *world) {
		w.ask(drv, 0x1B, uint32(1))
		time.Sleep(time.Second)
		w.ask(drv, 0x42, uint16(10))
		time.Sleep(time.Second)
		if s := w.chip.Stats(); s.Lost == 0 || w.port.Buffered() != 128 {
			t.Errorf("%+v, %d bytes in the ring", s, w.port.Buffered())
		}
		w.port.Read(make([]byte, 128))
		// At 614400 baud 13 bytes there and 13 back take 423 µs.
		begin := time.Now()
		w.answers("with its ring read")
		if took := time.Since(begin); took < 400*time.Microsecond || took > 700*time.Microsecond {
			t.Errorf("it took %v", took)
		}
	})
}

func TestStatsCountBothWays(t *testing.T) {
	inWorld(t, rtl8720dn.Config{}, func(w *world) {
		before := w.chip.Stats()
		w.i32(drv, 0x1B, uint32(1))
		s := w.chip.Stats()
		if s.BytesIn-before.BytesIn != 16 || s.BytesOut-before.BytesOut != 16+2*64 ||
			s.Requests-before.Requests != 1 || s.Replies-before.Replies != 1 || s.Events-before.Events != 2 {
			t.Errorf("%+v, before %+v", s, before)
		}
	})
}

func FuzzTheChipOutlivesAnyBytes(f *testing.F) {
	f.Add(request(system, 0x02, 1, uint8(1)))
	f.Add(request(lwip, 0x0C, 1, 0, uint32(100), 8, uint32(0)))
	f.Add(request(lwip, 0x15, 1, 1, some("\x01"), null{}, null{}, some("\x00\x00\x00\x00\x00\x00\x00\x00")))
	f.Add([]byte{0xFF, 0xFF, 0, 0, 1, 2, 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		// The message as it is, and with a frame around it.
		inWorld(t, rtl8720dn.Config{}, func(w *world) {
			w.port.Write(frame(b[:min(len(b), 4096)]))
			w.port.Write(b)
			synctest.Wait()
			w.chip.Enable(false)
			for w.port.Buffered() > 0 {
				w.read(1, 0)
			}
			w.chip.Enable(true)
			w.listening()
		})
	})
}
