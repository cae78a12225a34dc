//go:build !tinygo

package wifinina_test

import (
	"context"
	"io"
	stdnet "net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/wifinina"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/sim/nina"
	"github.com/netdev-go/netdev/stack"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t testing.TB, what string, got, want error) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

var (
	never   time.Time
	anyPort = netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
)

func soon() time.Time { return time.Now().Add(10 * time.Second) }

// A world is a board with a NINA-W102 and another host.
type world struct {
	*testing.T
	board *boards.Board
	dev   *wifinina.Device
	chip  *nina.Chip
	peer  *sim.Peer
	rough bool // what is done to the bus may hurt the chip
}

// switchOn returns a world whose board is not on the network. The chip must not
// have been hurt when it ends.
func switchOn(t *testing.T, c boards.Config, set func(*nina.Config, *wifinina.Config)) *world {
	t.Helper()
	b, chip, err := boards.WifiNINAWith(c, set)
	must(t, err)
	w := &world{T: t, board: b, dev: b.Netdever.(*wifinina.Device), chip: chip}
	t.Cleanup(func() {
		b.Stop()
		if s := chip.Stats(); s.Abuse > 0 && !w.rough && !t.Failed() {
			t.Errorf("a real chip would have been hurt %d times: %v", s.Abuse, s.Reasons)
		}
	})
	w.peer, err = b.Peer()
	must(t, err)
	return w
}

// both runs f on a board with today's firmware and on one with that before 1.5.0.
func both(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	for _, firmware := range []string{"2.0.0", "1.4.8"} {
		inTime(t, firmware, f)
	}
}

// inTime runs f in virtual time, with a chip that takes its time.
func inTime(t *testing.T, firmware string, f func(t *testing.T, w *world)) {
	t.Helper()
	t.Run(firmware, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := slowBoard(t, firmware, nil)
			must(t, w.board.NetConnect(&netlink.ConnectParams{}))
			f(t, w)
		})
	})
}

// slowBoard is for a bubble: nothing of it reaches the host's kernel.
func slowBoard(t *testing.T, firmware string, set func(*nina.Config, *wifinina.Config)) *world {
	t.Helper()
	card, far, err := ether.Cable(ether.Config{}, ether.Config{})
	must(t, err)
	host, err := stack.New(card, stack.Config{Address: netip.MustParsePrefix("192.0.2.1/24")})
	must(t, err)
	must(t, host.NetConnect(nil))
	t.Cleanup(func() { host.Stop(); card.Close(); far.Close() })
	return switchOn(t, boards.Config{Firmware: firmware, Network: sim.Config{Host: host, Seed: 1}},
		func(cc *nina.Config, dc *wifinina.Config) {
			cc.Fast = false
			if set != nil {
				set(cc, dc)
			}
		})
}

// listen returns a listener of the peer's and its address.
func (w *world) listen() (stdnet.Listener, netip.AddrPort) {
	w.Helper()
	l, err := w.peer.Listen(context.Background(), "tcp4", ":0")
	must(w.T, err)
	w.Cleanup(func() { l.Close() })
	port := l.Addr().(*stdnet.TCPAddr).Port
	return l, netip.AddrPortFrom(w.peer.Addr(netdev.AF_INET), uint16(port))
}

// connect returns both ends of a connection that the device makes.
func (w *world) connect() (int, stdnet.Conn) {
	w.Helper()
	l, addr := w.listen()
	fd := w.socket(netdev.SOCK_STREAM)
	must(w.T, w.dev.Connect(fd, "", addr))
	c, err := l.Accept()
	must(w.T, err)
	w.Cleanup(func() { c.Close() })
	return fd, c
}

func (w *world) socket(stype int) int {
	w.Helper()
	fd, err := w.dev.Socket(netdev.AF_INET, stype, 0)
	must(w.T, err)
	return fd
}

// serve returns a listening socket of the device's and its address.
func (w *world) serve() (int, netip.AddrPort) {
	w.Helper()
	fd := w.socket(netdev.SOCK_STREAM)
	must(w.T, w.dev.Bind(fd, anyPort))
	must(w.T, w.dev.Listen(fd, 8))
	name, err := w.dev.GetSockName(fd)
	must(w.T, err)
	return fd, netip.AddrPortFrom(w.addr(), name.Port())
}

func (w *world) addr() netip.Addr {
	w.Helper()
	a, err := w.dev.Addr()
	must(w.T, err)
	return a
}

// dial returns a connection that the peer makes.
func (w *world) dial(to netip.AddrPort) stdnet.Conn {
	w.Helper()
	c, err := w.peer.DialContext(context.Background(), "tcp4", to.String())
	must(w.T, err)
	w.Cleanup(func() { c.Close() })
	return c
}

// dialTo is dial, to a port of the device.
func (w *world) dialTo(port uint16) stdnet.Conn {
	w.Helper()
	return w.dial(netip.AddrPortFrom(w.addr(), port))
}

// packets returns a datagram socket of the peer's and its address.
func (w *world) packets() (stdnet.PacketConn, netip.AddrPort) {
	w.Helper()
	c, err := w.peer.ListenPacket(context.Background(), "udp4", ":0")
	must(w.T, err)
	w.Cleanup(func() { c.Close() })
	port := c.LocalAddr().(*stdnet.UDPAddr).Port
	return c, netip.AddrPortFrom(w.peer.Addr(netdev.AF_INET), uint16(port))
}

// works checks that bytes go both ways on a connection.
func (w *world) works(fd int, c stdnet.Conn) {
	w.Helper()
	text := "to and fro"
	if n, err := w.dev.Send(fd, []byte(text), 0, soon()); n != len(text) || err != nil {
		w.Fatalf("Send: %d, %v", n, err)
	}
	b := make([]byte, len(text))
	c.SetDeadline(soon())
	if _, err := io.ReadFull(c, b); err != nil || string(b) != text {
		w.Fatalf("the peer read %q, %v", b, err)
	}
	if _, err := c.Write(b); err != nil {
		w.Fatal(err)
	}
	for got := 0; got < len(b); {
		n, err := w.dev.Recv(fd, b, 0, soon())
		if err != nil {
			w.Fatalf("Recv: %v", err)
		}
		got += n
	}
}

// pattern is data in which no piece is like its neighbours.
func pattern(n int) []byte {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}
