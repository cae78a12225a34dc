package sim

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
)

var local = netip.MustParsePrefix("10.0.2.0/24")

func TestABoardBootsWithoutALink(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		b, e := w.boot(Config{Name: "web"})
		if addr, err := b.Addr(); err == nil && addr.IsValid() && !addr.IsUnspecified() {
			t.Errorf("it has address %v before NetConnect", addr)
		}
		if said := e.all(); said != "" {
			t.Errorf("it says %q", said)
		}
		must(t, b.NetConnect(&netlink.ConnectParams{}))
		addr, err := b.Addr()
		if err != nil || !local.Contains(addr) {
			t.Errorf("its address is %v, %v", addr, err)
		}
		synctest.Wait()
		if said, want := e.all(), "web has address "+addr.String(); said != want {
			t.Errorf("it says %q, want %q", said, want)
		}
	})
}

func TestABoardWithAStaticAddress(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		own := netip.MustParsePrefix("10.0.2.7/24")
		b, e := w.board(Config{Addr: own})
		if addr, err := b.Addr(); err != nil || addr != own.Addr() {
			t.Errorf("its address is %v, %v", addr, err)
		}
		synctest.Wait()
		if said := e.all(); said != "board has address 10.0.2.7, a static one" {
			t.Errorf("it says %q", said)
		}
		l := listen(t, w.host, "127.0.0.1:7000")
		exchange(t, b, "10.0.2.1:7000", l, "out")
		addrs, err := b.LookupNetIP(t.Context(), "ip4", "host")
		if err != nil || len(addrs) != 1 || addrs[0] != gatewayAddr {
			t.Errorf("host is at %v, %v", addrs, err)
		}
	})
}

func TestEachProfileServesAndAsks(t *testing.T) {
	for _, small := range []bool{false, true} {
		inWorld(t, func(t *testing.T, w *world) {
			b, _ := w.board(Config{Small: small})
			text := strings.Repeat("all work and no play\n", 5000)
			exchange(t, w.host, "127.0.0.1:8080", listen(t, b, ":8080"), text)
			exchange(t, b, "10.0.2.1:7000", listen(t, w.host, "127.0.0.1:7000"), text)
		})
	}
}

func TestLinkEvents(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		b, e := w.boot(Config{Name: "web"})
		events := make(chan netlink.Event, 9)
		b.NetNotify(func(e netlink.Event) { events <- e })
		must(t, b.NetConnect(&netlink.ConnectParams{}))
		if err := b.NetConnect(&netlink.ConnectParams{}); !errors.Is(err, netlink.ErrConnected) {
			t.Errorf("a second NetConnect: %v", err)
		}
		l := listen(t, b, ":8080")
		accepted := make(chan error)
		go func() {
			_, err := l.Accept()
			accepted <- err
		}()
		synctest.Wait()
		b.NetDisconnect()
		if err := <-accepted; !errors.Is(err, netdev.ErrNetDown) {
			t.Errorf("Accept: %v, want ErrNetDown", err)
		}
		must(t, b.NetConnect(&netlink.ConnectParams{}))
		synctest.Wait()
		for _, want := range []netlink.Event{netlink.EventNetUp, netlink.EventNetDown, netlink.EventNetUp} {
			select {
			case got := <-events:
				if got != want {
					t.Errorf("event %v, want %v", got, want)
				}
			default:
				t.Errorf("no event %v", want)
			}
		}
		if said := e.all(); strings.Count(said, "web has address ") != 2 || !strings.Contains(said, "\nweb is off the network\n") {
			t.Errorf("it says\n%s", said)
		}
	})
}

func TestFaultsAreAppliedAndTold(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		slow := ether.Impairment{Delay: 100 * time.Millisecond}
		b, e := w.board(Config{Impairment: slow, Seed: 7})
		began := time.Now()
		if _, err := b.Ping(context.Background(), gatewayAddr, nil); err != nil {
			t.Error(err)
		}
		// Both ways are slow; the first one also waits for an ARP reply, or not.
		if d := time.Since(began); d != 200*time.Millisecond && d != 400*time.Millisecond {
			t.Errorf("an echo took %v", d)
		}
		if said := e.all(); !strings.HasPrefix(said, "frames meet delay 100ms, in the same way again with -seed 7\n") {
			t.Errorf("it says\n%s", said)
		}
	})
	inWorld(t, func(t *testing.T, w *world) {
		_, e := w.boot(Config{Impairment: ether.Impairment{Loss: 0.01}})
		_, other := w.boot(Config{Impairment: ether.Impairment{Loss: 0.01}})
		if said := e.all(); !strings.HasPrefix(said, "frames meet loss 1%, in the same way again with -seed ") || said == other.all() {
			t.Errorf("without a seed it says %q, and the next time %q", said, other.all())
		}
	})
}

