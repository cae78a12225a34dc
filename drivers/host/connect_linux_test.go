//go:build !tinygo

package host_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

// closedPort returns the address of a port that nobody listens on. The socket
// that is bound to it keeps others away.
func closedPort(t testing.TB) (int, netip.AddrPort) {
	t.Helper()
	d := host.New()
	fd := stream(t, d)
	must(t, d.Bind(fd, anyPort))
	return fd, sockName(t, d, fd)
}

// errnoOf returns the errno at the bottom of an error of Go's own net.
func errnoOf(t *testing.T, err error) syscall.Errno {
	t.Helper()
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		t.Fatalf("no errno in %v", err)
	}
	return errno
}

// Connect fails as Go's own net says that the kernel does.
func TestConnectErrorsAreTheKernels(t *testing.T) {
	_, refused := closedPort(t)
	for _, test := range []struct {
		name string
		addr netip.AddrPort
		want error
	}{
		{"refused", refused, netdev.ErrConnRefused},
		{"broadcast", netip.MustParseAddrPort("255.255.255.255:9"), nil},
		{"multicast", netip.MustParseAddrPort("224.0.0.1:9"), nil},
		{"port 0", netip.MustParseAddrPort("127.0.0.1:0"), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, stdErr := net.DialTimeout("tcp4", test.addr.String(), time.Second)
			if stdErr == nil {
				c.Close()
				t.Skip("Go's own net connects here")
			}
			if ne, ok := stdErr.(net.Error); ok && ne.Timeout() {
				t.Skip("Go's own net gets no answer here")
			}
			d := host.New()
			err := d.Connect(stream(t, d), "", test.addr)
			wantErr(t, "Connect", err, errnoOf(t, stdErr))
			if test.want != nil {
				wantErr(t, "Connect", err, test.want)
			}
		})
	}
}

func TestConnectToWildcardIsLoopback(t *testing.T) {
	_, addr := stdListen(t)
	d := host.New()
	fd := stream(t, d)
	must(t, d.Connect(fd, "", netip.AddrPortFrom(netip.IPv4Unspecified(), addr.Port())))
	if peer, err := d.GetPeerName(fd); peer != addr || err != nil {
		t.Errorf("GetPeerName = %v, %v, want %v", peer, err, addr)
	}
}

func TestConnectResolvesHost(t *testing.T) {
	_, addr := stdListen(t)
	d := host.New()
	for _, domain := range []int{netdev.AF_INET, netdev.AF_INET6} {
		for _, name := range []string{"127.0.0.1", "localhost"} {
			if domain == netdev.AF_INET6 && name == "localhost" {
				continue // may be ::1, where nobody listens
			}
			fd, err := d.Socket(domain, netdev.SOCK_STREAM, 0)
			if domain == netdev.AF_INET6 && errors.Is(err, netdev.ErrFamilyNotSupported) {
				t.Log("no IPv6 on this host")
				continue
			}
			must(t, err)
			if err := d.Connect(fd, name, netip.AddrPortFrom(netip.Addr{}, addr.Port())); err != nil {
				t.Errorf("Connect to %s: %v", name, err)
			}
			must(t, d.Close(fd))
		}
	}
}

func TestConnectNamesBothEnds(t *testing.T) {
	d := host.New()
	fd, c := pair(t, d)
	local, peer := sockName(t, d, fd), c.RemoteAddr().(*net.TCPAddr).AddrPort()
	if local != peer {
		t.Errorf("GetSockName = %v, the peer says %v", local, peer)
	}
	if got, err := d.GetPeerName(fd); got.String() != c.LocalAddr().String() || err != nil {
		t.Errorf("GetPeerName = %v, %v, want %v", got, err, c.LocalAddr())
	}
	_, err := d.GetPeerName(stream(t, d))
	wantErr(t, "GetPeerName of a fresh socket", err, netdev.ErrNotConnected)
}

func TestConnectTwiceIsConnected(t *testing.T) {
	d := host.New()
	fd, c := pair(t, d)
	err := d.Connect(fd, "", c.LocalAddr().(*net.TCPAddr).AddrPort())
	wantErr(t, "second Connect", err, netdev.ErrIsConnected)
}

func TestConnectContextEndsWithItsContext(t *testing.T) {
	d := host.New()
	addr := blackhole(t, d)
	fd := stream(t, d)
	ctx, cancel := context.WithCancel(context.Background())
	c := start(func() (int, error) { return 0, d.ConnectContext(ctx, fd, "", addr) })
	asleep(t, d, fd, 1)
	cancel()
	if r := wait(t, "ConnectContext", c); r.err != context.Canceled {
		t.Errorf("ConnectContext: %v", r.err)
	}
	if err := d.ConnectContext(ctx, stream(t, d), "", addr); err != context.Canceled {
		t.Errorf("with a context that is done: %v", err)
	}
	ctx, cancel = context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := d.ConnectContext(ctx, stream(t, d), "", addr); err != context.DeadlineExceeded {
		t.Errorf("with a deadline: %v", err)
	}
}

func TestNonblockingConnect(t *testing.T) {
	d := host.New()
	_, addr := stdListen(t)
	_, refused := closedPort(t)
	hole := blackhole(t, d)
	connect := func(addr netip.AddrPort) (int, error) {
		fd := stream(t, d)
		must(t, d.SetNonblock(fd, true))
		if err := d.Connect(fd, "", addr); err != netdev.ErrInProgress {
			t.Fatalf("first Connect: %v", err)
		}
		ready := pollUntil(t, d, fd, netdev.PollOut)
		if ready&netdev.PollOut == 0 {
			t.Fatalf("Poll = %#x", ready)
		}
		return fd, d.Connect(fd, "", addr)
	}
	fd, err := connect(addr)
	must(t, err)
	if n, err := d.Send(fd, []byte("x"), 0, never); n != 1 || err != nil {
		t.Errorf("Send = %d, %v", n, err)
	}
	_, err = connect(refused)
	wantErr(t, "outcome", err, netdev.ErrConnRefused)

	fd = stream(t, d)
	must(t, d.SetNonblock(fd, true))
	for range 3 {
		wantErr(t, "Connect without outcome", d.Connect(fd, "", hole), netdev.ErrInProgress)
	}
	if ev, err := d.Poll(fd); ev != 0 || err != nil {
		t.Errorf("Poll while connecting = %#x, %v", ev, err)
	}
}

func TestFamiliesThatDoNotFit(t *testing.T) {
	d := host.New()
	six := netip.MustParseAddrPort("[::1]:9")
	for _, stype := range []int{netdev.SOCK_STREAM, netdev.SOCK_DGRAM} {
		fd := socket(t, d, netdev.AF_INET, stype)
		wantErr(t, "Bind", d.Bind(fd, six), netdev.ErrFamilyNotSupported)
		wantErr(t, "Connect", d.Connect(fd, "", six), netdev.ErrFamilyNotSupported)
	}
	fd := socket(t, d, netdev.AF_INET, netdev.SOCK_DGRAM)
	_, err := d.SendTo(fd, nil, 0, six, never)
	wantErr(t, "SendTo", err, netdev.ErrFamilyNotSupported)
	// A mapped address is an IPv4 address.
	must(t, d.Bind(fd, netip.MustParseAddrPort("[::ffff:127.0.0.1]:0")))
	if addr := sockName(t, d, fd).Addr(); addr != loopback {
		t.Errorf("GetSockName = %v", addr)
	}
}
