//go:build !tinygo

package host_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"golang.org/x/sys/unix"
)

func TestCloseWakesBlockedCalls(t *testing.T) {
	tests := []struct {
		name string
		call func(t *testing.T, d *host.Device) (int, func() (int, error))
	}{
		{"Recv", func(t *testing.T, d *host.Device) (int, func() (int, error)) {
			fd, _ := pair(t, d)
			return fd, func() (int, error) { return d.Recv(fd, make([]byte, 1), 0, never) }
		}},
		{"Recv with a deadline", func(t *testing.T, d *host.Device) (int, func() (int, error)) {
			fd, _ := pair(t, d)
			return fd, func() (int, error) { return d.Recv(fd, make([]byte, 1), 0, time.Now().Add(time.Hour)) }
		}},
		{"Send", func(t *testing.T, d *host.Device) (int, func() (int, error)) {
			fd, _ := pair(t, d)
			fill(t, d, fd)
			return fd, func() (int, error) { return d.Send(fd, []byte("x"), 0, never) }
		}},
		{"RecvFrom", func(t *testing.T, d *host.Device) (int, func() (int, error)) {
			fd, _ := bound(t, d)
			return fd, func() (int, error) { n, _, err := d.RecvFrom(fd, make([]byte, 1), 0, never); return n, err }
		}},
		{"Accept", func(t *testing.T, d *host.Device) (int, func() (int, error)) {
			fd, _ := listen(t, d, 1)
			return fd, func() (int, error) { n, _, err := d.Accept(fd); return n + 1, err }
		}},
		{"Connect", func(t *testing.T, d *host.Device) (int, func() (int, error)) {
			addr := blackhole(t, d)
			fd := stream(t, d)
			return fd, func() (int, error) { return 0, d.Connect(fd, "", addr) }
		}},
	}
	ends := []struct {
		name string
		end  func(d *host.Device, fd int) error
		want error
	}{
		{"Close", func(d *host.Device, fd int) error { return d.Close(fd) }, net.ErrClosed},
		{"NetDisconnect", func(d *host.Device, fd int) error { d.NetDisconnect(); return nil }, netdev.ErrNetDown},
	}
	for _, test := range tests {
		for _, end := range ends {
			t.Run(test.name+"/"+end.name, func(t *testing.T) {
				d := host.New()
				fd, call := test.call(t, d)
				const calls = 3
				var results []<-chan result
				for range calls {
					results = append(results, start(call))
				}
				asleep(t, d, fd, calls)
				must(t, end.end(d, fd))
				for _, c := range results {
					if r := wait(t, test.name, c); r.n != 0 || !errors.Is(r.err, end.want) {
						t.Errorf("%d, %v, want 0, %v", r.n, r.err, end.want)
					}
				}
			})
		}
	}
}

// blackhole returns an address that answers no SYN: a listener whose backlog is
// full.
func blackhole(t *testing.T, d *host.Device) netip.AddrPort {
	t.Helper()
	_, addr := listen(t, d, 0)
	for range 16 {
		fd := stream(t, d)
		must(t, d.SetNonblock(fd, true))
		if err := d.Connect(fd, "", addr); err != netdev.ErrInProgress && err != nil {
			t.Fatal(err)
		}
		// On loopback a handshake that is answered is over by now.
		if ev, err := d.Poll(fd); err != nil || ev == 0 {
			return addr
		}
	}
	t.Fatal("the backlog does not fill")
	return netip.AddrPort{}
}

func TestClosedDescriptorIsInvalid(t *testing.T) {
	d := host.New()
	fd, _ := pair(t, d)
	must(t, d.Close(fd))
	for name, err := range everyCall(d, fd) {
		wantErr(t, name, err, netdev.ErrInvalidSocketFd)
	}
}

func TestClosedPortIsFreeWhenCloseReturns(t *testing.T) {
	d := host.New()
	fd, addr := listen(t, d, 1)
	for range 50 {
		accept := start(func() (int, error) { n, _, err := d.Accept(fd); return n, err })
		asleep(t, d, fd, 1)
		must(t, d.Close(fd))
		var err error
		if fd, err = d.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); err != nil {
			t.Fatal(err)
		}
		must(t, d.Bind(fd, addr))
		must(t, d.Listen(fd, 1))
		wait(t, "Accept", accept)
	}
	d.Close(fd)
}

func TestDataSentBeforeCloseArrives(t *testing.T) {
	d := host.New()
	fd, c := pair(t, d)
	sent := fill(t, d, fd)
	must(t, d.Close(fd))
	got := 0
	for buf := make([]byte, 1<<16); ; {
		n, err := c.Read(buf)
		got += n
		if err != nil {
			break
		}
	}
	if got != sent {
		t.Errorf("peer read %d of %d", got, sent)
	}
}

func kernelFds(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	return len(list)
}

// A call that comes too late, with a number that was closed in that moment, must
// not find the socket that has come since.
func TestNumbersAreNotSoonUsedAgain(t *testing.T) {
	d := host.New()
	seen := make(map[int]bool)
	for range 1000 {
		fd, err := d.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
		must(t, err)
		if fd < 0 || seen[fd] {
			t.Fatalf("descriptor %d again", fd)
		}
		seen[fd] = true
		must(t, d.Close(fd))
		if err := d.Bind(fd, netip.AddrPort{}); err != netdev.ErrInvalidSocketFd {
			t.Fatalf("Bind of a closed descriptor = %v", err)
		}
	}
}

