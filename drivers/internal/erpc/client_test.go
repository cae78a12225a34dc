package erpc_test

import (
	"bytes"
	"encoding/binary"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/drivers/internal/erpc"
	"github.com/netdev-go/netdev/drivers/internal/uart"
	"github.com/netdev-go/netdev/sim/bus"
)

// A pair is a client and a server on one wire.
type pair struct {
	*erpc.Client
	server  *server
	mcu     *bus.Port
	counted uint32
	events  []string
}

// wired runs f in a bubble with a pair at the chips' speed, with small rings.
func wired(t *testing.T, f func(t *testing.T, p *pair)) {
	synctest.Test(t, func(t *testing.T) {
		mcu, chip := bus.UART(bus.Config{Baud: 614400, Ring: 128})
		p := &pair{mcu: mcu, server: &server{port: chip}}
		p.server.serve = adder(&p.counted)
		line := uart.New(mcu)
		p.Client = erpc.NewClient(erpc.Config{
			Line: line, MaxRequest: 256, MaxReply: 256, Sequence: 1,
			Handle: func(h erpc.Header, d *erpc.Decoder) {
				if h.Service == eventClass {
					p.events = append(p.events, string(d.Binary()))
				}
			},
			Probe: func(c *erpc.Client) { c.Request(system, ack).Uint8(0x5A) },
		})
		done := make(chan struct{})
		go func() {
			p.server.run()
			close(done)
		}()
		f(t, p)
		line.Stop()
		chip.Close()
		<-done
	})
}

// ack has the value come back.
func (p *pair) ack(value string) (string, error) {
	p.Request(system, ack).String(value)
	d, err := p.Call(patience, true)
	if err != nil {
		return "", err
	}
	s := string(d.Binary())
	return s, d.End()
}

// count is a call that must not be repeated.
func (p *pair) count(by uint32) (uint32, error) {
	p.Request(system, count).Uint32(by)
	d, err := p.Call(patience, false)
	if err != nil {
		return 0, err
	}
	n := d.Uint32()
	return n, d.End()
}

// mustWork fails unless the pair works without further ado.
func (p *pair) mustWork(t *testing.T, when string) {
	t.Helper()
	calls := p.Stats().Calls
	if s, err := p.ack("are you there?"); err != nil || s != "are you there?" {
		t.Errorf("%s: ack = %q, %v", when, s, err)
	}
	if n := p.Stats().Calls - calls; n != 1 {
		t.Errorf("%s: ack took %d calls", when, n)
	}
}

func event(text string) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(text))), text...)
}

