//go:build !tinygo

package net_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	stdnet "net"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
)

// Values of this package go wherever the standard library's do.
var (
	_ stdnet.Conn       = (*net.TCPConn)(nil)
	_ stdnet.Conn       = (*net.UDPConn)(nil)
	_ stdnet.PacketConn = (*net.UDPConn)(nil)
	_ stdnet.Conn       = (*net.TLSConn)(nil)
	_ stdnet.Listener   = (*net.TCPListener)(nil)
	_ io.ReaderFrom     = (*net.TCPConn)(nil)
	_ io.WriterTo       = (*net.TCPConn)(nil)
)

// onEachWatched is onEach with a device that tells which calls reach it.
func onEachWatched(t *testing.T, f func(t *testing.T, w *watched)) {
	for _, d := range devices {
		t.Run(d.name, func(t *testing.T) {
			w := watch(d.open())
			use(t, w)
			f(t, w)
		})
	}
}

func TestReadDeadlines(t *testing.T) {
	onEach(t, func(t *testing.T) {
		for _, test := range []struct {
			after time.Duration
			least time.Duration
		}{
			{-time.Hour, 0},
			{-1, 0},
			{0, 0},
			{time.Nanosecond, 0},
			{time.Millisecond, time.Millisecond},
			{30 * time.Millisecond, 30 * time.Millisecond},
			{120 * time.Millisecond, 120 * time.Millisecond},
		} {
			c, s := ourNet.pair(t)
			start := time.Now()
			c.SetReadDeadline(start.Add(test.after))
			for range 2 {
				n, err := c.Read(make([]byte, 1))
				if n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("%v: Read = %d, %v, want a timeout", test.after, n, err)
				}
			}
			if took := time.Since(start); took < test.least {
				t.Errorf("%v: Read took only %v", test.after, took)
			}
			// A timeout is not the end of the connection.
			c.SetReadDeadline(time.Time{})
			s.Write([]byte("x"))
			if _, err := c.Read(make([]byte, 1)); err != nil {
				t.Errorf("%v: Read afterwards: %v", test.after, err)
			}
		}
	})
}

func TestADeadlineSetWhileReadWaitsEndsIt(t *testing.T) {
	onEachWatched(t, func(t *testing.T, w *watched) {
		c, _ := ourNet.pair(t)
		failed := make(chan error, 1)
		go func() { failed <- second(c.Read(make([]byte, 1))) }()
		<-w.recv
		c.SetReadDeadline(time.Now())
		if err := <-failed; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read: %v, want a timeout", err)
		}
	})
}

func TestADeadlineMovedLaterIsWaitedFor(t *testing.T) {
	onEachWatched(t, func(t *testing.T, w *watched) {
		c, s := ourNet.pair(t)
		start := time.Now()
		c.SetReadDeadline(start.Add(200 * time.Millisecond))
		failed := make(chan error, 1)
		go func() { failed <- second(c.Read(make([]byte, 1))) }()
		<-w.recv
		c.SetReadDeadline(start.Add(time.Hour))
		timer := time.AfterFunc(300*time.Millisecond, func() { s.Write([]byte("x")) })
		defer timer.Stop()
		if err := <-failed; err != nil {
			t.Errorf("Read: %v after %v", err, time.Since(start))
		}
	})
}

func TestCloseEndsReadAndWrite(t *testing.T) {
	onEachWatched(t, func(t *testing.T, w *watched) {
		c, _ := ourNet.pair(t)
		failed := make(chan error, 4)
		for range 2 {
			go func() { failed <- second(c.Read(make([]byte, 1))) }()
			go func() {
				for b := make([]byte, 1<<20); ; {
					if _, err := c.Write(b); err != nil {
						failed <- err
						return
					}
				}
			}()
		}
		<-w.recv
		<-w.send
		c.Close()
		for range cap(failed) {
			if err := <-failed; !errors.Is(err, net.ErrClosed) {
				t.Errorf("%v, want ErrClosed", err)
			}
		}
	})
}

func TestWritesDoNotMix(t *testing.T) {
	onEach(t, func(t *testing.T) {
		c, s := ourNet.pair(t)
		const writers, size = 8, 200_000
		var group sync.WaitGroup
		for i := range writers {
			group.Go(func() {
				if n, err := c.Write(bytes.Repeat([]byte{byte('a' + i)}, size)); n != size || err != nil {
					t.Errorf("Write = %d, %v", n, err)
				}
			})
		}
		go func() { group.Wait(); c.Close() }()
		got, err := io.ReadAll(s)
		if err != nil || len(got) != writers*size {
			t.Fatalf("read %d bytes, %v", len(got), err)
		}
		for part := range slices.Chunk(got, size) {
			if !bytes.Equal(part, bytes.Repeat(part[:1], size)) {
				t.Fatal("two writes are mixed")
			}
		}
	})
}