func TestABadConfigurationIsRefused(t *testing.T) {
	for name, c := range map[string]Config{
		"a group's MAC":  {MAC: [6]byte{1}},
		"loss of 200 %":  {Impairment: ether.Impairment{Loss: 2}},
		"no such folder": {Pcap: t.TempDir() + "/nosuch/x.pcapng"},
		"IPv6":           {Addr: netip.MustParsePrefix("fd00::1/64")},
		"elsewhere":      {Addr: netip.MustParsePrefix("192.168.1.5/24")},
		"icmp forward":   {Forwards: []Forward{{Network: "icmp", Port: 1}}},
	} {
		// A bubble would not end if Boot left something behind.
		inWorld(t, func(t *testing.T, w *world) {
			c.Host = w.host
			if b, err := Boot(c); err == nil || b != nil {
				t.Errorf("%s: %v, %v", name, b, err)
			}
		})
	}
}

// pings is what a seeded run comes to: its address, and how long each echo took,
// or -1 where it was lost.
func pings(t *testing.T, seed uint64) (addr netip.Addr, took []time.Duration) {
	inWorld(t, func(t *testing.T, w *world) {
		bad := ether.Impairment{Loss: 0.1, Delay: 5 * time.Millisecond, Jitter: 2 * time.Millisecond, Reorder: 0.05}
		b, _ := w.board(Config{Impairment: bad, Seed: seed})
		addr, _ = b.Addr()
		for range 50 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			rtt, err := b.Ping(ctx, gatewayAddr, nil)
			if err != nil {
				rtt = -1
			}
			took = append(took, rtt)
			cancel()
		}
	})
	return addr, took
}

func TestASeedMakesARunRepeatItself(t *testing.T) {
	addr, took := pings(t, 1)
	again, same := pings(t, 1)
	if addr != again || !slices.Equal(took, same) {
		t.Errorf("one run is\n%v %v, another\n%v %v", addr, took, again, same)
	}
	if lost := slices.Index(took, -1); lost < 0 {
		t.Errorf("nothing was lost: %v", took)
	}
	if _, other := pings(t, 2); slices.Equal(other, took) {
		t.Errorf("another seed has %v too", other)
	}
}

func TestStopEndsAllOfIt(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		b, e := w.board(Config{})
		l := listen(t, b, ":8080")
		c, err := dial(w.host, "127.0.0.1:8080")
		must(t, err)
		served, err := l.Accept()
		must(t, err)
		read := make(chan error)
		go func() {
			_, err := served.Read(make([]byte, 1))
			read <- err
		}()
		synctest.Wait()
		said := e.all()
		if err := b.Stop(); err != nil {
			t.Error(err)
		}
		if err := <-read; err == nil || errors.Is(err, io.EOF) {
			t.Errorf("a read on the board: %v", err)
		}
		if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("a read on the host: %v", err)
		}
		c.Close()
		if _, err := dial(w.host, "127.0.0.1:8080"); !errors.Is(err, netdev.ErrConnRefused) {
			t.Errorf("its forward afterwards: %v", err)
		}
		if _, err := b.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); err == nil {
			t.Error("it still has sockets")
		}
		if now := e.all(); now != said {
			t.Errorf("it says %q of its end", strings.TrimPrefix(now, said))
		}
		if err := b.Stop(); err != nil {
			t.Errorf("Stop again: %v", err)
		}
	})
}

func TestAPeerIsOnTheBoardsNetwork(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		b, _ := w.board(Config{})
		p, err := b.Peer()
		must(t, err)
		if own, err := b.Addr(); err != nil || p.DeviceAddr(netdev.AF_INET) != own || p.Addr(netdev.AF_INET) == own {
			t.Errorf("the board is %v (%v), for the peer %v, and the peer %v", own, err, p.DeviceAddr(netdev.AF_INET), p.Addr(netdev.AF_INET))
		}
		if p.Addr(netdev.AF_INET6).IsValid() || p.DeviceAddr(netdev.AF_INET6).IsValid() {
			t.Error("there is no IPv6 yet")
		}
		addrs, err := b.LookupNetIP(t.Context(), "ip4", p.Host())
		if err != nil || len(addrs) != 1 || addrs[0] != p.Addr(netdev.AF_INET) {
			t.Errorf("its name is at %v, %v", addrs, err)
		}
		if _, err := b.LookupNetIP(t.Context(), "ip4", p.UnknownHost()); !errors.Is(err, netdev.ErrHostUnknown) {
			t.Errorf("a name that there is not: %v", err)
		}
		if first, second := p.FreePort(), p.FreePort(); first == second {
			t.Error("a free port is given twice")
		}
		l := listen(t, b, ":7000")
		go func() {
			if c, err := l.Accept(); err == nil {
				echo(c)
				c.Close()
			}
		}()
		c, err := p.DialContext(t.Context(), "tcp", netip.AddrPortFrom(p.DeviceAddr(netdev.AF_INET), 7000).String())
		must(t, err)
		if got, err := ask(c, "hello"); err != nil || got != "hello" {
			t.Errorf("heard %q, %v", got, err)
		}
		c.Close()
		for _, failing := range []struct {
			to   netip.AddrPort
			want error
		}{{p.Refused(), netdev.ErrConnRefused}, {p.Unreachable(), netdev.ErrHostUnreachable}, {p.BlackHole(), netdev.ErrTimeout}} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			d := net.Dialer{Device: b}
			if _, err := d.DialContext(ctx, "tcp", failing.to.String()); !errors.Is(err, failing.want) && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v: %v, want %v", failing.to, err, failing.want)
			}
			cancel()
		}
	})
}
