package espat_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/drivers/espat"
	"github.com/netdev-go/netdev/netlink"
)

// Whoever stops waiting for the module has its answer to itself: the module's
// comes later. The race detector sees it.
func TestAnAnswerThatNobodyWaitsForGoesNowhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		addr := netip.MustParseAddr("10.0.0.1")
		late := func(answer string) func(string) string {
			return func(string) string {
				time.AfterFunc(100*time.Millisecond, func() { m.say(answer + ok) })
				return "\r\n"
			}
		}
		m.do(func() {
			m.on["AT+PING="] = late("+PING:3\r\n")
			m.on["AT+CWLAP"] = late("+CWLAP:(3,\"net\",-51,\"02:00:00:00:00:01\",6)\r\n")
			m.on["AT+CIPDOMAIN="] = late("+CIPDOMAIN:\"10.0.0.1\"\r\n")
		})
		for _, ask := range []func(context.Context) error{
			func(ctx context.Context) error { _, err := dev.Ping(ctx, addr, nil); return err },
			func(ctx context.Context) error { _, err := dev.Scan(ctx); return err },
			func(ctx context.Context) error { _, err := dev.LookupNetIP(ctx, "ip4", "name"); return err },
		} {
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
			if err := ask(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v", err)
			}
			cancel()
			time.Sleep(time.Second)
		}
	})
}

// An ERROR that comes at once, and again and again, is no reason to ask the
// module without pause.
func TestPingLeavesTimeBetweenTwoQuestions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		m.do(func() { m.on["AT+PING="] = func(string) string { return "+PING:TIMEOUT\r\n" + wrong } })
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if _, err := dev.Ping(ctx, netip.MustParseAddr("10.0.0.1"), nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Ping = %v", err)
		}
		if n := len(m.heard("AT+PING=")); n < 5 || n > 20 {
			t.Errorf("the module was asked %d times in ten seconds", n)
		}
	})
}

// Who asks something while the module joins waits; it does not keep others from
// ending that.
func TestNetDisconnectEndsAJoinThatSomebodyWaitsBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		m.on["AT+CWJAP="] = func(string) string { return "\r\n" }
		dev := espat.New(&espat.Config{UART: m, Timeout: 4 * time.Second, Reset: m.reset})
		defer dev.Stop()
		joined, asked := make(chan error, 1), make(chan error, 1)
		go func() {
			joined <- dev.NetConnect(&netlink.ConnectParams{Ssid: "net", Retries: 1, ConnectTimeout: 5 * time.Minute})
		}()
		time.Sleep(time.Second)
		go func() {
			_, err := dev.Firmware()
			asked <- err
		}()
		time.Sleep(time.Second)
		begin := time.Now()
		dev.NetDisconnect()
		if err := <-joined; err == nil {
			t.Error("NetConnect = nil")
		}
		if err := <-asked; err != nil {
			t.Errorf("Firmware = %v", err)
		}
		if d := time.Since(begin); d > time.Second {
			t.Errorf("it took %v", d)
		}
	})
}

// reset is the module's pin.
func (m *module) reset(high bool) {
	if high {
		m.do(func() {
			m.echo, m.mux, m.links = true, 0, [5]*fakeLink{}
			m.out.WriteString("\r\nready\r\n")
		})
	}
}
