//go:build !tinygo

package net_test

import (
	"context"
	"errors"
	"io"
	stdnet "net"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/netdev-go/netdev/net"
)

// A world is a package net, so that one act can be performed in Go's and in
// this one.
type world struct {
	dial         func(network, address string) (stdnet.Conn, error)
	dialFrom     func(ctx context.Context, local stdnet.Addr, network, address string) (stdnet.Conn, error)
	dialTimeout  func(network, address string, d time.Duration) (stdnet.Conn, error)
	listen       func(network, address string) (stdnet.Listener, error)
	listenPacket func(network, address string) (stdnet.PacketConn, error)
	resolveTCP   func(network, address string) (*stdnet.TCPAddr, error)
	lookupHost   func(host string) ([]string, error)
	lookupPort   func(network, service string) (int, error)
	dialTCP      func(network string, raddr *stdnet.TCPAddr) error
	dialUDP      func(network string, raddr *stdnet.UDPAddr) error
	dialerTCP    func(ctx context.Context, raddr netip.AddrPort) error
	dialerUDP    func(ctx context.Context, raddr netip.AddrPort) error
	listenTCP    func(network string) error
	byName       func(name string) error
	byIndex      func(index int) error
	zeroTCP      stdnet.Conn
}

func second[T any](_ T, err error) error { return err }

var goNet = world{
	dial: stdnet.Dial,
	dialFrom: func(ctx context.Context, local stdnet.Addr, network, address string) (stdnet.Conn, error) {
		return (&stdnet.Dialer{LocalAddr: local}).DialContext(ctx, network, address)
	},
	dialTimeout:  stdnet.DialTimeout,
	listen:       stdnet.Listen,
	listenPacket: stdnet.ListenPacket,
	resolveTCP:   stdnet.ResolveTCPAddr,
	lookupHost:   stdnet.LookupHost,
	lookupPort:   stdnet.LookupPort,
	dialTCP:      func(n string, a *stdnet.TCPAddr) error { return second(stdnet.DialTCP(n, nil, a)) },
	dialUDP:      func(n string, a *stdnet.UDPAddr) error { return second(stdnet.DialUDP(n, nil, a)) },
	dialerTCP: func(ctx context.Context, a netip.AddrPort) error {
		return second(new(stdnet.Dialer).DialTCP(ctx, "tcp", netip.AddrPort{}, a))
	},
	dialerUDP: func(ctx context.Context, a netip.AddrPort) error {
		return second(new(stdnet.Dialer).DialUDP(ctx, "udp4", netip.AddrPort{}, a))
	},
	listenTCP: func(n string) error { return second(stdnet.ListenTCP(n, nil)) },
	byName:    func(s string) error { return second(stdnet.InterfaceByName(s)) },
	byIndex:   func(i int) error { return second(stdnet.InterfaceByIndex(i)) },
	zeroTCP:   new(stdnet.TCPConn),
}

var ourNet = world{
	dial: net.Dial,
	dialFrom: func(ctx context.Context, local stdnet.Addr, network, address string) (stdnet.Conn, error) {
		return (&net.Dialer{LocalAddr: local}).DialContext(ctx, network, address)
	},
	dialTimeout:  net.DialTimeout,
	listen:       net.Listen,
	listenPacket: net.ListenPacket,
	resolveTCP:   net.ResolveTCPAddr,
	lookupHost:   net.LookupHost,
	lookupPort:   net.LookupPort,
	dialTCP:      func(n string, a *stdnet.TCPAddr) error { return second(net.DialTCP(n, nil, a)) },
	dialUDP:      func(n string, a *stdnet.UDPAddr) error { return second(net.DialUDP(n, nil, a)) },
	dialerTCP: func(ctx context.Context, a netip.AddrPort) error {
		return second(new(net.Dialer).DialTCP(ctx, "tcp", netip.AddrPort{}, a))
	},
	dialerUDP: func(ctx context.Context, a netip.AddrPort) error {
		return second(new(net.Dialer).DialUDP(ctx, "udp4", netip.AddrPort{}, a))
	},
	listenTCP: func(n string) error { return second(net.ListenTCP(n, nil)) },
	byName:    func(s string) error { return second(net.InterfaceByName(s)) },
	byIndex:   func(i int) error { return second(net.InterfaceByIndex(i)) },
	zeroTCP:   new(net.TCPConn),
}

