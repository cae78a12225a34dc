package gateway_test

import (
	"errors"
	"fmt"
	stdnet "net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/gateway"
)

// asked sends a datagram and returns the answer.
func asked(t *testing.T, c stdnet.Conn, text string) string {
	t.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	buf := make([]byte, 64<<10)
	n, err := c.Read(buf)
	if err != nil {
		t.Fatalf("no answer to %.20q: %v", text, err)
	}
	return string(buf[:n])
}

func TestDatagramsGoToTheWorldAndBack(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		go echoPackets(w.listenPacket(w.far, netip.AddrPortFrom(farAddr, port)))
		go echoPackets(w.listenPacket(w.host, netip.MustParseAddrPort("127.0.0.1:8000")))
		board := w.board("board")
		for _, to := range []netip.Addr{farAddr, gwAddr} {
			c, err := w.dial(board, "udp", netip.AddrPortFrom(to, port))
			w.must(err)
			for _, text := range []string{"hello", "", fmt.Sprint(5000, make([]byte, 5000))} {
				if got := asked(t, c, text); got != text {
					t.Errorf("%v: %.40q came back as %.40q", to, text, got)
				}
			}
		}
		if s := w.gw.Stats().UDP; s.Opened != 2 || s.Active != 2 || s.Sent != 6 || s.Received != 6 || s.Dropped != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestAFlowEndsWhenItIsIdle(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		far := w.listenPacket(w.far, netip.AddrPortFrom(farAddr, port))
		c, err := w.dial(w.board("board"), "udp", netip.AddrPortFrom(farAddr, port))
		w.must(err)
		c.Write([]byte("hello"))
		buf := make([]byte, 100)
		_, mapped, err := far.ReadFrom(buf)
		w.must(err)
		if got := mapped.(*stdnet.UDPAddr).AddrPort().Addr().Unmap(); got != hostAddr {
			t.Errorf("the world sees %v, the host is %v", got, hostAddr)
		}
		// Either end alone keeps it open, just before it would be idle for too long.
		for range 5 {
			time.Sleep(gateway.DefaultUDPTimeout - time.Second)
			far.WriteTo([]byte("ping"), mapped)
			synctest.Wait()
		}
		for range 5 {
			time.Sleep(gateway.DefaultUDPTimeout - time.Second)
			c.Write([]byte("ping"))
			synctest.Wait()
		}
		if s := w.gw.Stats().UDP; s.Opened != 1 || s.Active != 1 || s.Sent != 6 || s.Received != 5 {
			t.Errorf("in use: %+v", s)
		}
		time.Sleep(gateway.DefaultUDPTimeout + time.Second)
		if s := w.gw.Stats().UDP; s.Active != 0 || s.Expired != 1 {
			t.Errorf("idle: %+v", s)
		}
		far.WriteTo([]byte("late"), mapped)
		synctest.Wait()
		if s := w.gw.Stats().UDP; s.Received != 5 {
			t.Errorf("a datagram came in after the flow's end: %+v", s)
		}
	})
}

func TestOnlyThePeerAnswers(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		far := w.listenPacket(w.far, netip.AddrPortFrom(farAddr, port))
		other := w.listenPacket(w.far, netip.AddrPortFrom(farAddr, port+1))
		c, err := w.dial(w.board("board"), "udp", netip.AddrPortFrom(farAddr, port))
		w.must(err)
		c.Write([]byte("hello"))
		buf := make([]byte, 100)
		_, mapped, err := far.ReadFrom(buf)
		w.must(err)
		other.WriteTo([]byte("intruder"), mapped)
		far.WriteTo([]byte("answer"), mapped)
		if n, err := c.Read(buf); err != nil || string(buf[:n]) != "answer" {
			t.Errorf("%q, %v", buf[:n], err)
		}
		synctest.Wait()
		if s := w.gw.Stats().UDP; s.Received != 1 {
			t.Errorf("%+v", s)
		}
	})
}

func TestABoardIsToldThatNobodyReceives(t *testing.T) {
	for name, to := range map[string]netip.Addr{"world": farAddr, "host": gwAddr} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				c, err := w.dial(w.board("board"), "udp", netip.AddrPortFrom(to, 9))
				w.must(err)
				c.Write([]byte("hello"))
				c.SetReadDeadline(time.Now().Add(10 * time.Second))
				if n, err := c.Read(make([]byte, 10)); !errors.Is(err, netdev.ErrConnRefused) {
					t.Errorf("Read = %d, %v", n, err)
				}
			})
		})
	}
}

func TestAFloodOfFlowsIsBounded(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		go echoPackets(w.listenPacket(w.far, netip.AddrPortFrom(farAddr, port)))
		board := w.board("board")
		c, err := w.dial(board, "udp", netip.AddrPortFrom(farAddr, port))
		w.must(err)
		flood := w.listenPacket(board, netip.AddrPortFrom(w.addr(board), 0))
		for i := range 1000 {
			to := netip.AddrPortFrom(farAddr, uint16(10000+i))
			if _, err := flood.WriteTo([]byte("flood"), stdnet.UDPAddrFromAddrPort(to)); err != nil {
				t.Fatal(err)
			}
			if i%10 == 0 {
				// A flow in use is not the one idle longest.
				if got := asked(t, c, "hello"); got != "hello" {
					t.Fatalf("got %q", got)
				}
			}
			if s := w.gw.Stats().UDP; s.Active > 20 {
				t.Fatalf("%+v", s)
			}
		}
		synctest.Wait()
		if s := w.gw.Stats().UDP; s.Opened != 1001 || s.Evicted < 900 {
			t.Errorf("%+v", s)
		}
	}, func(c *gateway.Config) { c.MaxFlows = 20 })
}

func TestDatagramsAreForwardedToABoard(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		at, err := w.gw.Forward(gateway.ForwardConfig{
			Network: "udp", Listen: netip.AddrPortFrom(hostAddr, 7000), To: gateway.Target{Name: "board", Port: 7},
		})
		w.must(err)
		early, err := w.dial(w.far, "udp", at)
		w.must(err)
		early.Write([]byte("nobody is there yet"))
		synctest.Wait()
		if s := w.gw.Stats().UDPForwards; s.Dropped != 1 || s.Failed != 1 {
			t.Errorf("without a lease: %+v", s)
		}
		board := w.board("board")
		go echoPackets(w.listenPacket(board, netip.AddrPortFrom(w.addr(board), 7)))
		var clients []stdnet.Conn
		for range 3 {
			c, err := w.dial(w.far, "udp", at)
			w.must(err)
			clients = append(clients, c)
		}
		for i, c := range clients {
			text := fmt.Sprint("client ", i)
			if got := asked(t, c, text); got != text {
				t.Errorf("%q came back as %q", text, got)
			}
		}
		if s := w.gw.Stats().UDPForwards; s.Active != 3 || s.Sent != 3 || s.Received != 3 {
			t.Errorf("%+v", s)
		}
		w.must(w.gw.CloseForward("udp", at))
		synctest.Wait()
		if s := w.gw.Stats().UDPForwards; s.Active != 0 {
			t.Errorf("after the forward's end: %+v", s)
		}
	})
}
