//go:build !tinygo

package rtl8720dn_test

import (
	"context"
	"io"
	stdnet "net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	driver "github.com/netdev-go/netdev/drivers/rtl8720dn"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/rtl8720dn"
)

// A world is a board in a bubble, with a chip that takes the time that it takes:
// the UART's speed, its small rings, a second to boot. Beside it there is a peer.
type world struct {
	testing.TB
	*driver.Device
	board *boards.Board
	chip  *rtl8720dn.Chip
	peer  *sim.Peer
}

// real are the configurations of a Wio Terminal.
func real(cc *rtl8720dn.Config, dc *driver.Config) {
	*cc = rtl8720dn.Config{
		Network: cc.Network, Air: cc.Air, Seed: cc.Seed, Firmware: cc.Firmware,
		Baud: rtl8720dn.Baud, Ring: 128, JoinTime: 2 * time.Second, ScanTime: 2 * time.Second,
	}
	*dc = driver.Config{Address: dc.Address, Gateway: dc.Gateway, DNS: dc.DNS}
}

// inWorld runs f in a bubble with a board that is connected. set may be nil.
func inWorld(t *testing.T, c boards.Config, set setter, f func(t *testing.T, w *world)) {
	unjoined(t, c, set, func(t *testing.T, w *world) {
		if err := w.NetConnect(&netlink.ConnectParams{Ssid: "netdev"}); err != nil {
			t.Fatal(err)
		}
		f(t, w)
	})
}

// unjoined runs f with a board that is not connected.
func unjoined(t *testing.T, c boards.Config, set setter, f func(t *testing.T, w *world)) {
	synctest.Test(t, func(t *testing.T) {
		b, chip := wire(t, c, func(cc *rtl8720dn.Config, dc *driver.Config) {
			real(cc, dc)
			if set != nil {
				set(cc, dc)
			}
		})
		peer, err := b.Network.Peer()
		if err != nil {
			t.Fatal(err)
		}
		f(t, &world{TB: t, Device: device(b), board: b, chip: chip, peer: peer})
	})
}

func (w *world) must(what string, err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("%s: %v", what, err)
	}
}

// listen returns a listener of the peer.
func (w *world) listen() (l stdnet.Listener, at netip.AddrPort) {
	w.Helper()
	port := w.peer.FreePort()
	at = netip.AddrPortFrom(w.peerAddr(), port)
	l, err := w.peer.Listen(context.Background(), "tcp", at.String())
	w.must("Listen at the peer", err)
	w.Cleanup(func() { l.Close() })
	return l, at
}

func (w *world) peerAddr() netip.Addr { return w.peer.Addr(netdev.AF_INET) }

// stream returns a new stream socket.
func (w *world) stream() int {
	w.Helper()
	fd, err := w.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
	w.must("Socket", err)
	return fd
}

// connect returns a connection to the peer, and the peer's end of it.
func (w *world) connect() (fd int, far stdnet.Conn) {
	w.Helper()
	l, at := w.listen()
	fd = w.stream()
	w.must("Connect", w.Connect(fd, "", at))
	far, err := l.Accept()
	w.must("Accept at the peer", err)
	w.Cleanup(func() { far.Close() })
	return fd, far
}

// server returns a listening socket and where it listens.
func (w *world) server(backlog int) (fd int, at netip.AddrPort) {
	w.Helper()
	fd = w.stream()
	w.must("Bind", w.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), 8080)))
	w.must("Listen", w.Listen(fd, backlog))
	addr, err := w.Addr()
	w.must("Addr", err)
	return fd, netip.AddrPortFrom(addr, 8080)
}

func (w *world) dial(at netip.AddrPort) stdnet.Conn {
	w.Helper()
	c, err := w.peer.DialContext(context.Background(), "tcp", at.String())
	w.must("Dial from the peer", err)
	w.Cleanup(func() { c.Close() })
	return c
}

// echo has the peer answer on a listener with what it hears.
func echo(l stdnet.Listener) {
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

// within fails the test when f takes longer than d.
func (w *world) within(d time.Duration, what string, f func()) {
	w.Helper()
	begin := time.Now()
	f()
	if took := time.Since(begin); took > d {
		w.Errorf("%s took %v, more than %v", what, took, d)
	}
}

// soon is a deadline by which anything should have happened.
func soon() time.Time { return time.Now().Add(20 * time.Second) }
