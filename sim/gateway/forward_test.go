package gateway_test

import (
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/gateway"
)

func to(name string) gateway.Target { return gateway.Target{Name: name, Port: 80} }

func TestAPortInUseIsSaidClearly(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.listen(w.host, netip.MustParseAddrPort("127.0.0.1:8080"))
		for name, c := range map[string]struct {
			config gateway.ForwardConfig
			is     error
			text   string
		}{
			"in use":    {gateway.ForwardConfig{Network: "tcp", Listen: netip.MustParseAddrPort("127.0.0.1:8080"), To: to("a")}, netdev.ErrAddrInUse, "127.0.0.1:8080"},
			"foreign":   {gateway.ForwardConfig{Network: "udp", Listen: netip.MustParseAddrPort("203.0.113.1:80"), To: to("a")}, netdev.ErrAddrNotAvailable, "203.0.113.1:80"},
			"network":   {gateway.ForwardConfig{Network: "sctp", To: to("a")}, nil, "sctp"},
			"no target": {gateway.ForwardConfig{Network: "tcp"}, nil, "target"},
		} {
			addr, err := w.gw.Forward(c.config)
			if err == nil {
				t.Errorf("%s: listens at %v", name, addr)
			} else if c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n, _ := w.heard(gateway.ForwardOpened); n != 0 {
			t.Errorf("told of %d forwards", n)
		}
	})
}

func TestAForwardIsKnownByItsURL(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		at, err := w.gw.Forward(gateway.ForwardConfig{Network: "tcp", To: to("web")})
		w.must(err)
		if at.Addr() != netip.MustParseAddr("127.0.0.1") || at.Port() == 0 {
			t.Errorf("listens at %v", at)
		}
		n, e := w.heard(gateway.ForwardOpened)
		if n != 1 || e.Forward.Listen != at || e.String() != "http://"+at.String()+" reaches web:80" {
			t.Errorf("told %d times, %v", n, e)
		}
	})
}

// A board that is still starting is waited for, and one that never comes is not
// waited for for ever.
func TestAConnectionWaitsForTheBoardsLease(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		at, err := w.gw.Forward(gateway.ForwardConfig{Network: "tcp", To: to("late")})
		w.must(err)
		start := time.Now()
		c, err := w.dial(w.host, "tcp", at)
		w.must(err)
		if _, err := io.ReadAll(c); !errors.Is(err, netdev.ErrConnReset) {
			t.Errorf("without a board: %v", err)
		}
		if took := time.Since(start); took != gateway.DefaultLeaseWait {
			t.Errorf("reset after %v", took)
		}
		if n, e := w.heard(gateway.ForwardFailed); n != 1 || !errors.Is(e.Err, gateway.ErrNoLease) {
			t.Errorf("told %d times, %v", n, e)
		}

		c, err = w.dial(w.host, "tcp", at)
		w.must(err)
		time.Sleep(time.Second)
		// It listens before it has its address.
		board := w.unconnected("late")
		w.served(w.listen(board, netip.MustParseAddrPort("0.0.0.0:80")), echo)
		w.must(board.NetConnect(&netlink.ConnectParams{}))
		c.Write([]byte("hello"))
		c.(*net.TCPConn).CloseWrite()
		if b, err := io.ReadAll(c); err != nil || string(b) != "hello" {
			t.Errorf("%q, %v", b, err)
		}
	})
}

func TestABoardIsFoundByNameHardwareAddressAndAddress(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		board := w.board("board")
		w.served(w.listen(board, netip.AddrPortFrom(w.addr(board), 80)), echo)
		for _, target := range []gateway.Target{
			{Name: "BOARD", Port: 80}, {MAC: w.gw.Leases()[0].MAC, Port: 80}, {Addr: w.addr(board), Port: 80},
		} {
			at, err := w.gw.Forward(gateway.ForwardConfig{Network: "tcp", To: target})
			w.must(err)
			c, err := w.dial(w.host, "tcp", at)
			w.must(err)
			c.Write([]byte("hello"))
			c.(*net.TCPConn).CloseWrite()
			if b, err := io.ReadAll(c); err != nil || string(b) != "hello" {
				t.Errorf("%v: %q, %v", target, b, err)
			}
		}
	})
}

func TestARefusalOfTheBoardResetsTheClient(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.board("board")
		at, err := w.gw.Forward(gateway.ForwardConfig{Network: "tcp", To: to("board")})
		w.must(err)
		c, err := w.dial(w.host, "tcp", at)
		w.must(err)
		if _, err := io.ReadAll(c); !errors.Is(err, netdev.ErrConnReset) {
			t.Errorf("Read = %v", err)
		}
		if n, e := w.heard(gateway.ForwardFailed); n != 1 || !errors.Is(e.Err, netdev.ErrConnRefused) {
			t.Errorf("told %d times, %v", n, e)
		}
	})
}

func TestAClosedForwardListensNoMore(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		board := w.board("board")
		l := w.listen(board, netip.AddrPortFrom(w.addr(board), 80))
		at, err := w.gw.Forward(gateway.ForwardConfig{Network: "tcp", To: to("board")})
		w.must(err)
		c := w.connect(w.host, at, l)
		w.must(w.gw.CloseForward("tcp", at))
		if err := w.gw.CloseForward("tcp", at); !errors.Is(err, net.ErrClosed) {
			t.Errorf("CloseForward again: %v", err)
		}
		if _, err := w.dial(w.host, "tcp", at); !errors.Is(err, netdev.ErrConnRefused) {
			t.Errorf("Dial = %v", err)
		}
		// What is connected goes on.
		c.near.Write([]byte("hello"))
		c.near.CloseWrite()
		if b, err := io.ReadAll(c.far); err != nil || string(b) != "hello" {
			t.Errorf("%q, %v", b, err)
		}
		if _, err := w.gw.Forward(gateway.ForwardConfig{Network: "tcp", Listen: at, To: to("board")}); err != nil {
			t.Errorf("the port is not free again: %v", err)
		}
		synctest.Wait()
	})
}

func TestForwardedConnectionsAreBounded(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		board := w.board("board")
		w.served(w.listen(board, netip.AddrPortFrom(w.addr(board), 80)), echo)
		at, err := w.gw.Forward(gateway.ForwardConfig{Network: "tcp", To: to("board")})
		w.must(err)
		for range 3 {
			_, err := w.dial(w.host, "tcp", at)
			w.must(err)
			synctest.Wait()
		}
		c, err := w.dial(w.host, "tcp", at)
		w.must(err)
		if _, err := io.ReadAll(c); !errors.Is(err, netdev.ErrConnReset) {
			t.Errorf("a connection beyond the bound: %v", err)
		}
		if s := w.gw.Stats().TCPForwards; s.Active != 3 || s.Overflow != 1 {
			t.Errorf("%+v", s)
		}
	}, func(c *gateway.Config) { c.MaxConnections = 3 })
}
