package rtl8720dn_test

import (
	"bytes"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/sim/rtl8720dn"
)

// states are what a chip can be in the middle of. Each returns when it is, and
// leaves a request without an answer.
var states = map[string]func(w *world){
	"idle":         func(w *world) {},
	"half a frame": func(w *world) { w.port.Write(request(system, 0x02, 1, uint8(1))[:9]) },
	"joining": func(w *world) {
		w.ask(drv, 0x01, "testnet", some("password"), uint32(0x00400004), -1, uint32(0))
	},
	"waiting for a lease": func(w *world) {
		w.i32(drv, 0x03)
		w.i32(drv, 0x01, "testnet", some("password"), uint32(0x00400004), -1, uint32(0))
		w.ask(adapter, 0x0D, uint32(0))
	},
	"scanning": func(w *world) { w.i32(drv, 0x40) },
	"connecting": func(w *world) {
		w.ask(lwip, 0x09, w.stream(), name(w.peer.BlackHole()), uint32(16))
	},
	"connecting behind its back": func(w *world) {
		n := w.stream()
		w.nonblock(n)
		w.i32(lwip, 0x09, n, name(w.peer.BlackHole()), uint32(16))
	},
	"connected": func(w *world) { w.connect() },
	"receiving": func(w *world) {
		n, _ := w.connect()
		w.ask(lwip, 0x0C, n, uint32(10), 0, uint32(0))
	},
	"sending": func(w *world) {
		n, _ := w.connect()
		for {
			if _, ok := w.answer(w.ask(lwip, 0x0F, n, strings.Repeat("x", 4000), 0), time.Second); !ok {
				return
			}
		}
	},
	"accepting": func(w *world) {
		n, _ := w.serve()
		w.ask(lwip, 0x01, n, make([]byte, 16), uint32(16))
	},
	"receiving datagrams": func(w *world) {
		w.ask(lwip, 0x0E, w.datagram(), uint32(10), 0, uint32(16), uint32(0))
	},
	"looking for data": func(w *world) {
		n, _ := w.connect()
		w.ask(lwip, 0x0B, n)
	},
	"selecting": func(w *world) {
		n, _ := w.connect()
		w.ask(lwip, 0x15, n+1, some("\xFF\xFF\xFF\xFF"[:1]+"\x00\x00\x00"), null{}, null{}, null{})
	},
	"resolving": func(w *world) { w.ask(lwip, 0x19, w.peer.Host()) },
	"in a handshake": func(w *world) {
		_, at := w.listen()
		c := w.call(mbedtls, 0x01)
		h := c.u32()
		w.call(mbedtls, 0x05, h, uint32(3600_000))
		w.ask(mbedtls, 0x12, h, some(at.Addr().String()), uint32(at.Port()), 0)
	},
	"silent": func(w *world) {
		w.chip.Silence(time.Hour)
		w.ask(system, 0x02, uint8(1))
	},
	"without an access point": func(w *world) { w.air.Drop("testnet") },
}

// quick is a chip that stays in every state for a while.
var quick = rtl8720dn.Config{JoinTime: time.Second, ScanTime: time.Second, NameTime: time.Second, BootTime: time.Second}

func TestACrashInEveryStateEndsInAFreshBoot(t *testing.T) {
	for state, reach := range states {
		t.Run(state, func(t *testing.T) {
			joined(t, quick, func(w *world) {
				reach(w)
				synctest.Wait()
				begin := time.Now()
				w.chip.Crash()
				if took := time.Since(begin); took > 10*time.Millisecond {
					t.Errorf("it took %v", took)
				}
				w.chip.Silence(0)
				time.Sleep(time.Second)
				w.drain()
				w.listening()
				w.fresh()
				if s := w.chip.Stats(); s.Resets != 1 {
					t.Errorf("%d resets", s.Resets)
				}
			})
		})
	}
}

