package gateway_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/sim/gateway"
	"github.com/netdev-go/netdev/stack"
)

func TestABoardGetsItsLease(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		board := w.board("sensor")
		leases := w.gw.Leases()
		if len(leases) != 1 || leases[0].Name != "sensor" || leases[0].Addr != w.addr(board) {
			t.Fatalf("Leases = %+v, the board has %v", leases, w.addr(board))
		}
		if mac, err := board.GetHardwareAddr(); err != nil || [6]byte(mac) != leases[0].MAC {
			t.Errorf("the lease is of %x, the board is %v, %v", leases[0].MAC, mac, err)
		}
		if n, e := w.heard(gateway.LeaseGiven); n != 1 || e.Lease != leases[0] {
			t.Errorf("told %d times, %v", n, e)
		}
	})
}

func TestALeaseIsRenewedForAsLongAsTheBoardIsThere(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		board := w.board("sensor")
		had := w.addr(board)
		time.Sleep(24 * time.Hour)
		if got := w.addr(board); got != had {
			t.Errorf("had %v, has %v a day later", had, got)
		}
		if n, _ := w.heard(gateway.LeaseRenewed); n < 24 {
			t.Errorf("renewed %d times in 24 lease times", n)
		}
		board.NetDisconnect()
		time.Sleep(time.Second)
		if l := w.gw.Leases(); len(l) != 0 {
			t.Errorf("Leases = %v after the board has left", l)
		}
	})
}

func TestABoardReachesOthersByTheirNames(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a, b := w.board("a"), w.board("b")
		for name, want := range map[string]netip.Addr{
			"b": w.addr(b), "b.netdev": w.addr(b), "a": w.addr(a), "gateway": gwAddr, "host.netdev": gwAddr, "www.example": farAddr,
		} {
			addrs, err := a.LookupNetIP(t.Context(), "ip4", name)
			if err != nil || !slices.Equal(addrs, []netip.Addr{want}) {
				t.Errorf("%s: %v, %v; want %v", name, addrs, err, want)
			}
		}
		for _, name := range []string{"c", "c.netdev", "nobody.example"} {
			if addrs, err := a.LookupNetIP(t.Context(), "ip4", name); !errors.Is(err, netdev.ErrHostUnknown) {
				t.Errorf("%s: %v, %v", name, addrs, err)
			}
		}
		if s := w.gw.Stats().DNS; s.Local == 0 || s.Resolved == 0 || s.Failed != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestOtherRecordsAreAskedOfTheServers(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		board := w.board("a")
		for _, network := range []string{"udp", "tcp"} {
			c, err := w.dial(board, network, netip.AddrPortFrom(gwAddr, 53))
			w.must(err)
			conn := &dns.Conn{Conn: c}
			w.must(conn.WriteMsg(new(dns.Msg).SetQuestion("www.example.", dns.TypeTXT)))
			a, err := conn.ReadMsg()
			if err != nil || len(a.Answer) != 1 || a.Answer[0].(*dns.TXT).Txt[0] != "hello" {
				t.Errorf("%s: %v, %v", network, a, err)
			}
		}
	})
}

func TestPing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		board := w.board("a")
		for name, addr := range map[string]netip.Addr{"gateway": gwAddr, "host": hostAddr, "server": farAddr} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			if _, err := board.Ping(ctx, addr, []byte("payload")); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			cancel()
		}
		if s := w.gw.Stats().Echo; s.Requests != 2 || s.Replies != 2 || s.Failed != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestPingSaysWhyThereIsNoAnswer(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		board := w.board("a")
		for addr, want := range map[netip.Addr]error{nobody: netdev.ErrHostUnreachable, nowhere: netdev.ErrNetUnreachable} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			if _, err := board.Ping(ctx, addr, nil); err != want {
				t.Errorf("%v: %v, want %v", addr, err, want)
			}
			cancel()
		}
		if s := w.gw.Stats().Echo; s.Requests != 2 || s.Failed != 2 {
			t.Errorf("%+v", s)
		}
	})
}

// Only so many requests wait for their reply.
func TestPingsUnderWayAreBounded(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		board := w.board("a")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		// The board knows the gateway's hardware address from here on: packets that
		// wait for it are bounded too.
		if _, err := board.Ping(ctx, gwAddr, nil); err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		for range 10 {
			go func() {
				_, err := board.Ping(ctx, nobody, nil)
				done <- err
			}()
		}
		for range 10 {
			<-done
		}
		if s := w.gw.Stats().Echo; s.Requests != 10 || s.Overflow != 8 {
			t.Errorf("%+v", s)
		}
		if _, err := board.Ping(t.Context(), farAddr, nil); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	}, func(c *gateway.Config) { c.MaxEchoes = 2 })
}

func TestPingsAtOnceKeepTheirPayloads(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		board := w.board("a")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := board.Ping(ctx, farAddr, nil); err != nil { // all hardware addresses are known then
			t.Fatal(err)
		}
		done := make(chan error)
		for i := range 20 {
			go func() {
				// A reply with another payload is none.
				_, err := board.Ping(ctx, farAddr, []byte{byte(i), byte(i), byte(i)})
				done <- err
			}()
		}
		for range 20 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}

// Whose mask is too narrow asks the gateway for neighbours, which are not beyond it.
func TestTheNetworkItselfIsNotBeyondTheGateway(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		board := w.stack(w.device(ether.Config{Name: "narrow"}), stack.Config{
			Address: netip.MustParsePrefix("10.0.2.2/30"), Gateway: gwAddr,
		})
		if _, err := w.dial(board, "tcp", netip.MustParseAddrPort("10.0.2.200:80")); !errors.Is(err, netdev.ErrHostUnreachable) {
			t.Errorf("Dial = %v", err)
		}
		c, err := w.dial(board, "udp", netip.MustParseAddrPort("10.0.2.200:80"))
		w.must(err)
		c.Write([]byte("hello"))
		synctest.Wait()
		if s := w.gw.Stats().UDP; s.Opened != 0 || s.Failed != 1 {
			t.Errorf("%+v", s)
		}
	})
}

func TestAStaticBoardIsServedToo(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		board := w.stack(w.device(ether.Config{Name: "static"}), stack.Config{
			Address: netip.MustParsePrefix("10.0.2.7/24"), Gateway: gwAddr, DNS: []netip.Addr{gwAddr},
		})
		addrs, err := board.LookupNetIP(t.Context(), "ip4", "www.example")
		if err != nil || len(addrs) != 1 || addrs[0] != farAddr {
			t.Errorf("%v, %v", addrs, err)
		}
		if _, err := board.Ping(t.Context(), farAddr, nil); err != nil {
			t.Error(err)
		}
	})
}