const loopback0 = "127.0.0.1:0"

// must returns v of an act that is only the way to the one that matters.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// pair returns both ends of a TCP connection; they close with the test.
func (w world) pair(t *testing.T) (client, server stdnet.Conn) {
	t.Helper()
	l := must[stdnet.Listener](t)(w.listen("tcp", loopback0))
	defer l.Close()
	accepted := make(chan stdnet.Conn, 1)
	go func() {
		c, _ := l.Accept()
		accepted <- c
	}()
	client = must[stdnet.Conn](t)(w.dial("tcp", l.Addr().String()))
	server = <-accepted
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

func (w world) refusedPort(t *testing.T) string {
	t.Helper()
	l := must[stdnet.Listener](t)(w.listen("tcp", loopback0))
	defer l.Close()
	return l.Addr().String()
}

var acts = []struct {
	name string
	// bare says that the act needs no capability.
	bare bool
	do   func(t *testing.T, w world) error
	// also is what errors.Is finds here and not always in Go.
	also error
}{
	{"dial refused", true, func(t *testing.T, w world) error { return second(w.dial("tcp", w.refusedPort(t))) }, nil},
	{"dial refused by nobody in particular", true, func(t *testing.T, w world) error {
		_, port, _ := stdnet.SplitHostPort(w.refusedPort(t))
		return second(w.dial("tcp4", ":"+port))
	}, nil},
	{"dial without a port", true, func(t *testing.T, w world) error { return second(w.dial("tcp", "127.0.0.1")) }, nil},
	{"dial with too many colons", true, func(t *testing.T, w world) error { return second(w.dial("tcp", "::1:80")) }, nil},
	{"dial nothing", true, func(t *testing.T, w world) error { return second(w.dial("tcp", "")) }, nil},
	{"dial an unknown network", true, func(t *testing.T, w world) error { return second(w.dial("tpc", "127.0.0.1:1")) }, nil},
	{"dial an unknown service", true, func(t *testing.T, w world) error { return second(w.dial("tcp", "127.0.0.1:no-such-service")) }, nil},
	{"dial a port beyond", true, func(t *testing.T, w world) error { return second(w.dial("tcp", "127.0.0.1:65536")) }, nil},
	{"dial a negative port", true, func(t *testing.T, w world) error { return second(w.dial("tcp", "127.0.0.1:-1")) }, nil},
	{"dial IPv6 on tcp4", true, func(t *testing.T, w world) error { return second(w.dial("tcp4", "[::1]:80")) }, nil},
	{"dial IPv4 on tcp6", true, func(t *testing.T, w world) error { return second(w.dial("tcp6", "127.0.0.1:80")) }, nil},
	{"dial a name that cannot be", true, func(t *testing.T, w world) error {
		return second(w.dial("tcp", strings.Repeat("x", 300)+":80"))
	}, nil},
	{"dial from an address of another transport", true, func(t *testing.T, w world) error {
		return second(w.dialFrom(context.Background(), &stdnet.UDPAddr{IP: stdnet.IPv4(127, 0, 0, 1)}, "tcp", "127.0.0.1:80"))
	}, nil},
	{"dial from an address of another family", true, func(t *testing.T, w world) error {
		return second(w.dialFrom(context.Background(), &stdnet.TCPAddr{IP: stdnet.IPv6loopback}, "tcp", "127.0.0.1:80"))
	}, nil},
	{"dial refused, from an address", true, func(t *testing.T, w world) error {
		return second(w.dialFrom(context.Background(), &stdnet.TCPAddr{IP: stdnet.IPv4(127, 0, 0, 1)}, "tcp", w.refusedPort(t)))
	}, nil},
	{"dial with a context that has ended", true, func(t *testing.T, w world) error {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		return second(w.dialFrom(ctx, nil, "tcp", "127.0.0.1:1"))
	}, nil},
	{"dial with a time that has passed", true, func(t *testing.T, w world) error {
		return second(w.dialTimeout("tcp", "127.0.0.1:1", -time.Second))
	}, os.ErrDeadlineExceeded},
	{"DialTCP without an address", true, func(t *testing.T, w world) error { return w.dialTCP("tcp", nil) }, nil},
	{"DialTCP on an unknown network", true, func(t *testing.T, w world) error {
		return w.dialTCP("udp", &stdnet.TCPAddr{IP: stdnet.IPv4(127, 0, 0, 1), Port: 1})
	}, nil},
	{"DialTCP of IPv6 on tcp4", true, func(t *testing.T, w world) error {
		return w.dialTCP("tcp4", &stdnet.TCPAddr{IP: stdnet.IPv6loopback, Port: 1})
	}, nil},
	{"DialUDP without an address", true, func(t *testing.T, w world) error { return w.dialUDP("udp", nil) }, nil},
	{"Dialer.DialTCP refused", true, func(t *testing.T, w world) error {
		return w.dialerTCP(context.Background(), netip.MustParseAddrPort(w.refusedPort(t)))
	}, nil},
	{"Dialer.DialUDP of IPv6 on udp4", true, func(t *testing.T, w world) error {
		return w.dialerUDP(context.Background(), netip.MustParseAddrPort("[::1]:1"))
	}, nil},

	{"listen on a port in use", true, func(t *testing.T, w world) error {
		l := must[stdnet.Listener](t)(w.listen("tcp", loopback0))
		defer l.Close()
		return second(w.listen("tcp", l.Addr().String()))
	}, nil},
	{"listen for packets on a port in use", true, func(t *testing.T, w world) error {
		c := must[stdnet.PacketConn](t)(w.listenPacket("udp", loopback0))
		defer c.Close()
		return second(w.listenPacket("udp", c.LocalAddr().String()))
	}, nil},
	{"listen on another's address", true, func(t *testing.T, w world) error { return second(w.listen("tcp", "192.0.2.1:0")) }, nil},
	{"listen on an unknown network", true, func(t *testing.T, w world) error { return second(w.listen("tpc", loopback0)) }, nil},
	{"listen for streams on udp", true, func(t *testing.T, w world) error { return second(w.listen("udp", loopback0)) }, nil},
	{"listen for packets on tcp", true, func(t *testing.T, w world) error { return second(w.listenPacket("tcp", loopback0)) }, nil},
	{"listen without a port", true, func(t *testing.T, w world) error { return second(w.listen("tcp", "127.0.0.1")) }, nil},
	{"ListenTCP on an unknown network", true, func(t *testing.T, w world) error { return w.listenTCP("udp") }, nil},
	{"accept on a closed listener", true, func(t *testing.T, w world) error {
		l := must[stdnet.Listener](t)(w.listen("tcp", loopback0))
		l.Close()
		return second(l.Accept())
	}, nil},
	{"accept until a deadline", true, func(t *testing.T, w world) error {
		l := must[stdnet.Listener](t)(w.listen("tcp", loopback0))
		defer l.Close()
		l.(interface{ SetDeadline(time.Time) error }).SetDeadline(time.Now().Add(10 * time.Millisecond))
		return second(l.Accept())
	}, nil},
	{"close a listener twice", true, func(t *testing.T, w world) error {
		l := must[stdnet.Listener](t)(w.listen("tcp", loopback0))
		l.Close()
		return l.Close()
	}, nil},
	{"set the deadline of a closed listener", true, func(t *testing.T, w world) error {
		l := must[stdnet.Listener](t)(w.listen("tcp", loopback0))
		l.Close()
		return l.(interface{ SetDeadline(time.Time) error }).SetDeadline(time.Now())
	}, nil},

	{"read to the end", true, func(t *testing.T, w world) error {
		c, s := w.pair(t)
		s.Close()
		return second(c.Read(make([]byte, 1)))
	}, nil},
	{"read of a closed connection", true, func(t *testing.T, w world) error {
		c, _ := w.pair(t)
		c.Close()
		return second(c.Read(make([]byte, 1)))
	}, nil},
	{"read closed meanwhile", true, func(t *testing.T, w world) error {
		c, _ := w.pair(t)
		failed := make(chan error, 1)
		go func() { failed <- second(c.Read(make([]byte, 1))) }()
		c.Close()
		return <-failed
	}, nil},
	{"write to a closed connection", true, func(t *testing.T, w world) error {
		c, _ := w.pair(t)
		c.Close()
		return second(c.Write([]byte("x")))
	}, nil},
	{"close twice", true, func(t *testing.T, w world) error {
		c, _ := w.pair(t)
		c.Close()
		return c.Close()
	}, nil},
	{"set the deadline of a closed connection", true, func(t *testing.T, w world) error {
		c, _ := w.pair(t)
		c.Close()
		return c.SetDeadline(time.Now())
	}, nil},
	{"set an option of a closed connection", true, func(t *testing.T, w world) error {
		c, _ := w.pair(t)
		c.Close()
		return c.(interface{ SetNoDelay(bool) error }).SetNoDelay(true)
	}, nil},
	{"read until a deadline", true, func(t *testing.T, w world) error {
		c, _ := w.pair(t)
		c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		return second(c.Read(make([]byte, 1)))
	}, nil},
	{"write until a deadline", true, func(t *testing.T, w world) error {
		c, _ := w.pair(t)
		c.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
		for b := make([]byte, 1<<20); ; {
			if _, err := c.Write(b); err != nil {
				return err
			}
		}
	}, nil},
	{"write until a deadline has passed", true, func(t *testing.T, w world) error {
		c, _ := w.pair(t)
		c.SetWriteDeadline(time.Now().Add(-time.Second))
		return second(c.Write([]byte("x")))
	}, nil},
	{"read of a reset connection", true, func(t *testing.T, w world) error {
		c, s := w.pair(t)
		s.(interface{ SetLinger(int) error }).SetLinger(0)
		s.Close()
		return second(c.Read(make([]byte, 1)))
	}, nil},
	{"write to a reset connection", true, func(t *testing.T, w world) error {
		c, s := w.pair(t)
		s.(interface{ SetLinger(int) error }).SetLinger(0)
		s.Close()
		c.Read(make([]byte, 1))
		return second(c.Write([]byte("x")))
	}, nil},
	{"read from what has failed", true, func(t *testing.T, w world) error {
		c, _ := w.pair(t)
		c.Close()
		return second(c.(io.ReaderFrom).ReadFrom(strings.NewReader("x")))
	}, nil},
	{"write after CloseWrite", false, func(t *testing.T, w world) error {
		c, _ := w.pair(t)
		if err := c.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			return err
		}
		return second(c.Write([]byte("x")))
	}, nil},
	{"CloseWrite of a closed connection", true, func(t *testing.T, w world) error {
		c, _ := w.pair(t)
		c.Close()
		return c.(interface{ CloseWrite() error }).CloseWrite()
	}, nil},
	{"read of no connection", true, func(t *testing.T, w world) error { return second(w.zeroTCP.Read(nil)) }, nil},
	{"write to no connection", true, func(t *testing.T, w world) error { return second(w.zeroTCP.Write(nil)) }, nil},
	{"close no connection", true, func(t *testing.T, w world) error { return w.zeroTCP.Close() }, nil},

	{"receive until a deadline", true, func(t *testing.T, w world) error {
		c := must[stdnet.Conn](t)(w.dial("udp", "127.0.0.1:9"))
		defer c.Close()
		c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		return second(c.Read(make([]byte, 1)))
	}, nil},
	{"receive a refusal", true, func(t *testing.T, w world) error {
		free := must[stdnet.PacketConn](t)(w.listenPacket("udp", loopback0))
		free.Close()
		c := must[stdnet.Conn](t)(w.dial("udp", free.LocalAddr().String()))
		defer c.Close()
		c.Write([]byte("x"))
		c.SetReadDeadline(time.Now().Add(5 * time.Second))
		return second(c.Read(make([]byte, 1)))
	}, nil},
	{"send too much", true, func(t *testing.T, w world) error {
		c := must[stdnet.Conn](t)(w.dial("udp", "127.0.0.1:9"))
		defer c.Close()
		return second(c.Write(make([]byte, 70000)))
	}, nil},
	{"send to nobody", true, func(t *testing.T, w world) error {
		c := must[stdnet.PacketConn](t)(w.listenPacket("udp4", loopback0))
		defer c.Close()
		return second(c.(stdnet.Conn).Write([]byte("x")))
	}, nil},
	{"send to another than the peer", true, func(t *testing.T, w world) error {
		c := must[stdnet.Conn](t)(w.dial("udp", "127.0.0.1:9"))
		defer c.Close()
		return second(c.(stdnet.PacketConn).WriteTo([]byte("x"), c.RemoteAddr()))
	}, nil},
	{"send to the wrong type of address", true, func(t *testing.T, w world) error {
		c := must[stdnet.PacketConn](t)(w.listenPacket("udp", loopback0))
		defer c.Close()
		return second(c.WriteTo([]byte("x"), &stdnet.TCPAddr{IP: stdnet.IPv4(127, 0, 0, 1), Port: 9}))
	}, nil},
	{"send to a nil address", true, func(t *testing.T, w world) error {
		c := must[stdnet.PacketConn](t)(w.listenPacket("udp", loopback0))
		defer c.Close()
		return second(c.WriteTo([]byte("x"), (*stdnet.UDPAddr)(nil)))
	}, nil},
	{"send IPv6 from an IPv4 socket", false, func(t *testing.T, w world) error {
		c := must[stdnet.PacketConn](t)(w.listenPacket("udp", loopback0))
		defer c.Close()
		return second(c.WriteTo([]byte("x"), &stdnet.UDPAddr{IP: stdnet.IPv6loopback, Port: 9}))
	}, nil},
	{"send with an address too much", false, func(t *testing.T, w world) error {
		c := must[stdnet.PacketConn](t)(w.listenPacket("udp", loopback0))
		defer c.Close()
		return second(c.WriteTo(make([]byte, 70000), c.LocalAddr()))
	}, nil},
	{"receive from, until a deadline", false, func(t *testing.T, w world) error {
		c := must[stdnet.PacketConn](t)(w.listenPacket("udp", loopback0))
		defer c.Close()
		c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		_, _, err := c.ReadFrom(make([]byte, 1))
		return err
	}, nil},
	{"receive from a closed socket", false, func(t *testing.T, w world) error {
		c := must[stdnet.PacketConn](t)(w.listenPacket("udp", loopback0))
		c.Close()
		_, _, err := c.ReadFrom(make([]byte, 1))
		return err
	}, nil},

	{"resolve without a port", true, func(t *testing.T, w world) error { return second(w.resolveTCP("tcp", "127.0.0.1")) }, nil},
	{"resolve on an unknown network", true, func(t *testing.T, w world) error { return second(w.resolveTCP("udp", loopback0)) }, nil},
	{"resolve IPv6 on tcp4", true, func(t *testing.T, w world) error { return second(w.resolveTCP("tcp4", "[::1]:80")) }, nil},
	{"look up nothing", true, func(t *testing.T, w world) error { return second(w.lookupHost("")) }, nil},
	{"look up a name that cannot be", true, func(t *testing.T, w world) error {
		return second(w.lookupHost(strings.Repeat("x", 300)))
	}, nil},
	{"look up an unknown service", true, func(t *testing.T, w world) error { return second(w.lookupPort("tcp", "no-such-service")) }, nil},
	{"look up a service of an unknown network", true, func(t *testing.T, w world) error { return second(w.lookupPort("tpc", "http")) }, nil},
	{"look up a port beyond", true, func(t *testing.T, w world) error { return second(w.lookupPort("tcp", "99999")) }, nil},
	{"look up an endless port", true, func(t *testing.T, w world) error {
		return second(w.lookupPort("tcp", "99999999999999999999"))
	}, nil},
	{"interface without a name", true, func(t *testing.T, w world) error { return w.byName("") }, nil},
	{"interface that is not there", true, func(t *testing.T, w world) error { return w.byName("no-such-if0") }, nil},
	{"interface number 0", true, func(t *testing.T, w world) error { return w.byIndex(0) }, nil},
}

