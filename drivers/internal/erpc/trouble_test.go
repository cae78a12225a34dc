package erpc_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/drivers/internal/erpc"
	"github.com/netdev-go/netdev/drivers/internal/uart"
)

// A brokenPort takes nothing, or fails to read.
type brokenPort struct {
	mirror
	write, read error
}

func (p *brokenPort) Write(b []byte) (int, error) {
	if p.write != nil {
		return 0, p.write
	}
	return p.mirror.Write(b)
}

func (p *brokenPort) Read(b []byte) (int, error) {
	if p.read != nil {
		return 0, p.read
	}
	return p.mirror.Read(b)
}

func TestAPortThatFailsEndsTheCall(t *testing.T) {
	unplugged := errors.New("unplugged")
	for name, p := range map[string]*brokenPort{"write": {write: unplugged}, "read": {read: unplugged}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := erpc.NewClient(erpc.Config{
					Line: uart.New(p), MaxRequest: 100, MaxReply: 100,
					Probe: func(c *erpc.Client) { c.Request(system, ack) },
				})
				begin := time.Now()
				for n := 0; ; n++ {
					c.Request(system, ack).Uint16(1)
					_, err := c.Call(patience, true)
					if err == erpc.ErrLost {
						break
					}
					if err == nil || n == 10 {
						t.Fatalf("call %d: %v", n, err)
					}
				}
				if took := time.Since(begin); took > 10*patience {
					t.Errorf("that took %v", took)
				}
				p.read, p.write = nil, nil
				c.Reset()
				c.Request(system, ack).Uint16(7)
				d, err := c.Call(patience, false)
				if err != nil || d.Uint16() != 7 || d.End() != nil {
					t.Errorf("then: %v", err)
				}
			})
		})
	}
}

// An event that is damaged is counted, and does not keep the next from being
// heard.
func TestADamagedEventIsCounted(t *testing.T) {
	wired(t, func(t *testing.T, p *pair) {
		send := func(harm int, text string) {
			f := frame(erpc.Header{Type: erpc.OneWay, Service: eventClass}, event(text))
			if harm >= 0 {
				f[harm] ^= 0x40
			}
			time.Sleep(time.Second)
			go p.server.port.Write(f)
			p.Idle(nil, time.Second)
		}
		for harm := range 16 {
			send(harm, "damaged")
			send(-1, "sound")
		}
		if n := p.Stats().Damaged; n != 16 || len(p.events) != 16 {
			t.Errorf("%d were damaged; events %q", n, p.events)
		}
		p.mustWork(t, "then")
	})
}

func TestErrorsHaveTexts(t *testing.T) {
	seen := map[string]bool{}
	for e := erpc.ErrTimeout; e <= erpc.ErrLost+1; e++ {
		if seen[e.Error()] {
			t.Errorf("%q twice", e)
		}
		seen[e.Error()] = true
	}
}
