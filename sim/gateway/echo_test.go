package gateway

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
)

// A fakePinger is a host whose Ping a test holds back, and which then refuses.
type fakePinger struct {
	netdev.Netdever
	release chan struct{}
	pinged  chan string
}

func (p *fakePinger) Ping(_ context.Context, addr netip.Addr, payload []byte) (time.Duration, error) {
	<-p.release
	p.pinged <- addr.String() + " " + string(payload)
	return 0, netdev.ErrAccess
}

func TestAnEchoRequestOutlivesItsFrame(t *testing.T) {
	host := &fakePinger{release: make(chan struct{}), pinged: make(chan string, 2)}
	var events []Event
	c, err := Config{Device: testDevice(t), Events: func(e Event) { events = append(events, e) }}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	s, err := stack.New(c.Device, stack.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	g := &Gateway{config: c, host: host, stack: s, pings: make(chan struct{}, 2), ctx: t.Context()}
	board, far := netip.MustParseAddr("10.0.2.15"), netip.MustParseAddr("192.0.2.1")
	for range 2 {
		payload := []byte("hello")
		g.forwardEcho(board, far, 1, 1, payload)
		copy(payload, "other") // the device has its buffer back
	}
	close(host.release)
	for range 2 {
		if got := wait(t, host.pinged); got != "192.0.2.1 hello" {
			t.Errorf("the host pinged %q", got)
		}
	}
	g.wg.Wait()
	// A host that may not ping says so once.
	if len(events) != 1 || events[0].Kind != EchoUnavailable {
		t.Errorf("told %v", events)
	}
	if n := g.echo.failed.Load(); n != 2 {
		t.Errorf("counted %d", n)
	}
}