// isTargets are what programs compare errors with.
var isTargets = []error{
	io.EOF, os.ErrDeadlineExceeded, stdnet.ErrClosed, context.Canceled, context.DeadlineExceeded,
	stdnet.ErrWriteToConnected, errors.ErrUnsupported,
	syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE, syscall.EADDRINUSE, syscall.EADDRNOTAVAIL,
	syscall.EMSGSIZE, syscall.EDESTADDRREQ, syscall.EINVAL,
}

var ports = regexp.MustCompile(`:[0-9]{3,5}\b`)

// shape is all that a program can see of an error.
func shape(err error) map[string]any {
	seen := map[string]any{}
	if err == nil {
		return seen
	}
	seen["text"] = ports.ReplaceAllString(err.Error(), ":port")
	for _, target := range isTargets {
		if errors.Is(err, target) {
			seen["is "+target.Error()] = true
		}
	}
	if timeout, ok := err.(stdnet.Error); ok {
		seen["timeout"] = timeout.Timeout()
	}
	if temporary, ok := err.(interface{ Temporary() bool }); ok {
		seen["temporary"] = temporary.Temporary()
	}
	if op, ok := err.(*stdnet.OpError); ok {
		seen["op"], seen["net"] = op.Op, op.Net
		seen["source"], seen["addr"] = op.Source != nil, op.Addr != nil
		_, seen["syscall"] = op.Err.(*os.SyscallError)
	}
	var dns *stdnet.DNSError
	if errors.As(err, &dns) {
		seen["not found"], seen["dns timeout"] = dns.IsNotFound, dns.IsTimeout
	}
	return seen
}

func TestErrorsAreThoseOfGo(t *testing.T) {
	onEach(t, func(t *testing.T) {
		bare := strings.HasSuffix(t.Name(), "bare")
		for _, act := range acts {
			t.Run(act.name, func(t *testing.T) {
				if bare && !act.bare {
					if err := act.do(t, ourNet); !errors.Is(err, errors.ErrUnsupported) {
						t.Errorf("without the capability: %v, want ErrUnsupported", err)
					}
					return
				}
				compare(t, act.do(t, ourNet), act.do(t, goNet), act.also)
			})
		}
	})
}

func compare(t *testing.T, got, want, also error) {
	t.Helper()
	g, w := shape(got), shape(want)
	if also != nil {
		if !errors.Is(got, also) {
			t.Errorf("%v is not %v", got, also)
		}
		w["is "+also.Error()] = true
	}
	for k, v := range w {
		if g[k] != v {
			t.Errorf("%s: %v, want %v\n  ours: %v\n  Go's: %v", k, g[k], v, got, want)
		}
	}
	for k, v := range g {
		if _, ok := w[k]; !ok {
			t.Errorf("%s: %v, which Go's has not\n  ours: %v\n  Go's: %v", k, v, got, want)
		}
	}
}
