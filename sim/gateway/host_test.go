package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	stdnet "net"
	"net/http"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/internal/bare"
	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/sim/gateway"
	"github.com/netdev-go/netdev/stack"
)

// The tests in this file have the real host beyond the gateway, but for its
// loopback addresses nothing of it.

// onHost returns a gateway to dev, and a board behind it.
func onHost(t *testing.T, dev netdev.Netdever) (*gateway.Gateway, *stack.Stack) {
	t.Helper()
	a, b, err := ether.Cable(ether.Config{Name: "gateway", Queue: 4096}, ether.Config{Name: "board", Queue: 4096})
	if err != nil {
		t.Fatal(err)
	}
	gw, err := gateway.New(gateway.Config{Device: a, Host: dev, LeaseWait: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := gw.Start(); err != nil {
		t.Fatal(err)
	}
	board, err := stack.New(b, stack.Config{Hostname: "board"})
	if err != nil {
		t.Fatal(err)
	}
	if err := board.NetConnect(nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		board.Stop()
		gw.Close()
		a.Close()
		b.Close()
	})
	return gw, board
}

func onEveryHost(t *testing.T, f func(t *testing.T, gw *gateway.Gateway, board *stack.Stack)) {
	for name, dev := range map[string]netdev.Netdever{"host": host.New(), "bare": bare.Device(host.New())} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gw, board := onHost(t, dev)
			f(t, gw, board)
		})
	}
}

// freePort returns a port of the real host that nothing listens at.
func freePort(t *testing.T) netip.AddrPort {
	t.Helper()
	l, err := stdnet.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return netip.MustParseAddrPort(l.Addr().String())
}

func TestAWebServerOnABoardIsReachedFromTheHost(t *testing.T) {
	t.Parallel()
	onEveryHost(t, func(t *testing.T, gw *gateway.Gateway, board *stack.Stack) {
		lc := net.ListenConfig{Device: board}
		l, err := lc.Listen(t.Context(), "tcp", ":80")
		if err != nil {
			t.Fatal(err)
		}
		page := make([]byte, 300<<10)
		rand.NewChaCha8([32]byte{1}).Read(page)
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(page) })}
		go server.Serve(l)
		t.Cleanup(func() { server.Close() })
		at, err := gw.Forward(gateway.ForwardConfig{Network: "tcp", Listen: freePort(t), To: gateway.Target{Name: "board", Port: 80}})
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{}}
		defer client.CloseIdleConnections()
		for range 3 {
			r, err := client.Get(fmt.Sprintf("http://%v/", at))
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r.Body)
			r.Body.Close()
			if err != nil || !bytes.Equal(got, page) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		}
	})
}

func TestABoardReachesTheHostsLoopback(t *testing.T) {
	t.Parallel()
	onEveryHost(t, func(t *testing.T, gw *gateway.Gateway, board *stack.Stack) {
		l, err := stdnet.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
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
		}()
		at := netip.MustParseAddrPort(l.Addr().String())
		d := net.Dialer{Device: board, Timeout: 10 * time.Second}
		c, err := d.Dial("tcp", fmt.Sprintf("host:%d", at.Port()))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(30 * time.Second))
		data := make([]byte, 1<<20)
		rand.NewChaCha8([32]byte{2}).Read(data)
		go c.Write(data)
		got := make([]byte, len(data))
		if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, data) {
			t.Errorf("other bytes came back, %v", err)
		}

		_, err = d.Dial("tcp", fmt.Sprintf("10.0.2.1:%d", freePort(t).Port()))
		if !errors.Is(err, netdev.ErrConnRefused) {
			t.Errorf("where nobody listens: %v", err)
		}
	})
}

func TestABoardsDatagramsReachTheHostsLoopback(t *testing.T) {
	t.Parallel()
	onEveryHost(t, func(t *testing.T, gw *gateway.Gateway, board *stack.Stack) {
		pc, err := stdnet.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer pc.Close()
		go echoPackets(pc)
		d := net.Dialer{Device: board}
		c, err := d.Dial("udp", fmt.Sprintf("10.0.2.1:%d", netip.MustParseAddrPort(pc.LocalAddr().String()).Port()))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if got := asked(t, c, "hello"); got != "hello" {
			t.Errorf("got %q", got)
		}
	})
}

func TestTheHostsPortInUseIsSaid(t *testing.T) {
	t.Parallel()
	onEveryHost(t, func(t *testing.T, gw *gateway.Gateway, board *stack.Stack) {
		l, err := stdnet.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		at := netip.MustParseAddrPort(l.Addr().String())
		_, err = gw.Forward(gateway.ForwardConfig{Network: "tcp", Listen: at, To: to("board")})
		if !errors.Is(err, netdev.ErrAddrInUse) {
			t.Errorf("Forward = %v", err)
		}
	})
}

func TestAHostClientIsResetWhereTheBoardRefuses(t *testing.T) {
	t.Parallel()
	onEveryHost(t, func(t *testing.T, gw *gateway.Gateway, board *stack.Stack) {
		for name, board := range map[string]string{"refuses": "board", "is not there": "nobody"} {
			at, err := gw.Forward(gateway.ForwardConfig{Network: "tcp", Listen: freePort(t), To: to(board)})
			if err != nil {
				t.Fatal(err)
			}
			c, err := stdnet.Dial("tcp4", at.String())
			if err == nil {
				defer c.Close()
				c.SetDeadline(time.Now().Add(10 * time.Second))
				_, err = c.Read(make([]byte, 1))
			}
			// The reset may be there before Dial has returned.
			if !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("the board %s: %v", name, err)
			}
		}
	})
}

func TestAResetOfTheHostsPeerReachesTheBoard(t *testing.T) {
	t.Parallel()
	onEveryHost(t, func(t *testing.T, gw *gateway.Gateway, board *stack.Stack) {
		l, err := stdnet.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			io.ReadFull(c, make([]byte, 5))
			c.(*stdnet.TCPConn).SetLinger(0)
			c.Close()
		}()
		d := net.Dialer{Device: board}
		c, err := d.DialContext(context.Background(), "tcp", fmt.Sprintf("10.0.2.1:%d", netip.MustParseAddrPort(l.Addr().String()).Port()))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(10 * time.Second))
		c.Write([]byte("hello"))
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, netdev.ErrConnReset) {
			t.Errorf("Read = %v", err)
		}
	})
}

// What stands on the real host ends with the gateway.
func TestCloseFreesTheHostsPorts(t *testing.T) {
	gw, board := onHost(t, nil)
	lc := net.ListenConfig{Device: board}
	if _, err := lc.Listen(t.Context(), "tcp", ":80"); err != nil {
		t.Fatal(err)
	}
	at, err := gw.Forward(gateway.ForwardConfig{Network: "tcp", To: to("board")})
	if err != nil {
		t.Fatal(err)
	}
	c, err := stdnet.Dial("tcp4", at.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := gw.Close(); err != nil {
		t.Fatal(err)
	}
	if c, err := stdnet.Dial("tcp4", at.String()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("%v, %v", c, err)
	}
}