func TestTheEnablePinInEveryStateLeavesNothing(t *testing.T) {
	for state, reach := range states {
		t.Run(state, func(t *testing.T) {
			joined(t, quick, func(w *world) {
				reach(w)
				synctest.Wait()
				begin := time.Now()
				w.chip.Enable(false)
				if took := time.Since(begin); took > 10*time.Millisecond {
					t.Errorf("it took %v", took)
				}
				synctest.Wait() // for their last instructions
				if s := w.goroutines(); s != "" {
					t.Errorf("goroutines of the chip are left:\n%s", s)
				}
				w.noSockets()
				w.chip.Enable(false)
				w.chip.Silence(0)
				w.drain()
				w.silent(time.Minute)
				w.chip.Enable(true)
				w.chip.Enable(true)
				time.Sleep(time.Second)
				w.listening()
				w.fresh()
			})
		})
	}
}

// drain forgets what the chip has sent.
func (w *world) drain() {
	for w.port.Buffered() > 0 {
		w.port.Read(make([]byte, w.port.Buffered()))
	}
	w.events = nil
}

// goroutines returns those that run in the chip.
func (w *world) goroutines() string {
	b := make([]byte, 1<<20)
	b = b[:runtime.Stack(b, true)]
	for _, g := range bytes.Split(b, []byte("\n\n")) {
		if bytes.Contains(g, []byte("sim/rtl8720dn.(*")) {
			return string(g)
		}
	}
	return ""
}

// noSockets asserts that the chip's network has none.
func (w *world) noSockets() {
	w.tb.Helper()
	list, err := w.board.Sockets()
	if err != nil {
		w.tb.Fatal(err)
	}
	if len(list) > 0 {
		w.tb.Errorf("sockets %+v", list)
	}
	if _, err := w.board.Addr(); err == nil {
		w.tb.Error("the network is up")
	}
}

// fresh asserts that nothing of before is left, and that all works.
func (w *world) fresh() {
	w.tb.Helper()
	w.noSockets()
	if r := w.i32(drv, 0x04); r != -1 {
		w.tb.Error("it is joined")
	}
	if e := w.errno(); e != 0 {
		w.tb.Errorf("errno %d", e)
	}
	w.air.Return("")
	w.join()
	n, conn := w.connect()
	if n != 0 {
		w.tb.Errorf("the first socket is %d", n)
	}
	w.send(n, "hello")
	if b := make([]byte, 5); true {
		if io.ReadFull(conn, b); string(b) != "hello" {
			w.tb.Errorf("the peer has %q", b)
		}
	}
}

func TestAChipThatIsStoppedStaysOff(t *testing.T) {
	inWorld(t, rtl8720dn.Config{}, func(w *world) {
		if err := w.chip.Stop(); err != nil {
			t.Error(err)
		}
		w.chip.Enable(true)
		w.chip.Crash()
		if _, err := w.port.Write([]byte{1}); err != io.ErrClosedPipe {
			t.Errorf("Write = %v", err)
		}
		synctest.Wait()
		if s := w.goroutines(); s != "" {
			t.Errorf("goroutines of the chip are left:\n%s", s)
		}
	})
}

func TestPinsAndCrashesFromManyGoroutines(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		w.connect()
		done := make(chan struct{})
		for i := range 8 {
			go func() {
				for range 20 {
					switch i % 4 {
					case 0:
						w.chip.Enable(false)
						w.chip.Enable(true)
					case 1:
						w.chip.Crash()
					case 2:
						w.port.Write(request(drv, 0x1B, 1, uint32(1)))
						w.port.Write(request(drv, 0x01, 2, "testnet", some("password"), uint32(0x00400004), -1, uint32(0)))
						w.port.Write(request(adapter, 0x0D, 3, uint32(0)))
					case 3:
						w.air.Drop("")
						w.air.Return("")
					}
				}
				done <- struct{}{}
			}()
		}
		for range 8 {
			<-done
		}
		w.chip.Enable(false)
		w.drain()
		w.noSockets()
		w.chip.Enable(true)
		w.listening()
		w.fresh()
	})
}
