package gateway

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/internal/bare"
)

// A nearSide records what comes back over flows whose far side is one address.
type nearSide struct {
	far     netip.AddrPort
	answers chan string
	errs    chan error
}

func (n *nearSide) target(pair) (netip.AddrPort, error) { return n.far, nil }
func (n *nearSide) answer(p pair, b []byte) error {
	n.answers <- p.from.String() + " " + string(b)
	return nil
}
func (n *nearSide) failed(_ pair, _ []byte, err error) { n.errs <- err }

func newTestFlows(t *testing.T, dev netdev.Netdever, far netip.AddrPort, max int, idle time.Duration) (*flows, *nearSide) {
	t.Helper()
	g := &Gateway{config: Config{MaxFlows: max, UDPTimeout: idle}}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	near := &nearSide{far: far, answers: make(chan string, 2000), errs: make(chan error, 2000)}
	table := g.newFlows(dev, &g.udp, near)
	t.Cleanup(func() {
		table.close()
		g.wg.Wait() // all goroutines end
		if n := g.udp.active.Load(); n != 0 {
			t.Errorf("%d flows are left", n)
		}
	})
	return table, near
}

// echoServer answers each datagram with itself, until the test ends.
func echoServer(t *testing.T) netip.AddrPort {
	t.Helper()
	pc, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.Close() })
	go func() {
		buf := make([]byte, 64<<10)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			pc.WriteTo(buf[:n], from)
		}
	}()
	return netip.MustParseAddrPort(pc.LocalAddr().String())
}

func pairOf(port uint16) pair {
	return pair{netip.AddrPortFrom(netip.MustParseAddr("10.0.2.15"), port), netip.MustParseAddrPort("192.0.2.1:7")}
}

func wait[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func TestAnswersGoToWhoSpokeFirst(t *testing.T) {
	for name, dev := range map[string]netdev.Netdever{"host": host.New(), "bare": bare.Device(host.New())} {
		t.Run(name, func(t *testing.T) {
			table, near := newTestFlows(t, dev, echoServer(t), 10, time.Minute)
			table.send(pairOf(1), []byte("one"))
			if got := wait(t, near.answers); got != "10.0.2.15:1 one" {
				t.Errorf("got %q", got)
			}
			table.send(pairOf(2), []byte("two"))
			if got := wait(t, near.answers); got != "10.0.2.15:2 two" {
				t.Errorf("got %q", got)
			}
			table.send(pairOf(1), nil)
			if got := wait(t, near.answers); got != "10.0.2.15:1 " {
				t.Errorf("an empty datagram came back as %q", got)
			}
			if s := table.count.stats(); s.Opened != 2 || s.Active != 2 || s.Sent != 3 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestTheFlowIdleLongestMakesRoom(t *testing.T) {
	table, near := newTestFlows(t, host.New(), echoServer(t), 3, time.Minute)
	for _, port := range []uint16{1, 2, 3, 1, 4} {
		table.send(pairOf(port), []byte("x"))
		wait(t, near.answers)
	}
	if table.touch(pairOf(2)) != nil {
		t.Error("the flow idle longest is still there")
	}
	for _, port := range []uint16{1, 3, 4} {
		if table.touch(pairOf(port)) == nil {
			t.Errorf("flow %d is gone", port)
		}
	}
	for port := range uint16(1000) {
		table.send(pairOf(10+port), []byte("flood"))
	}
	if s := table.count.stats(); s.Active != 3 || s.Evicted != 1001 || s.Opened != 1004 {
		t.Errorf("%+v", s)
	}
}

func TestAnIdleFlowEnds(t *testing.T) {
	table, near := newTestFlows(t, host.New(), echoServer(t), 3, 300*time.Millisecond)
	table.send(pairOf(1), []byte("x"))
	wait(t, near.answers)
	table.g.wg.Wait() // its goroutine has ended, and nobody closed the table
	if s := table.count.stats(); s.Expired != 1 || s.Active != 0 {
		t.Errorf("%+v", s)
	}
}

func TestARefusedDatagramIsTold(t *testing.T) {
	pc, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := netip.MustParseAddrPort(pc.LocalAddr().String())
	pc.Close()
	table, near := newTestFlows(t, host.New(), nobody, 3, time.Minute)
	table.send(pairOf(1), []byte("x"))
	if err := wait(t, near.errs); !errors.Is(err, netdev.ErrConnRefused) {
		t.Errorf("told %v", err)
	}
	if table.touch(pairOf(1)) == nil {
		t.Error("the flow ended, though somebody may listen there soon")
	}
}

func TestAfterCloseNothingIsSent(t *testing.T) {
	table, _ := newTestFlows(t, host.New(), echoServer(t), 3, time.Minute)
	table.close()
	table.send(pairOf(1), []byte("x"))
	if s := table.count.stats(); s.Sent != 0 || s.Dropped != 1 || s.Active != 0 {
		t.Errorf("%+v", s)
	}
}
