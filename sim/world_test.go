package sim

import (
	"context"
	stdnet "net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

// A world is a host whose kernel is a stack, in virtual time, and the boards on
// it.
type world struct {
	*testing.T
	host *stack.Stack
}

var hostAddr = netip.MustParseAddr("192.0.2.1")

// inWorld runs f in a synctest bubble, in which all that f starts must end.
func inWorld(t *testing.T, f func(t *testing.T, w *world)) {
	synctest.Test(t, func(t *testing.T) {
		card, far, err := ether.Cable(ether.Config{Queue: queue}, ether.Config{})
		must(t, err)
		host, err := stack.New(card, stack.Config{Address: netip.PrefixFrom(hostAddr, 24)})
		must(t, err)
		t.Cleanup(func() {
			host.Stop()
			card.Close()
			far.Close()
		})
		must(t, host.NetConnect(nil))
		f(t, &world{t, host})
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A told is what a board's Events were told.
type told struct {
	mu    sync.Mutex
	lines []string
}

func (e *told) event(line string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lines = append(e.lines, line)
}

// all returns the lines so far, one after the other.
func (e *told) all() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return strings.Join(e.lines, "\n")
}

// boot returns a board that is not connected, and what it tells.
func (w *world) boot(c Config) (*Board, *told) {
	w.Helper()
	e := new(told)
	c.Events = e.event
	if c.Host == nil {
		c.Host = w.host
	}
	b, err := Boot(c)
	must(w.T, err)
	w.Cleanup(func() {
		if err := b.Stop(); err != nil {
			w.Error(err)
		}
	})
	return b, e
}

// board returns one that is connected.
func (w *world) board(c Config) (*Board, *told) {
	w.Helper()
	b, e := w.boot(c)
	must(w.T, b.NetConnect(&netlink.ConnectParams{}))
	return b, e
}

func listen(t *testing.T, dev netdev.Netdever, address string) stdnet.Listener {
	t.Helper()
	lc := net.ListenConfig{Device: dev}
	l, err := lc.Listen(context.Background(), "tcp", address)
	must(t, err)
	t.Cleanup(func() { l.Close() })
	return l
}

func dial(dev netdev.Netdever, address string) (stdnet.Conn, error) {
	d := net.Dialer{Device: dev}
	return d.DialContext(context.Background(), "tcp", address)
}

// exchange sends text from a dialled connection to one that l accepts, and back.
func exchange(t *testing.T, from netdev.Netdever, address string, l stdnet.Listener, text string) {
	t.Helper()
	go func() {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		if err := echo(c); err != nil {
			t.Errorf("the server: %v", err)
		}
	}()
	c, err := dial(from, address)
	must(t, err)
	defer c.Close()
	must(t, c.SetDeadline(time.Now().Add(5*time.Minute)))
	got, err := ask(c, text)
	if err != nil || got != text {
		t.Fatalf("%d bytes were sent, and %d came back, %v", len(text), len(got), err)
	}
}