func TestReadersShareTheStream(t *testing.T) {
	onEach(t, func(t *testing.T) {
		c, s := ourNet.pair(t)
		const size = 100_000
		var group sync.WaitGroup
		var mu sync.Mutex
		total := 0
		for range 4 {
			group.Go(func() {
				for b := make([]byte, 1000); ; {
					n, err := c.Read(b)
					mu.Lock()
					total += n
					mu.Unlock()
					if err != nil {
						if err != io.EOF {
							t.Error(err)
						}
						return
					}
				}
			})
		}
		s.Write(make([]byte, size))
		s.Close()
		group.Wait()
		if total != size {
			t.Errorf("read %d bytes, want %d", total, size)
		}
	})
}

func TestHalfClose(t *testing.T) {
	use(t, devices[0].open())
	c, s := ourNet.pair(t)
	c.Write([]byte("question"))
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(s); string(got) != "question" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	s.Write([]byte("answer"))
	s.Close()
	if got, err := io.ReadAll(c); string(got) != "answer" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestCloseReadEndsRead(t *testing.T) {
	w := watch(devices[0].open())
	use(t, w)
	c, _ := ourNet.pair(t)
	ended := make(chan error, 1)
	go func() { ended <- second(c.Read(make([]byte, 1))) }()
	<-w.recv
	if err := c.(*net.TCPConn).CloseRead(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != io.EOF {
		t.Errorf("Read: %v, want io.EOF", err)
	}
}

func TestHalfCloseNeedsACapability(t *testing.T) {
	use(t, devices[1].open())
	c, _ := ourNet.pair(t)
	for _, err := range []error{c.(*net.TCPConn).CloseRead(), c.(*net.TCPConn).CloseWrite()} {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%v, want ErrUnsupported", err)
		}
	}
}

func TestEmptyBuffers(t *testing.T) {
	onEach(t, func(t *testing.T) {
		c, _ := ourNet.pair(t)
		if n, err := c.Read(nil); n != 0 || err != nil {
			t.Errorf("Read = %d, %v", n, err)
		}
		if n, err := c.Write(nil); n != 0 || err != nil {
			t.Errorf("Write = %d, %v", n, err)
		}
	})
}

func TestAddressesAreThoseThatThePeerSees(t *testing.T) {
	onEach(t, func(t *testing.T) {
		for _, listen := range []struct{ network, address string }{
			{"tcp", loopback0}, {"tcp4", ":0"}, {"tcp", ":0"}, {"tcp", "[::1]:0"}, {"tcp6", ":0"},
		} {
			l := must[stdnet.Listener](t)(net.Listen(listen.network, listen.address))
			if l.Addr().(*stdnet.TCPAddr).Port == 0 {
				t.Errorf("%v: the listener's port is 0", listen)
			}
			accepted := make(chan stdnet.Conn, 1)
			go func() {
				c, err := l.Accept()
				if err != nil {
					t.Error(err)
				}
				accepted <- c
			}()
			_, port, _ := net.SplitHostPort(l.Addr().String())
			host := "127.0.0.1"
			if listen.network == "tcp6" || listen.address[0] == '[' {
				host = "::1"
			}
			c, err := net.Dial("tcp", net.JoinHostPort(host, port))
			if err != nil {
				t.Fatalf("%v: %v", listen, err)
			}
			s := <-accepted
			if c.LocalAddr().String() != s.RemoteAddr().String() {
				t.Errorf("%v: the client is %v, the server sees %v", listen, c.LocalAddr(), s.RemoteAddr())
			}
			if c.RemoteAddr().String() != s.LocalAddr().String() {
				t.Errorf("%v: the server is %v, the client sees %v", listen, s.LocalAddr(), c.RemoteAddr())
			}
			c.Close()
			s.Close()
			l.Close()
		}
	})
}

func TestOptions(t *testing.T) {
	use(t, devices[0].open())
	c, _ := ourNet.pair(t)
	tcp := c.(*net.TCPConn)
	for name, err := range map[string]error{
		"SetLinger":          tcp.SetLinger(1),
		"SetNoDelay":         tcp.SetNoDelay(false),
		"SetKeepAlive":       tcp.SetKeepAlive(true),
		"SetKeepAlivePeriod": tcp.SetKeepAlivePeriod(1500 * time.Millisecond),
		"SetKeepAliveConfig": tcp.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Count: 3}),
		"SetReadBuffer":      tcp.SetReadBuffer(10000),
		"SetWriteBuffer":     tcp.SetWriteBuffer(10000),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// options is a device that records what is set.
type options struct {
	netdev.Netdever
	mu  sync.Mutex
	set map[[2]int][]any
}

func (o *options) SetSockOpt(fd, level, opt int, value any) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.set[[2]int{level, opt}] = append(o.set[[2]int{level, opt}], value)
	return o.Netdever.SetSockOpt(fd, level, opt, value)
}

