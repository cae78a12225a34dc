//go:build !tinygo

package espat_test

import (
	"context"
	"io"
	stdnet "net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	driver "github.com/netdev-go/netdev/drivers/espat"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/bus"
	"github.com/netdev-go/netdev/sim/espat"
)

// A world is a board in a bubble, with a module that takes the time that it takes:
// the UART's speed, a receive ring of 128 bytes, a moment to boot and to join.
// Beside it there is a peer.
type world struct {
	testing.TB
	*driver.Device
	board *boards.Board
	chip  *espat.Chip
	peer  *sim.Peer
}

func real(cc *espat.Config, dc *driver.Config) {
	cc.Baud, cc.Ring = espat.Baud, espat.RingTinyGo
	cc.BootTime, cc.JoinTime, cc.ScanTime = 300*time.Millisecond, time.Second, 2*time.Second
	*dc = driver.Config{Address: dc.Address, Gateway: dc.Gateway, DNS: dc.DNS, Timeout: 5 * time.Second}
}

// A lateUART is there before its module is.
type lateUART struct{ *bus.Port }

// inWorld runs f in a bubble with a board that is connected, and stays so.
func inWorld(t *testing.T, c boards.Config, f func(w *world)) {
	inWorldWith(t, c, func(u driver.UART) driver.UART { return u }, f)
}

// inWorldWith has the driver see its UART through wrap.
func inWorldWith(t *testing.T, c boards.Config, wrap func(driver.UART) driver.UART, f func(w *world)) {
	synctest.Test(t, func(t *testing.T) {
		if c.Network.Forwards == nil {
			c.Network.Forwards = []sim.Forward{}
		}
		port := new(lateUART)
		b, chip, err := boards.ESPATWith(c, func(cc *espat.Config, dc *driver.Config) {
			real(cc, dc)
			dc.UART = wrap(port)
		})
		if err != nil {
			t.Fatal(err)
		}
		port.Port = chip.Port()
		defer func() {
			if err := b.Stop(); err != nil {
				t.Error(err)
			}
		}()
		peer, err := b.Network.Peer()
		if err != nil {
			t.Fatal(err)
		}
		w := &world{TB: t, Device: b.Unwrap().(*driver.Device), board: b, chip: chip, peer: peer}
		w.must("NetConnect", w.NetConnect(&netlink.ConnectParams{Ssid: "netdev", WatchdogTimeout: time.Second}))
		f(w)
	})
}

func (w *world) must(what string, err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("%s: %v", what, err)
	}
}

// echoes returns where the peer sends back what it hears.
func (w *world) echoes() netip.AddrPort {
	w.Helper()
	at := netip.AddrPortFrom(w.peer.Addr(netdev.AF_INET), w.peer.FreePort())
	l, err := w.peer.Listen(context.Background(), "tcp", at.String())
	w.must("Listen at the peer", err)
	w.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func(c stdnet.Conn) {
				defer c.Close()
				io.Copy(c, c)
			}(c)
		}
	}()
	return at
}

// connect returns a stream to there.
func (w *world) connect(at netip.AddrPort) int {
	w.Helper()
	fd, err := w.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
	w.must("Socket", err)
	w.must("Connect", w.Connect(fd, "", at))
	return fd
}

func (w *world) close(fd int) {
	w.Helper()
	w.must("Close", w.Close(fd))
}