func TestOpenAndCloseLeaksNothing(t *testing.T) {
	d := host.New()
	fd, addr := listen(t, d, 16)
	before := kernelFds(t)
	for i := range 1000 {
		c, err := d.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
		must(t, err)
		if slot := c & (1<<20 - 1); slot > 16 {
			t.Fatalf("slot %d in cycle %d", slot, i)
		}
		must(t, d.SetSockOpt(c, netdev.SOL_SOCKET, netdev.SO_LINGER, 0)) // spare the host's ports
		must(t, d.Connect(c, "", addr))
		s, _, err := d.Accept(fd)
		must(t, err)
		must(t, d.Close(c))
		must(t, d.Close(s))
	}
	if after := kernelFds(t); after != before {
		t.Errorf("%d kernel descriptors, %d before", after, before)
	}
}

// Other tests have closed their sockets by now, so that the poller's goroutine
// ends with the last one here.
func TestLastCloseLeavesNoGoroutine(t *testing.T) {
	d := host.New()
	before := runtime.NumGoroutine()
	for range 50 {
		fd, to := bound(t, d)
		recv := start(func() (int, error) { return d.Recv(fd, make([]byte, 1), 0, never) })
		asleep(t, d, fd, 1)
		if _, err := d.SendTo(fd, []byte("x"), 0, to, never); err != nil {
			t.Fatal(err)
		}
		if r := wait(t, "Recv", recv); r.n != 1 || r.err != nil {
			t.Fatalf("Recv = %d, %v", r.n, r.err)
		}
		must(t, d.Close(fd))
	}
	for limit := soon(); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(limit) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}

func TestFailedSocketsLeakNothing(t *testing.T) {
	d := host.New()
	_, addr := closedPort(t)
	before := kernelFds(t)
	for range 100 {
		fd, err := d.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
		must(t, err)
		if err := d.Connect(fd, "", addr); err != netdev.ErrConnRefused {
			t.Fatal(err)
		}
		must(t, d.Close(fd))
	}
	d.NetDisconnect()
	for range 100 {
		if _, err := d.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); err != netdev.ErrNetDown {
			t.Fatal(err)
		}
	}
	if after := kernelFds(t); after != before {
		t.Errorf("%d kernel descriptors, %d before", after, before)
	}
}

func TestKernelDescriptorsStayInTheProcess(t *testing.T) {
	d := host.New()
	lfd, addr := listen(t, d, 1)
	cfd := stream(t, d)
	must(t, d.Connect(cfd, "", addr))
	afd, _, err := d.Accept(lfd)
	must(t, err)
	defer d.Close(afd)
	for _, fd := range []int{lfd, cfd, afd} {
		k := host.KernelFd(d, fd)
		if flags, err := unix.FcntlInt(uintptr(k), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
			t.Errorf("F_GETFD = %#x, %v, want close-on-exec", flags, err)
		}
		if flags, err := unix.FcntlInt(uintptr(k), unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK == 0 {
			t.Errorf("F_GETFL = %#x, %v, want non-blocking", flags, err)
		}
	}
}

// Calls race with Close and with new sockets that get the same numbers. What a
// call sends may only arrive where it was aimed.
func TestReusedDescriptorNeverTouchesTheOldSocket(t *testing.T) {
	d := host.New()
	peer, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(anyPort))
	must(t, err)
	defer peer.Close()
	to := peer.LocalAddr().(*net.UDPAddr).AddrPort()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 300 {
				fd, err := d.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
				if err != nil {
					t.Error(err)
					return
				}
				if err := d.Bind(fd, anyPort); err != nil {
					t.Error(err)
				}
				if err := d.Connect(fd, "", to); err != nil {
					t.Error(err)
				}
				local, err := d.GetSockName(fd)
				if err != nil {
					t.Error(err)
				}
				// Blocked on the old socket while the number changes hands.
				old := start(func() (int, error) { return d.Recv(fd, make([]byte, 8), 0, never) })
				if _, err := d.Send(fd, fmt.Appendf(nil, "%d %d", g, local.Port()), 0, never); err != nil {
					t.Error(err)
				}
				if err := d.Close(fd); err != nil {
					t.Error(err)
				}
				if i%2 == 0 {
					// May be the same number; whatever it is, not the same socket.
					next, err := d.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
					if err != nil {
						t.Error(err)
						return
					}
					d.Close(next)
				}
				r := <-old
				if r.n != 0 || !errors.Is(r.err, net.ErrClosed) && r.err != netdev.ErrInvalidSocketFd {
					t.Errorf("Recv = %d, %v", r.n, r.err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatal("stuck")
	}
	peer.SetReadDeadline(time.Now())
	buf := make([]byte, 32)
	for {
		n, from, err := peer.ReadFromUDPAddrPort(buf)
		if err != nil {
			break
		}
		var g, port int
		fmt.Sscanf(string(buf[:n]), "%d %d", &g, &port)
		if port != int(from.Port()) {
			t.Fatalf("datagram of port %d came from %v", port, from)
		}
	}
}
