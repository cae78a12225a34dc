//go:build !tinygo

package net_test

import (
	"context"
	"errors"
	stdnet "net"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/net"
)

func addrs(list ...string) []netip.Addr {
	var as []netip.Addr
	for _, s := range list {
		as = append(as, netip.MustParseAddr(s))
	}
	return as
}

func TestDialTriesTheAddressesInTurn(t *testing.T) {
	var tried []string
	f := &fake{connect: func(_ int, _ string, to netip.AddrPort) error {
		tried = append(tried, to.String())
		if to.Addr() != netip.MustParseAddr("10.0.0.3") {
			return netdev.ErrConnRefused
		}
		return nil
	}}
	use(t, multi{f, addrs("fd00::1", "10.0.0.1", "::ffff:10.0.0.2", "10.0.0.3", "10.0.0.4")})
	c, err := net.Dial("tcp", "host:80")
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if want := []string{"10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"}; !slices.Equal(tried, want) {
		t.Errorf("tried %v, want %v", tried, want)
	}
	if n := f.sockets(); n != 0 {
		t.Errorf("%d sockets are open at the end", n)
	}
}

func TestDialReportsTheFirstAddressThatCouldBe(t *testing.T) {
	f := &fake{connect: func(_ int, _ string, to netip.AddrPort) error {
		if to.Addr() == netip.MustParseAddr("10.0.0.1") {
			return netdev.ErrConnRefused
		}
		return netdev.ErrHostUnreachable
	}}
	use(t, multi{f, addrs("fd00::1", "10.0.0.1", "10.0.0.2")})
	_, err := net.Dial("tcp", "host:80")
	if want := "dial tcp 10.0.0.1:80: connect: connection refused"; err == nil || err.Error() != want {
		t.Errorf("Dial: %v, want %s", err, want)
	}
}

// mirror names the other end as its own once, as a kernel does that joins a
// socket to itself.
type mirror struct {
	*fake
	named int
}

func (m *mirror) GetSockName(int) (netip.AddrPort, error) {
	if m.named++; m.named == 1 {
		return netip.MustParseAddrPort("10.0.0.1:80"), nil
	}
	return netip.MustParseAddrPort("10.0.0.2:50000"), nil
}

func (m *mirror) GetPeerName(int) (netip.AddrPort, error) { return netip.AddrPort{}, nil }

func TestADialThatReachesItselfIsTriedAgain(t *testing.T) {
	m := &mirror{fake: &fake{}}
	use(t, m)
	c := must[stdnet.Conn](t)(net.Dial("tcp", "10.0.0.1:80"))
	defer c.Close()
	if got, want := c.LocalAddr().String(), "10.0.0.2:50000"; got != want {
		t.Errorf("LocalAddr = %s, want %s", got, want)
	}
	if n := m.sockets(); n != 1 {
		t.Errorf("%d sockets are open, want 1", n)
	}
}

func TestDialSharesItsTime(t *testing.T) {
	for _, test := range []struct {
		timeout time.Duration
		hosts   int
		want    []time.Duration // when each address is given up
	}{
		{9 * time.Second, 1, []time.Duration{9 * time.Second}},
		{9 * time.Second, 3, []time.Duration{3 * time.Second, 6 * time.Second, 9 * time.Second}},
		{3 * time.Second, 3, []time.Duration{2 * time.Second, 3 * time.Second}},
		{time.Second, 2, []time.Duration{time.Second}},
	} {
		synctest.Test(t, func(t *testing.T) {
			end := make(chan struct{})
			defer close(end)
			start := time.Now()
			begins := make(chan time.Duration, test.hosts)
			f := &fake{connect: func(int, string, netip.AddrPort) error {
				begins <- time.Since(start)
				<-end
				return nil
			}}
			use(t, multi{f, addrs("10.0.0.1", "10.0.0.2", "10.0.0.3")[:test.hosts]})
			_, err := net.DialTimeout("tcp", "host:80", test.timeout)
			if e, ok := err.(stdnet.Error); !ok || !e.Timeout() {
				t.Errorf("%v: Dial: %v, want a timeout", test, err)
			}
			took := time.Since(start)
			<-begins // the first address begins when the dial does
			var got []time.Duration
			for len(begins) > 0 {
				got = append(got, <-begins)
			}
			if got = append(got, took); !slices.Equal(got, test.want) {
				t.Errorf("%v: addresses were given up after %v", test, got)
			}
		})
	}
}

func TestCancelEndsADialAndClosesItsSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := make(chan struct{})
		defer close(end)
		f := &fake{connect: func(int, string, netip.AddrPort) error {
			<-end
			return nil
		}}
		use(t, f)
		ctx, cancel := context.WithCancel(context.Background())
		failed := make(chan error, 1)
		go func() { failed <- second(new(net.Dialer).DialContext(ctx, "tcp", "10.0.0.1:80")) }()
		synctest.Wait()
		cancel()
		err := <-failed
		if want := "dial tcp 10.0.0.1:80: operation was canceled"; err.Error() != want || !errors.Is(err, context.Canceled) {
			t.Errorf("Dial: %v, want %s", err, want)
		}
		if n := f.sockets(); n != 0 {
			t.Errorf("%d sockets are open after the dial", n)
		}
	})
}

