package kernel

import (
	"context"
	"errors"
	"io"
	stdnet "net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/tcp"
)

func TestClosedPortRefuses(t *testing.T) {
	l := plug(t, stack.Config{}, ether.Impairment{})
	if c, err := stdnet.Dial("tcp4", at(l.board, 9)); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the kernel's dial: %v, %v", c, err)
	}
	if c, err := l.dial("tcp4", at(l.kernel, 9)); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the stack's dial: %v, %v", c, err)
	}
}

func TestResetArrives(t *testing.T) {
	for _, p := range pairs {
		t.Run(p.name, func(t *testing.T) {
			l := plug(t, stack.Config{}, ether.Impairment{})
			for name, reset := range map[string]func(a, b stdnet.Conn){
				"linger 0": func(a, b stdnet.Conn) { a.(interface{ SetLinger(int) error }).SetLinger(0) },
				"unread data": func(a, b stdnet.Conn) {
					b.Write([]byte("xy"))
					a.Read(make([]byte, 1)) // the rest is lost
				},
			} {
				for _, back := range []bool{false, true} {
					a, b := p.connect(t, l)
					if back {
						a, b = b, a
					}
					a.SetDeadline(time.Now().Add(10 * time.Second))
					b.SetDeadline(time.Now().Add(10 * time.Second))
					reset(a, b)
					a.Close()
					if _, err := b.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
						t.Errorf("%s: Read after a reset: %v", name, err)
					}
				}
			}
		})
	}
}