func TestACallHasItsReply(t *testing.T) {
	wired(t, func(t *testing.T, p *pair) {
		for i := range uint32(3) {
			if n, err := p.count(7); n != 7*(i+1) || err != nil {
				t.Errorf("count = %d, %v", n, err)
			}
		}
		p.mustWork(t, "after that")
		for i, h := range p.server.calls {
			if h.Sequence != uint32(i)+1 {
				t.Errorf("call %d has the number %d", i, h.Sequence)
			}
		}
		if s := p.Stats(); s.Calls != 4 || s.Repeats+s.Strays+s.Damaged+s.Realigns != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestEventsAreHandledAtAnyTime(t *testing.T) {
	wired(t, func(t *testing.T, p *pair) {
		say := func(kind erpc.Type, text string) {
			p.server.send(erpc.Header{Type: kind, Service: eventClass, Request: 1}, event(text))
		}
		// While nobody calls, before a reply, and behind one.
		time.AfterFunc(time.Second, func() { say(erpc.OneWay, "idle") })
		p.Idle(nil, -1)
		serve := p.server.serve
		p.server.serve = func(h erpc.Header, values []byte) ([]byte, bool) {
			say(erpc.OneWay, "before")
			say(erpc.Invocation, "invoked")
			go func() {
				time.Sleep(5 * time.Millisecond)
				say(erpc.OneWay, "behind")
			}()
			return serve(h, values)
		}
		p.mustWork(t, "among events")
		p.server.serve = serve
		time.Sleep(50 * time.Millisecond)
		p.mustWork(t, "after events")
		if len(p.events) != 4 || p.events[0] != "idle" || p.events[1] != "before" || p.events[2] != "invoked" || p.events[3] != "behind" {
			t.Errorf("events %q", p.events)
		}
	})
}

func TestALateReplyIsNotTheNextCalls(t *testing.T) {
	wired(t, func(t *testing.T, p *pair) {
		serve := p.server.serve
		slow := true
		p.server.serve = func(h erpc.Header, values []byte) ([]byte, bool) {
			if slow {
				slow = false
				time.Sleep(patience + 100*time.Millisecond)
			}
			return serve(h, values)
		}
		if _, err := p.count(1); err != erpc.ErrTimeout {
			t.Errorf("a slow count: %v", err)
		}
		if n, err := p.count(10); n != 11 || err != nil {
			t.Errorf("the next count = %d, %v", n, err)
		}
		if p.Stats().Strays == 0 {
			t.Error("nobody saw the late reply")
		}
	})
}

func TestAReplyToAnotherCallDoesNotCount(t *testing.T) {
	wired(t, func(t *testing.T, p *pair) {
		serve := p.server.serve
		p.server.serve = func(h erpc.Header, values []byte) ([]byte, bool) {
			wrong := []byte{5, 0, 0, 0, 'w', 'r', 'o', 'n', 'g'}
			right := erpc.Header{Type: erpc.Reply, Service: h.Service, Request: h.Request, Sequence: h.Sequence}
			for _, change := range []func(h *erpc.Header){
				func(h *erpc.Header) { h.Sequence-- },
				func(h *erpc.Header) { h.Sequence++ },
				func(h *erpc.Header) { h.Service++ },
				func(h *erpc.Header) { h.Request++ },
				func(h *erpc.Header) { h.Type = erpc.Notification },
				func(h *erpc.Header) { h.Type = erpc.Invocation },
				func(h *erpc.Header) { h.Type = 77 },
			} {
				other := right
				change(&other)
				p.server.send(other, wrong)
			}
			return serve(h, values)
		}
		p.mustWork(t, "among replies to others")
	})
}

// Every byte of a request and of its reply is lost, doubled and flipped in turn.
// A call that may be repeated then has its result; one that may not is made once
// at most, and says so; the next call works.
func TestAFaultyByteIsOvercome(t *testing.T) {
	for _, fault := range []bus.Fault{bus.Lose, bus.Double, bus.Flip} {
		for _, direction := range []string{"request", "reply"} {
			t.Run(fault.String()+" "+direction, func(t *testing.T) {
				for at := range int64(30) {
					wired(t, func(t *testing.T, p *pair) {
						port := p.server.port
						if direction == "reply" {
							port = p.mcu
						}
						port.Inject(bus.Nth(at, fault))
						if s, err := p.ack("the value"); s != "the value" || err != nil {
							t.Errorf("byte %d: ack = %q, %v", at, s, err)
						}
						// A byte that was doubled at the end shows only now.
						p.ack("whatever")
						port.Inject(nil)
						p.mustWork(t, "after ack")

						port.Inject(bus.Nth(at, fault))
						n, err := p.count(1)
						if p.counted > 1 || err == nil && n != 1 {
							t.Errorf("byte %d: count = %d, %v, was made %d times", at, n, err, p.counted)
						}
						port.Inject(nil)
						if s, err := p.ack("then"); s != "then" || err != nil {
							t.Errorf("byte %d: then ack = %q, %v", at, s, err)
						}
						p.mustWork(t, "after count")
					})
				}
			})
		}
	}
}

// Whatever the other end waits for, it is brought back into step: the most that
// a header can announce, and any place in a header.
func TestTheOtherEndIsBroughtBackIntoStep(t *testing.T) {
	for _, missing := range []uint16{0, 1, 2, 3, 4, 5, 16, 255, 256, 1000, 4093, 4094, 4095, 4096} {
		for extra := range 4 {
			wired(t, func(t *testing.T, p *pair) {
				junk := append(binary.LittleEndian.AppendUint16(nil, missing), 1, 2)
				if missing == 0 {
					junk = nil
				}
				p.mcu.Write(append(junk, make([]byte, extra)...))
				if s, err := p.ack("x"); s != "x" || err != nil {
					t.Errorf("%d bytes missing, and %d more sent: %q, %v", missing, extra, s, err)
				}
				p.mustWork(t, "then")
			})
		}
	}
}

func TestADeafEndIsGivenUpUntilItsReset(t *testing.T) {
	wired(t, func(t *testing.T, p *pair) {
		p.server.deaf.Store(true)
		begin := time.Now()
		if _, err := p.ack("x"); err != erpc.ErrLost {
			t.Errorf("ack = %v", err)
		}
		if took := time.Since(begin); took > 2*patience {
			t.Errorf("that took %v", took)
		}
		p.server.deaf.Store(false)
		p.Reset()
		p.mustWork(t, "after the reset")
	})
}

// An end that answers everything wrongly is given up too.
func TestAnEndWithoutSenseIsGivenUp(t *testing.T) {
	wired(t, func(t *testing.T, p *pair) {
		p.mcu.Inject(func(i int64, b byte) []byte { return []byte{b ^ 0x10} })
		for n := 0; ; n++ {
			_, err := p.ack("x")
			if err == erpc.ErrLost {
				break
			}
			if err == nil || n == 10 {
				t.Fatalf("call %d: %v", n, err)
			}
		}
		p.mcu.Inject(nil)
		p.Reset()
		p.mustWork(t, "after the reset")
	})
}

func TestAReplyThatIsTooLongFailsItsCallOnly(t *testing.T) {
	wired(t, func(t *testing.T, p *pair) {
		serve := p.server.serve
		p.server.serve = func(h erpc.Header, values []byte) ([]byte, bool) { return make([]byte, 1000), true }
		if _, err := p.count(1); err != erpc.ErrTooLong {
			t.Errorf("count = %v", err)
		}
		p.server.serve = serve
		p.mustWork(t, "then")
		p.Request(system, ack).Binary(make([]byte, 1000))
		if _, err := p.Call(patience, true); err != erpc.ErrTooLong {
			t.Errorf("a request that is too long: %v", err)
		}
		p.mustWork(t, "then")
	})
}

// A frame that trickles in must not hold the caller for as long as it likes.
func TestATricklingFrameEnds(t *testing.T) {
	wired(t, func(t *testing.T, p *pair) {
		stop := make(chan struct{})
		serve := p.server.serve
		p.server.serve = func(h erpc.Header, values []byte) ([]byte, bool) {
			go func() {
				p.server.port.Write([]byte{200, 0, 1, 1})
				for {
					select {
					case <-stop:
						return
					case <-time.After(9 * time.Millisecond):
						p.server.port.Write([]byte{0})
					}
				}
			}()
			return nil, false
		}
		begin := time.Now()
		if _, err := p.count(1); err != erpc.ErrIncomplete {
			t.Errorf("count = %v", err)
		}
		if took := time.Since(begin); took > patience {
			t.Errorf("that took %v", took)
		}
		close(stop)
		p.server.serve = serve
		time.Sleep(20 * time.Millisecond)
		if s, err := p.ack("x"); s != "x" || err != nil {
			t.Errorf("then: %q, %v", s, err)
		}
	})
}

// FuzzClient answers calls with anything. A call ends, in time, and has a result
// only if its reply was among it.
func FuzzClient(f *testing.F) {
	right := frame(erpc.Header{Type: erpc.Reply, Service: system, Request: count, Sequence: 1}, []byte{9, 0, 0, 0})
	f.Add(right, uint8(0))
	f.Add(append([]byte{0, 0, 0, 0}, right...), uint8(1))
	f.Add(append(frame(erpc.Header{Type: erpc.OneWay, Service: eventClass}, event("x")), right...), uint8(2))
	f.Add([]byte{0xFF, 0x0F}, uint8(3))
	f.Fuzz(func(t *testing.T, answer []byte, pause uint8) {
		if len(answer) > 5000 {
			t.Skip("longer than what is asked here")
		}
		wired(t, func(t *testing.T, p *pair) {
			serve := p.server.serve
			first := true
			p.server.serve = func(h erpc.Header, values []byte) ([]byte, bool) {
				if !first {
					return serve(h, values)
				}
				first = false
				half := len(answer) / 2
				p.server.port.Write(answer[:half])
				time.Sleep(time.Duration(pause) * time.Millisecond)
				p.server.port.Write(answer[half:])
				return nil, false
			}
			begin := time.Now()
			n, err := p.count(1)
			if err == nil {
				reply := frame(erpc.Header{Type: erpc.Reply, Service: system, Request: count, Sequence: 1},
					binary.LittleEndian.AppendUint32(nil, n))
				if !bytes.Contains(answer, reply) {
					t.Fatalf("%d from nowhere", n)
				}
			}
			if took := time.Since(begin); took > 4*patience {
				t.Fatalf("the call took %v", took)
			}
			if err == erpc.ErrLost {
				time.Sleep(time.Second)
				p.Reset()
			}
			if s, err := p.ack("x"); s != "x" || err != nil {
				t.Fatalf("then: %q, %v", s, err)
			}
		})
	})
}