func TestConnectionsBeginAsGosDo(t *testing.T) {
	tcp := func(opt int) [2]int { return [2]int{netdev.SOL_TCP, opt} }
	keepAlive := [2]int{netdev.SOL_SOCKET, netdev.SO_KEEPALIVE}
	for _, test := range []struct {
		name   string
		dialer net.Dialer
		want   map[[2]int]any
		not    [2]int
	}{
		{"by default", net.Dialer{}, map[[2]int]any{
			tcp(netdev.TCP_NODELAY): true, keepAlive: true, tcp(netdev.TCP_KEEPIDLE): 15,
			tcp(netdev.TCP_KEEPINTVL): 15, tcp(netdev.TCP_KEEPCNT): 9,
		}, [2]int{}},
		{"with a period", net.Dialer{KeepAlive: 1100 * time.Millisecond}, map[[2]int]any{
			keepAlive: true, tcp(netdev.TCP_KEEPIDLE): 2,
		}, [2]int{}},
		{"without keep-alive", net.Dialer{KeepAlive: -1}, map[[2]int]any{tcp(netdev.TCP_NODELAY): true}, keepAlive},
		{"configured", net.Dialer{KeepAlive: -1, KeepAliveConfig: net.KeepAliveConfig{
			Enable: true, Idle: time.Minute, Interval: -1, Count: 2,
		}}, map[[2]int]any{tcp(netdev.TCP_KEEPIDLE): 60, tcp(netdev.TCP_KEEPCNT): 2}, tcp(netdev.TCP_KEEPINTVL)},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := must[stdnet.Listener](t)(stdnet.Listen("tcp", loopback0))
			defer l.Close()
			o := &options{Netdever: devices[0].open(), set: map[[2]int][]any{}}
			use(t, o)
			c := must[stdnet.Conn](t)(test.dialer.Dial("tcp", l.Addr().String()))
			defer c.Close()
			for opt, want := range test.want {
				if !slices.Equal(o.set[opt], []any{want}) {
					t.Errorf("option %v was set to %v, want %v", opt, o.set[opt], want)
				}
			}
			if set, ok := o.set[test.not]; ok {
				t.Errorf("option %v was set to %v", test.not, set)
			}
		})
	}
}

func TestAcceptedConnectionsBeginAsGosDo(t *testing.T) {
	keepAlive := [2]int{netdev.SOL_SOCKET, netdev.SO_KEEPALIVE}
	idle := [2]int{netdev.SOL_TCP, netdev.TCP_KEEPIDLE}
	for _, test := range []struct {
		config net.ListenConfig
		want   map[[2]int][]any
	}{
		{net.ListenConfig{}, map[[2]int][]any{keepAlive: {true}, idle: {15}}},
		{net.ListenConfig{KeepAlive: time.Minute}, map[[2]int][]any{keepAlive: {true}, idle: {60}}},
		{net.ListenConfig{KeepAlive: -1}, map[[2]int][]any{keepAlive: nil, idle: nil}},
	} {
		o := &options{Netdever: devices[0].open(), set: map[[2]int][]any{}}
		use(t, o)
		l := must[stdnet.Listener](t)(test.config.Listen(context.Background(), "tcp", loopback0))
		c := must[stdnet.Conn](t)(stdnet.Dial("tcp", l.Addr().String()))
		s := must[stdnet.Conn](t)(l.Accept())
		for opt, want := range test.want {
			if !slices.Equal(o.set[opt], want) {
				t.Errorf("%+v: option %v was set to %v, want %v", test.config, opt, o.set[opt], want)
			}
		}
		if got := o.set[[2]int{netdev.SOL_TCP, netdev.TCP_NODELAY}]; !slices.Equal(got, []any{true}) {
			t.Errorf("%+v: TCP_NODELAY was set to %v", test.config, got)
		}
		s.Close()
		c.Close()
		l.Close()
	}
}

func TestCopyingFilesThrough(t *testing.T) {
	onEach(t, func(t *testing.T) {
		c, s := ourNet.pair(t)
		want := bytes.Repeat([]byte("0123456789"), 50_000)
		go func() {
			n, err := io.Copy(c, bytes.NewReader(want))
			if n != int64(len(want)) || err != nil {
				t.Errorf("copied %d, %v", n, err)
			}
			c.Close()
		}()
		var got bytes.Buffer
		if n, err := s.(*net.TCPConn).WriteTo(&got); n != int64(len(want)) || err != nil {
			t.Errorf("WriteTo = %d, %v", n, err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Error("what arrived is not what was sent")
		}
	})
}
