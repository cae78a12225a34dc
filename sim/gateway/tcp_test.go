package gateway_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/sim/gateway"
)

const port = 8000

// A way is how a connection crosses the gateway.
type way struct {
	name    string
	connect func(w *world, impairment ...ether.Impairment) conn
}

// ways are all of them. The near end is who asks for the connection.
func ways() []way {
	out := func(target, bind netip.Addr, far func(*world) netdev.Netdever) func(*world, ...ether.Impairment) conn {
		return func(w *world, imp ...ether.Impairment) conn {
			l := w.listen(far(w), netip.AddrPortFrom(bind, port))
			return w.connect(w.board("board", imp...), netip.AddrPortFrom(target, port), l)
		}
	}
	loopback := netip.MustParseAddr("127.0.0.1")
	return []way{
		{"to the world", out(farAddr, farAddr, func(w *world) netdev.Netdever { return w.far })},
		{"to the host", out(gwAddr, loopback, func(w *world) netdev.Netdever { return w.host })},
		{"to a board", func(w *world, imp ...ether.Impairment) conn {
			board := w.board("board", imp...)
			l := w.listen(board, netip.AddrPortFrom(w.addr(board), 80))
			at, err := w.gw.Forward(gateway.ForwardConfig{Network: "tcp", To: gateway.Target{Name: "board", Port: 80}})
			w.must(err)
			return w.connect(w.host, at, l)
		}},
		{"hairpin", func(w *world, imp ...ether.Impairment) conn {
			board := w.board("board", imp...)
			l := w.listen(board, netip.AddrPortFrom(w.addr(board), 80))
			at, err := w.gw.Forward(gateway.ForwardConfig{Network: "tcp", To: gateway.Target{Name: "board", Port: 80}})
			w.must(err)
			return w.connect(board, netip.AddrPortFrom(gwAddr, at.Port()), l)
		}},
	}
}

func everyWay(t *testing.T, f func(t *testing.T, w *world, c conn), imp ...ether.Impairment) {
	for _, way := range ways() {
		t.Run(way.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) { f(t, w, way.connect(w, imp...)) })
		})
	}
}

func TestHalfCloseGoesThroughEitherWay(t *testing.T) {
	everyWay(t, func(t *testing.T, w *world, c conn) {
		c.near.Write([]byte("question"))
		c.near.CloseWrite()
		if b, err := io.ReadAll(c.far); err != nil || string(b) != "question" {
			t.Fatalf("%q, %v", b, err)
		}
		c.far.Write([]byte("answer"))
		c.far.CloseWrite()
		if b, err := io.ReadAll(c.near); err != nil || string(b) != "answer" {
			t.Fatalf("%q, %v", b, err)
		}
		synctest.Wait()
		s := w.gw.Stats()
		if n := s.TCP.Active + s.TCPForwards.Active; n != 0 {
			t.Errorf("%d connections are left: %+v", n, s)
		}
		if n := s.TCP.Reset + s.TCPForwards.Reset; n != 0 {
			t.Errorf("%d of two directions that ended in order were reset", n)
		}
	})
}

func TestHalfCloseOfTheFarEnd(t *testing.T) {
	everyWay(t, func(t *testing.T, w *world, c conn) {
		c.far.CloseWrite()
		if b, err := io.ReadAll(c.near); err != nil || len(b) != 0 {
			t.Fatalf("%q, %v", b, err)
		}
		c.near.Write([]byte("still here"))
		c.near.Close()
		if b, err := io.ReadAll(c.far); err != nil || string(b) != "still here" {
			t.Fatalf("%q, %v", b, err)
		}
	})
}

func TestAResetGoesThroughEitherWay(t *testing.T) {
	for name, pick := range map[string]func(conn) (from, to *net.TCPConn){
		"near": func(c conn) (from, to *net.TCPConn) { return c.near, c.far },
		"far":  func(c conn) (from, to *net.TCPConn) { return c.far, c.near },
	} {
		t.Run(name, func(t *testing.T) {
			everyWay(t, func(t *testing.T, w *world, c conn) {
				from, to := pick(c)
				if err := from.SetLinger(0); err != nil {
					t.Fatal(err)
				}
				from.Close()
				if _, err := io.ReadAll(to); !errors.Is(err, netdev.ErrConnReset) {
					t.Errorf("the other end got %v", err)
				}
				synctest.Wait()
				s := w.gw.Stats()
				if n := s.TCP.Active + s.TCPForwards.Active; n != 0 {
					t.Errorf("%d connections are left", n)
				}
			})
		})
	}
}

func TestAResetAfterHalfCloseGoesThrough(t *testing.T) {
	everyWay(t, func(t *testing.T, w *world, c conn) {
		c.near.CloseWrite()
		if _, err := io.ReadAll(c.far); err != nil {
			t.Fatal(err)
		}
		c.near.SetLinger(0)
		c.near.Close()
		synctest.Wait()
		time.Sleep(time.Second)
		if _, err := c.far.Write([]byte("x")); !errors.Is(err, netdev.ErrConnReset) && !errors.Is(err, netdev.ErrBrokenPipe) {
			t.Errorf("Write = %v", err)
		}
	})
}

