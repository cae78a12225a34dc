//go:build !tinygo

package host_test

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

var (
	never    time.Time
	loopback = netip.MustParseAddr("127.0.0.1")
	anyPort  = netip.AddrPortFrom(loopback, 0)
)

// soon is a deadline for what is expected to happen.
func soon() time.Time { return time.Now().Add(10 * time.Second) }

func socket(t testing.TB, d *host.Device, domain, stype int) int {
	t.Helper()
	fd, err := d.Socket(domain, stype, 0)
	if err != nil {
		t.Fatalf("Socket: %v", err)
	}
	t.Cleanup(func() { d.Close(fd) })
	return fd
}

func stream(t testing.TB, d *host.Device) int {
	t.Helper()
	return socket(t, d, netdev.AF_INET, netdev.SOCK_STREAM)
}

// bound returns a datagram socket on the loopback address, and that address.
func bound(t testing.TB, d *host.Device) (int, netip.AddrPort) {
	t.Helper()
	fd := socket(t, d, netdev.AF_INET, netdev.SOCK_DGRAM)
	must(t, d.Bind(fd, anyPort))
	return fd, sockName(t, d, fd)
}

func listen(t testing.TB, d *host.Device, backlog int) (int, netip.AddrPort) {
	t.Helper()
	fd := stream(t, d)
	must(t, d.Bind(fd, anyPort))
	must(t, d.Listen(fd, backlog))
	return fd, sockName(t, d, fd)
}

func sockName(t testing.TB, d *host.Device, fd int) netip.AddrPort {
	t.Helper()
	addr, err := d.GetSockName(fd)
	must(t, err)
	return addr
}

// stdListen is a listener of Go's own net.
func stdListen(t testing.TB) (*net.TCPListener, netip.AddrPort) {
	t.Helper()
	l, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(anyPort))
	must(t, err)
	t.Cleanup(func() { l.Close() })
	return l, l.Addr().(*net.TCPAddr).AddrPort()
}

// pair connects a socket of the device to a connection of Go's own net.
func pair(t testing.TB, d *host.Device) (int, *net.TCPConn) {
	t.Helper()
	l, addr := stdListen(t)
	fd := stream(t, d)
	must(t, d.Connect(fd, "", addr))
	c, err := l.AcceptTCP()
	must(t, err)
	t.Cleanup(func() { c.Close() })
	return fd, c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

// asleep returns once n calls wait on fd.
func asleep(t testing.TB, d *host.Device, fd, n int) {
	t.Helper()
	for limit := soon(); host.Asleep(d, fd) < n; runtime.Gosched() {
		if time.Now().After(limit) {
			t.Fatalf("%d calls wait, want %d", host.Asleep(d, fd), n)
		}
	}
}

// A result is what a call returned.
type result struct {
	n   int
	err error
}

// start runs f on another goroutine.
func start(f func() (int, error)) <-chan result {
	c := make(chan result, 1)
	go func() {
		n, err := f()
		c <- result{n, err}
	}()
	return c
}

func wait(t testing.TB, what string, c <-chan result) result {
	t.Helper()
	select {
	case r := <-c:
		return r
	case <-time.After(10 * time.Second):
		t.Fatalf("%s did not return", what)
		return result{}
	}
}

// fill sends until the kernel takes no more.
func fill(t testing.TB, d *host.Device, fd int) int {
	t.Helper()
	total := 0
	buf := make([]byte, 1<<16)
	for {
		n, err := d.Send(fd, buf, netdev.MSG_DONTWAIT, never)
		total += n
		if err == netdev.ErrWouldBlock {
			return total
		}
		must(t, err)
	}
}

func recvAll(d *host.Device, fd int, buf []byte) error {
	for len(buf) > 0 {
		n, err := d.Recv(fd, buf, 0, soon())
		if err != nil {
			return err
		}
		buf = buf[n:]
	}
	return nil
}

func wantEOF(t testing.TB, d *host.Device, fd int) {
	t.Helper()
	if n, err := d.Recv(fd, make([]byte, 8), 0, soon()); n != 0 || err != io.EOF {
		t.Errorf("Recv = %d, %v, want 0, EOF", n, err)
	}
}
