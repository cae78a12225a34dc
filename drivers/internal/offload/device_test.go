package offload_test

import (
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// A device is what a driver makes of its chip.
type device struct {
	*sockets
	offload.Half
}

type sockets = offload.Sockets

var never time.Time

func in(d time.Duration) time.Time { return time.Now().Add(d) }

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func want(tb testing.TB, what string, err, is error) {
	tb.Helper()
	if !errors.Is(err, is) {
		tb.Fatalf("%s: %v, want %v", what, err, is)
	}
}

func stream(tb testing.TB, dev netdev.Netdever) int {
	tb.Helper()
	fd, err := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
	must(tb, err)
	return fd
}

func datagram(tb testing.TB, dev netdev.Netdever) int {
	tb.Helper()
	fd, err := dev.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
	must(tb, err)
	return fd
}

// connect returns a stream and its local port.
func connect(tb testing.TB, dev *device) (int, uint16) {
	tb.Helper()
	fd := stream(tb, dev)
	must(tb, dev.Connect(fd, "", peerAddr))
	return fd, port(tb, dev, fd)
}

// bind returns a datagram socket and its port.
func bind(tb testing.TB, dev *device) (int, uint16) {
	tb.Helper()
	fd := datagram(tb, dev)
	must(tb, dev.Bind(fd, netip.AddrPort{}))
	return fd, port(tb, dev, fd)
}

// listen returns a listener and its port.
func listen(tb testing.TB, dev *device, backlog int) (int, uint16) {
	tb.Helper()
	fd := stream(tb, dev)
	must(tb, dev.Listen(fd, backlog))
	return fd, port(tb, dev, fd)
}

func port(tb testing.TB, dev *device, fd int) uint16 {
	tb.Helper()
	name, err := dev.GetSockName(fd)
	must(tb, err)
	return name.Port()
}

// A result is what a call returned.
type result struct {
	n   int
	err error
}

// start makes a call on a goroutine of its own.
func start(f func() (int, error)) <-chan result {
	c := make(chan result, 1)
	go func() {
		n, err := f()
		c <- result{n, err}
	}()
	return c
}

// pattern is n bytes of which none is like its neighbours.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}

// pass lets time go by in a bubble, and what begins at its end come to rest.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