func TestAMegabyteEachWayWithLoss(t *testing.T) {
	imp, err := ether.ParseImpairment("loss 1%, delay 5ms")
	if err != nil {
		t.Fatal(err)
	}
	everyWay(t, func(t *testing.T, w *world, c conn) {
		data := make([]byte, 1<<20)
		rand.NewChaCha8([32]byte{1}).Read(data)
		errs := make(chan error, 2)
		go func() {
			_, err := io.Copy(c.far, c.far) // an echo, until the near end has said all
			c.far.CloseWrite()
			errs <- err
		}()
		go func() {
			_, err := c.near.Write(data)
			c.near.CloseWrite()
			errs <- err
		}()
		got, err := io.ReadAll(c.near)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes came back, %v", len(got), err)
		}
		for range 2 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		s := w.gw.Stats()
		for _, n := range []uint64{s.TCP.Sent + s.TCPForwards.Sent, s.TCP.Received + s.TCPForwards.Received} {
			if n < 1<<20 {
				t.Errorf("counted %d bytes", n)
			}
		}
	}, imp)
}

// A reader that stops holds the writer at the other side of the gateway, which
// keeps no more than its buffers have room for.
func TestBackPressureGoesThrough(t *testing.T) {
	everyWay(t, func(t *testing.T, w *world, c conn) {
		c.near.SetWriteDeadline(time.Now().Add(time.Minute))
		data := bytes.Repeat([]byte("0123456789abcdef"), 4<<20) // 64 MiB
		n, err := c.near.Write(data)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("Write = %d, %v, though nobody reads", n, err)
		}
		c.near.CloseWrite()
		got, err := io.ReadAll(c.far)
		if err != nil || !bytes.Equal(got, data[:n]) {
			t.Errorf("%d bytes were written, %d read, %v", n, len(got), err)
		}
	})
}

func TestABoardLearnsTheTrueOutcome(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		board := w.board("board")
		for _, c := range []struct {
			name string
			to   netip.Addr
			want error
		}{
			{"nobody listens there", farAddr, netdev.ErrConnRefused},
			{"nobody listens on the host", gwAddr, netdev.ErrConnRefused},
			{"nobody is there", nobody, netdev.ErrHostUnreachable},
			{"no route", nowhere, netdev.ErrNetUnreachable},
		} {
			if _, err := w.dial(board, "tcp", netip.AddrPortFrom(c.to, 9)); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", c.name, err, c.want)
			}
		}
		if s := w.gw.Stats().TCP; s.Failed < 4 || s.Opened != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// A connection that the far end does not answer is no connection for the board.
func TestNobodyIsConnectedToASilentHost(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		board := w.board("board")
		w.must(w.farDevice.Impair(ether.Both, ether.Impairment{Loss: 1}))
		start := time.Now()
		c, err := w.dial(board, "tcp", netip.AddrPortFrom(farAddr, 9))
		if err == nil {
			t.Fatalf("connected to %v", c.RemoteAddr())
		}
		if took := time.Since(start); took > 2*gateway.DefaultConnectTimeout {
			t.Errorf("%v after %v", err, took)
		}
	})
}

func TestConnectionsAreBounded(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.served(w.listen(w.far, netip.AddrPortFrom(farAddr, port)), echo)
		board := w.board("board")
		to := netip.AddrPortFrom(farAddr, port)
		var open []io.Closer
		for i := range 4 {
			c, err := w.dial(board, "tcp", to)
			if err != nil {
				t.Fatalf("connection %d: %v", i, err)
			}
			open = append(open, c)
		}
		for range 20 {
			if _, err := w.dial(board, "tcp", to); !errors.Is(err, netdev.ErrConnRefused) {
				t.Fatalf("a connection beyond the bound: %v", err)
			}
		}
		synctest.Wait()
		if s := w.gw.Stats().TCP; s.Active != 4 || s.Overflow != 20 {
			t.Errorf("%+v", s)
		}
		open[0].Close()
		synctest.Wait()
		c, err := w.dial(board, "tcp", to)
		if err != nil {
			t.Fatalf("when there is room again: %v", err)
		}
		fmt.Fprint(c, "hello")
		buf := make([]byte, 5)
		if _, err := io.ReadFull(c, buf); err != nil || string(buf) != "hello" {
			t.Errorf("%q, %v", buf, err)
		}
	}, func(c *gateway.Config) { c.MaxConnections = 4 })
}

// A board that vanishes leaves nothing open on the host.
func TestTheConnectionsOfAVanishedBoardEnd(t *testing.T) {
	everyWay(t, func(t *testing.T, w *world, c conn) {
		if c.near.LocalAddr().String() == "" || len(w.gw.Leases()) != 1 {
			t.Fatal("there is no board")
		}
		w.unplug("board")
		time.Sleep(time.Hour)
		s := w.gw.Stats()
		if n := s.TCP.Active + s.TCPForwards.Active; n != 0 {
			t.Errorf("%d connections are left an hour later", n)
		}
	})
}

func TestCloseResetsConnections(t *testing.T) {
	everyWay(t, func(t *testing.T, w *world, c conn) {
		w.must(w.gw.Close())
		for name, end := range map[string]*net.TCPConn{"near": c.near, "far": c.far} {
			if _, err := io.ReadAll(end); !errors.Is(err, netdev.ErrConnReset) {
				t.Errorf("the %s end got %v", name, err)
			}
		}
		if err := w.gw.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Close again: %v", err)
		}
		if _, err := w.gw.Forward(gateway.ForwardConfig{Network: "tcp", To: gateway.Target{Name: "board", Port: 80}}); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Forward after Close: %v", err)
		}
	})
}