func TestAThousandConnectionsInTurn(t *testing.T) {
	for _, p := range pairs {
		t.Run(p.name, func(t *testing.T) {
			line := plug(t, stack.Config{}, ether.Impairment{})
			l, err := p.listen(line)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go serveEcho(l)
			for i := range 1000 {
				c, err := p.dial(line, l.Addr().String())
				if err != nil {
					t.Fatalf("connection %d: %v", i, err)
				}
				if err := echoOnce(c, byte(i)); err != nil {
					t.Fatalf("connection %d: %v", i, err)
				}
				if err := c.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func serveEcho(l stdnet.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			io.Copy(c, c)
		}()
	}
}

func echoOnce(c stdnet.Conn, x byte) error {
	c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := c.Write([]byte{x}); err != nil {
		return err
	}
	var b [2]byte
	if n, err := c.Read(b[:]); n != 1 || err != nil || b[0] != x {
		return errors.Join(errors.New("not what was sent came back"), err)
	}
	return nil
}

// Both ends call at once, over a line so long that their SYNs meet.
func TestSimultaneousOpenAndClose(t *testing.T) {
	t.Parallel()
	l := plug(t, stack.Config{}, ether.Impairment{})
	if _, err := l.stack.Ping(t.Context(), l.kernel, nil); err != nil { // ARP is over
		t.Fatal(err)
	}
	if err := l.Impair(ether.Both, ether.Impairment{Delay: 200 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	kernelAt, boardAt := netip.AddrPortFrom(l.kernel, 7001), netip.AddrPortFrom(l.board, 7002)
	crossed := l.watch(func(p packet) bool {
		s := p.segment()
		return s != nil && p.byStack && s.Flags().Has(tcp.SYN|tcp.ACK)
	})
	type result struct {
		stdnet.Conn
		error
	}
	calls := make(chan result, 2)
	go func() {
		d := stdnet.Dialer{LocalAddr: stdnet.TCPAddrFromAddrPort(kernelAt)}
		c, err := d.Dial("tcp4", boardAt.String())
		calls <- result{c, err}
	}()
	go func() {
		d := net.Dialer{LocalAddr: stdnet.TCPAddrFromAddrPort(boardAt), Device: l.stack}
		c, err := d.Dial("tcp4", kernelAt.String())
		calls <- result{c, err}
	}()
	a, b := <-calls, <-calls
	if err := errors.Join(a.error, b.error); err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	defer b.Close()
	crossed.await(t, "SYN-ACK of the stack's, which has called")
	ack := l.watch(func(p packet) bool { // of the FIN that came when the stack's own was under way
		s := p.segment()
		return s != nil && p.byStack && s.Flags()&(tcp.FIN|tcp.ACK) == tcp.ACK
	})
	transfer(t, a.Conn, b.Conn, 1000)
	ack.await(t, "ACK")
	sockets, err := l.stack.Sockets()
	if err != nil || len(sockets) != 1 {
		t.Errorf("sockets: %+v, %v", sockets, err)
	}
}

// Whoever closes first has the connection in TIME-WAIT; the same port calls again.
func TestTimeWaitGivesWayToANewConnection(t *testing.T) {
	for name, stackFirst := range map[string]bool{"the stack's": true, "the kernel's": false} {
		t.Run(name, func(t *testing.T) {
			line := plug(t, stack.Config{}, ether.Impairment{})
			const port = 5000
			l, err := line.listen(80)
			dial := func() (stdnet.Conn, error) {
				d := stdnet.Dialer{LocalAddr: &stdnet.TCPAddr{Port: port}, Control: reuseAddr}
				return d.Dial("tcp4", at(line.board, 80))
			}
			if !stackFirst {
				l, err = stdnet.Listen("tcp4", at(line.kernel, 80))
				dial = func() (stdnet.Conn, error) {
					d := net.Dialer{LocalAddr: &stdnet.TCPAddr{Port: port}, Device: line.stack}
					return d.Dial("tcp4", at(line.kernel, 80))
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			for i := range 5 {
				served := make(chan error, 1)
				go func() {
					c, err := l.Accept()
					if err == nil {
						err = c.Close() // the server closes first
					}
					served <- err
				}()
				c, err := dial()
				for late := time.Now().Add(10 * time.Second); errors.Is(err, syscall.EADDRNOTAVAIL) && time.Now().Before(late); {
					c, err = dial() // the kernel has not had the last ACK yet
				}
				if err != nil {
					t.Fatalf("connection %d: %v", i, err)
				}
				c.SetDeadline(time.Now().Add(10 * time.Second))
				if _, err := c.Read(make([]byte, 1)); err != io.EOF {
					t.Errorf("connection %d: %v", i, err)
				}
				gone := line.watch(func(p packet) bool {
					s := p.segment()
					return s != nil && p.byStack == stackFirst && s.Flags()&(tcp.ACK|tcp.SYN) == tcp.ACK
				})
				c.Close()
				if err := <-served; err != nil {
					t.Error(err)
				}
				gone.await(t, "last ACK")
			}
			if stackFirst && line.stack.Counters().TCP.TimeWaitRecycled != 4 {
				t.Errorf("%d of 4 in TIME-WAIT gave way", line.stack.Counters().TCP.TimeWaitRecycled)
			}
		})
	}
}

func reuseAddr(_, _ string, c syscall.RawConn) error {
	return setInt(c, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
}

// setInt sets an option of a socket of the kernel's.
func setInt(c syscall.RawConn, level, opt, value int) (err error) {
	return errors.Join(c.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), level, opt, value) }), err)
}

func raw(t testing.TB, c syscall.Conn) syscall.RawConn {
	t.Helper()
	r, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Urgent data is data like any other to the stack.
func TestUrgentDataDoesNotHurtTheStream(t *testing.T) {
	l := plug(t, stack.Config{}, ether.Impairment{})
	kernel, board := ends(t, l)
	urgent := l.watch(func(p packet) bool { s := p.segment(); return s != nil && s.Flags().Has(tcp.URG) })
	want := ""
	for i, part := range []string{"abc", "!", "def", "?", "ghi"} {
		flags := i % 2 * unix.MSG_OOB
		var err error
		if e := raw(t, kernel).Write(func(fd uintptr) bool {
			err = unix.Sendto(int(fd), []byte(part), flags, nil)
			return err != unix.EAGAIN
		}); e != nil || err != nil {
			t.Fatal(e, err)
		}
		want += part
	}
	kernel.CloseWrite()
	board.SetDeadline(time.Now().Add(10 * time.Second))
	if got, err := io.ReadAll(board); string(got) != want || err != nil {
		t.Errorf("the stack reads %q, %v; want %q", got, err, want)
	}
	urgent.await(t, "urgent data")
}

func TestKeepAliveIsAnswered(t *testing.T) {
	t.Parallel()
	for name, byStack := range map[string]bool{"the kernel's": false, "the stack's": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := plug(t, stack.Config{}, ether.Impairment{})
			kernel, board := ends(t, l)
			var asks interface {
				SetKeepAliveConfig(stdnet.KeepAliveConfig) error
			} = kernel
			if byStack {
				asks = board
			}
			answered := l.watch(func(p packet) bool {
				s := p.segment()
				return s != nil && p.byStack != byStack && s.Flags() == tcp.ACK
			})
			// A test that hears of the answer by the connection's not ending would
			// take longer.
			if err := asks.SetKeepAliveConfig(stdnet.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 1}); err != nil {
				t.Fatal(err)
			}
			answered.await(t, "answer")
			transfer(t, kernel, board, 1000)
		})
	}
}

// A peer that is gone is given up on, by keep-alives on both sides.
func TestKeepAliveEndsADeadConnection(t *testing.T) {
	t.Parallel()
	l := plug(t, stack.Config{}, ether.Impairment{})
	kernel, board := ends(t, l)
	config := stdnet.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 1}
	if err := errors.Join(kernel.SetKeepAliveConfig(config), board.SetKeepAliveConfig(config), l.Impair(ether.Both, ether.Impairment{Loss: 1})); err != nil {
		t.Fatal(err)
	}
	late := time.Now().Add(20 * time.Second)
	for name, c := range map[string]stdnet.Conn{"kernel": kernel, "stack": board} {
		c.SetDeadline(late)
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ETIMEDOUT) {
			t.Errorf("the %s's Read: %v", name, err)
		}
	}
}

func TestUserTimeoutOfTheStackEndsADeadConnection(t *testing.T) {
	t.Parallel()
	l := plug(t, stack.Config{}, ether.Impairment{})
	ln, err := stdnet.Listen("tcp4", at(l.kernel, 0))
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	fd, err := l.stack.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer l.stack.Close(fd)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := errors.Join(
		l.stack.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_USER_TIMEOUT, 300),
		l.stack.ConnectContext(ctx, fd, "", ln.Addr().(*stdnet.TCPAddr).AddrPort()),
		l.Impair(ether.Both, ether.Impairment{Loss: 1}),
	); err != nil {
		t.Fatal(err)
	}
	if _, err := l.stack.Send(fd, []byte("x"), 0, time.Time{}); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_, err = l.stack.Recv(fd, make([]byte, 1), 0, time.Now().Add(20*time.Second))
	if took := time.Since(began); !errors.Is(err, netdev.ErrConnTimedOut) || took > 15*time.Second {
		t.Errorf("Recv after %v: %v", took, err)
	}
}
