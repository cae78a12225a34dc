package rtl8720dn_test

import (
	"context"
	stdnet "net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/sim/radio"
	"github.com/netdev-go/netdev/sim/rtl8720dn"
	"github.com/netdev-go/netdev/stack"
)

// Services.
const (
	system  = 0x01
	drv     = 0x0E
	adapter = 0x0F
	lwip    = 0x10
	mbedtls = 0x11
)

// A world is a chip that runs, with another host on its network.
type world struct {
	*mcu
	chip  *rtl8720dn.Chip
	board *sim.Board
	air   *radio.Air
	peer  *sim.Peer
}

// home is the access point of a world.
var home = radio.AccessPoint{
	SSID: "testnet", Passphrase: "password", Security: radio.WPA2, BSSID: [6]byte{2, 0, 0, 0, 0, 9}, Channel: 11, RSSI: -48,
}

// inWorld runs f in a synctest bubble with a chip that has booted, without its
// delays unless c has some.
func inWorld(t *testing.T, c rtl8720dn.Config, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, c)
		w.chip.Enable(true)
		w.listening()
		f(w)
	})
}

// joined is inWorld with a chip that is on its network, and another host there.
func joined(t *testing.T, c rtl8720dn.Config, f func(w *world)) {
	t.Helper()
	inWorld(t, c, func(w *world) {
		w.join()
		f(w)
	})
}

// newWorld returns a world whose chip is off.
func newWorld(t *testing.T, c rtl8720dn.Config) *world {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	card, far, err := ether.Cable(ether.Config{}, ether.Config{})
	must(err)
	kernel, err := stack.New(card, stack.Config{Address: netip.MustParsePrefix("192.0.2.1/24")})
	must(err)
	t.Cleanup(func() {
		kernel.Stop()
		card.Close()
		far.Close()
	})
	must(kernel.NetConnect(&netlink.ConnectParams{}))
	board, err := sim.Boot(sim.Config{Host: kernel, Forwards: []sim.Forward{}, Seed: 1, MAC: [6]byte{2, 0, 0, 0x87, 0x20, 0xD}})
	must(err)
	t.Cleanup(func() { board.Stop() })
	w := &world{board: board, air: radio.New(home)}
	w.peer, err = board.Peer()
	must(err)
	c.Network, c.Air = board, w.air
	if c.BootTime == 0 {
		c.BootTime = -1
	}
	if c.BootNoise == nil {
		c.BootNoise = []byte{}
	}
	w.chip = rtl8720dn.New(c)
	t.Cleanup(func() { w.chip.Stop() })
	w.mcu = &mcu{tb: t, port: w.chip.Port()}
	return w
}

// listening waits until the chip takes requests: what comes while it boots is lost.
func (w *world) listening() {
	w.tb.Helper()
	for range 1000 {
		if _, ok := w.answer(w.ask(system, 0x02, uint8(1)), 20*time.Millisecond); ok {
			return
		}
	}
	w.tb.Fatal("the chip does not boot")
}

// join brings the chip onto its network.
func (w *world) join() {
	w.tb.Helper()
	w.i32(adapter, 0x01)
	w.i32(drv, 0x1B, uint32(1))
	if r := w.i32(drv, 0x01, "testnet", some("password"), uint32(0x00400004), -1, uint32(0)); r != 0 {
		w.tb.Fatalf("wifi_connect = %d, last error %d", r, w.i32(drv, 0x31))
	}
	if r := w.i32(adapter, 0x0D, uint32(0)); r != 0 {
		w.tb.Fatalf("dhcpc_start = %d", r)
	}
	w.events = nil
}

// clean asserts that nothing was done to the chip that would have hurt it.
func (w *world) clean() {
	w.tb.Helper()
	if s := w.chip.Stats(); s.Abuse != 0 || s.Unknown != 0 || s.Malformed != 0 || s.BadCRC != 0 || s.Oversize != 0 {
		w.tb.Errorf("%+v %q", s, w.chip.Abuses())
	}
}

// name is an address as lwIP has it.
func name(a netip.AddrPort) []byte {
	ip := a.Addr().As4()
	return append([]byte{0, 2, byte(a.Port() >> 8), byte(a.Port()), ip[0], ip[1], ip[2], ip[3]}, make([]byte, 8)...)
}

// stream returns a socket.
func (w *world) stream() int {
	w.tb.Helper()
	n := w.i32(lwip, 0x12, 2, 1, 6)
	if n < 0 {
		w.tb.Fatalf("socket = %d, errno %d", n, w.errno())
	}
	return n
}

func (w *world) datagram() int {
	w.tb.Helper()
	return w.i32(lwip, 0x12, 2, 2, 17)
}

func (w *world) errno() int { return w.i32(lwip, 0x18) }

// recv returns what a receive does, and errno where it fails.
func (w *world) recv(n, size, flags int) (data string, r int) {
	w.tb.Helper()
	reply := w.call(lwip, 0x0C, n, uint32(size), flags, uint32(0))
	b := reply.binary()
	r = reply.i32()
	reply.end()
	return string(b), r
}

func (w *world) send(n int, data string) int {
	w.tb.Helper()
	return w.i32(lwip, 0x0F, n, data, 0)
}

// listen has the peer listen.
func (w *world) listen() (stdnet.Listener, netip.AddrPort) {
	w.tb.Helper()
	l, err := w.peer.Listen(context.Background(), "tcp", ":0")
	if err != nil {
		w.tb.Fatal(err)
	}
	w.tb.Cleanup(func() { l.Close() })
	port := uint16(l.Addr().(*stdnet.TCPAddr).Port)
	return l, netip.AddrPortFrom(w.peer.Addr(2), port)
}

// connect returns a socket and the peer's end.
func (w *world) connect() (n int, conn stdnet.Conn) {
	w.tb.Helper()
	l, at := w.listen()
	n = w.stream()
	if r := w.i32(lwip, 0x09, n, name(at), uint32(16)); r != 0 {
		w.tb.Fatalf("connect = %d, errno %d", r, w.errno())
	}
	conn, err := l.Accept()
	if err != nil {
		w.tb.Fatal(err)
	}
	w.tb.Cleanup(func() { conn.Close() })
	return n, conn
}

// serve returns a listening socket and its port.
func (w *world) serve() (n int, at netip.AddrPort) {
	w.tb.Helper()
	at = netip.AddrPortFrom(w.peer.DeviceAddr(2), w.peer.FreePort())
	n = w.stream()
	if r := w.i32(lwip, 0x02, n, name(netip.AddrPortFrom(netip.IPv4Unspecified(), at.Port())), uint32(16)); r != 0 {
		w.tb.Fatalf("bind = %d, errno %d", r, w.errno())
	}
	if r := w.i32(lwip, 0x0A, n, 4); r != 0 {
		w.tb.Fatalf("listen = %d, errno %d", r, w.errno())
	}
	return n, at
}

func (w *world) dial(network string, at netip.AddrPort) stdnet.Conn {
	w.tb.Helper()
	conn, err := w.peer.DialContext(context.Background(), network, at.String())
	if err != nil {
		w.tb.Fatal(err)
	}
	w.tb.Cleanup(func() { conn.Close() })
	return conn
}

// accept returns the next connection of a listening socket.
func (w *world) accept(n int) int {
	w.tb.Helper()
	reply := w.call(lwip, 0x01, n, make([]byte, 16), uint32(16))
	reply.u32()
	defer reply.end()
	return reply.i32()
}