// fullBacklog returns the address of a listener that no further connection
// reaches: its backlog is full and it accepts nothing.
func fullBacklog(t *testing.T) string {
	t.Helper()
	dev := host.New()
	fd := must[int](t)(dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TCP))
	t.Cleanup(func() { dev.Close(fd) })
	if err := dev.Bind(fd, netip.MustParseAddrPort(loopback0)); err != nil {
		t.Fatal(err)
	}
	if err := dev.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	address := must[netip.AddrPort](t)(dev.GetSockName(fd)).String()
	for range 20 {
		c, err := stdnet.DialTimeout("tcp", address, 100*time.Millisecond)
		if err != nil {
			return address
		}
		t.Cleanup(func() { c.Close() })
	}
	t.Skip("the kernel's backlog of 0 takes any number of connections")
	return ""
}

func TestDialToAFullBacklogTimesOut(t *testing.T) {
	address := fullBacklog(t)
	onEach(t, func(t *testing.T) {
		start := time.Now()
		_, err := net.DialTimeout("tcp", address, 60*time.Millisecond)
		if e, ok := err.(stdnet.Error); !ok || !e.Timeout() || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Dial: %v, want a timeout", err)
		}
		if took := time.Since(start); took < 60*time.Millisecond {
			t.Errorf("Dial gave up after %v", took)
		}
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(20*time.Millisecond, cancel)
		_, err = new(net.Dialer).DialContext(ctx, "tcp", address)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Dial: %v, want context.Canceled", err)
		}
	})
}

func TestDialingAnAddressHasTheDialersLimits(t *testing.T) {
	to, local := netip.MustParseAddrPort("127.0.0.1:1"), netip.AddrPort{}
	onEach(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		late := &net.Dialer{Timeout: -1}
		for name, err := range map[string]error{
			"DialTCP, cancelled": second(new(net.Dialer).DialTCP(ctx, "tcp", local, to)),
			"DialUDP, cancelled": second(new(net.Dialer).DialUDP(ctx, "udp", local, to)),
		} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v, want context.Canceled", name, err)
			}
		}
		for name, err := range map[string]error{
			"DialTCP, late": second(late.DialTCP(context.Background(), "tcp", local, to)),
			"DialUDP, late": second(late.DialUDP(context.Background(), "udp", local, to)),
		} {
			if !isTimeout(err) {
				t.Errorf("%s: %v, want a timeout", name, err)
			}
		}
	})
}

func TestTheEndOfTheContextLeavesTheConnection(t *testing.T) {
	onEach(t, func(t *testing.T) {
		l := must[stdnet.Listener](t)(net.Listen("tcp", loopback0))
		defer l.Close()
		ctx, cancel := context.WithCancel(context.Background())
		c := must[stdnet.Conn](t)(new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String()))
		defer c.Close()
		s := must[stdnet.Conn](t)(l.Accept())
		defer s.Close()
		cancel()
		s.Write([]byte("x"))
		if _, err := c.Read(make([]byte, 1)); err != nil {
			t.Errorf("Read: %v", err)
		}
	})
}

func TestDialFromALocalAddress(t *testing.T) {
	onEach(t, func(t *testing.T) {
		l := must[stdnet.Listener](t)(net.Listen("tcp", loopback0))
		defer l.Close()
		free := must[stdnet.Listener](t)(stdnet.Listen("tcp", "127.0.0.2:0"))
		local := free.Addr()
		free.Close()
		c := must[stdnet.Conn](t)((&net.Dialer{LocalAddr: local}).Dial("tcp", l.Addr().String()))
		defer c.Close()
		s := must[stdnet.Conn](t)(l.Accept())
		defer s.Close()
		for name, a := range map[string]stdnet.Addr{"LocalAddr": c.LocalAddr(), "the peer's RemoteAddr": s.RemoteAddr()} {
			if a.String() != local.String() {
				t.Errorf("%s = %v, want %v", name, a, local)
			}
		}
	})
}

func TestWithoutANetdevEveryCallSaysSo(t *testing.T) {
	use(t, nil)
	_, dial := net.Dial("tcp", "127.0.0.1:80")
	_, listen := net.Listen("tcp", ":80")
	_, packet := net.ListenPacket("udp", ":80")
	_, lookup := net.LookupHost("host")
	_, interfaces := net.Interfaces()
	_, tls := net.DialTLS("tcp", "127.0.0.1:80", nil)
	for _, err := range []error{dial, listen, packet, lookup, interfaces, tls} {
		if !errors.Is(err, netdev.ErrNetdevNotSet) {
			t.Errorf("%v, want ErrNetdevNotSet", err)
		}
	}
}

func TestUnsupportedNetworksAreNotUnknown(t *testing.T) {
	use(t, devices[0].open())
	for _, network := range []string{"unix", "ip4:icmp"} {
		if _, err := net.Dial(network, "127.0.0.1"); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("Dial %s: %v, want ErrUnsupported", network, err)
		}
		if _, err := net.Listen(network, "127.0.0.1"); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("Listen %s: %v, want ErrUnsupported", network, err)
		}
	}
}

func TestAddressesThatCannotBeAreRefused(t *testing.T) {
	use(t, devices[0].open())
	for _, a := range []*stdnet.TCPAddr{
		{IP: stdnet.IPv4(127, 0, 0, 1), Port: 65536 + 80},
		{IP: stdnet.IPv4(127, 0, 0, 1), Port: -1},
		{IP: stdnet.IP{1, 2, 3}, Port: 80},
	} {
		var addr *stdnet.AddrError
		if _, err := net.DialTCP("tcp", nil, a); !errors.As(err, &addr) {
			t.Errorf("DialTCP to %v: %v, want an AddrError", a, err)
		}
		if _, err := net.ListenTCP("tcp", a); !errors.As(err, &addr) {
			t.Errorf("ListenTCP on %v: %v, want an AddrError", a, err)
		}
	}
}
