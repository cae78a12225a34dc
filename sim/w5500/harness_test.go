package w5500_test

import (
	"bytes"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/sim/w5500"
	"github.com/netdev-go/netdev/stack"
)

var (
	chipAddr  = netip.MustParseAddr("10.0.0.2")
	peerAddr  = netip.MustParseAddr("10.0.0.1")
	nobody    = netip.MustParseAddr("10.0.0.9")
	chipMAC   = [6]byte{2, 0, 0, 0, 0, 2}
	chipNet   = netip.MustParsePrefix("10.0.0.2/24")
	peerNet   = netip.MustParsePrefix("10.0.0.1/24")
	never     time.Time
	someBytes = bytes.Repeat([]byte("0123456789abcdef"), 512)
)

// The numbers of CHIPS.md D.
const (
	mr, gar, subr, shar, sipr, ir, imr, sir, simr = 0x00, 0x01, 0x05, 0x09, 0x0F, 0x15, 0x16, 0x17, 0x18
	uipr, uportr, phycfgr, versionr               = 0x28, 0x2C, 0x2E, 0x39

	snMR, snCR, snIR, snSR, snPORT, snDHAR, snDIPR, snDPORT = 0x00, 0x01, 0x02, 0x03, 0x04, 0x06, 0x0C, 0x10
	snMSSR, snRXBUF, snTXBUF, snFSR, snTXRD, snTXWR         = 0x12, 0x1E, 0x1F, 0x20, 0x22, 0x24
	snRSR, snRXRD, snRXWR, snIMR, snKeep                    = 0x26, 0x28, 0x2A, 0x2C, 0x2F

	open, listen, connect, discon, closeCmd, send, sendMAC, recv = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x21, 0x40

	con, disconnected, received, timeout, sendOK = 0x01, 0x02, 0x04, 0x08, 0x10

	closed, initial, listening, synSent, established = 0x00, 0x13, 0x14, 0x15, 0x17
	finWait, timeWait, closeWait, lastAck            = 0x18, 0x1B, 0x1C, 0x1D
	udp, macraw                                      = 0x22, 0x42
)

// A rig is a chip and a peer on a network of two, and the test as the MCU.
type rig struct {
	testing.TB
	*w5500.Chip
	own     *stack.Stack // the chip's Network
	peer    *stack.Stack
	peerDev *ether.Device
}

// run has f run in a bubble with a chip that has an address.
func run(t *testing.T, c w5500.Config, f func(r *rig)) {
	t.Helper()
	bare(t, c, func(r *rig) {
		r.address(chipNet)
		f(r)
		if s := r.Stats(); s.Abuse != 0 && !t.Failed() {
			t.Errorf("%d requests would have hurt the chip, the last one: %s", s.Abuse, s.LastAbuse)
		}
	})
}

// bare is run without an address, and without a look at abuse.
func bare(t *testing.T, c w5500.Config, f func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a, b, err := ether.Cable(ether.Config{Queue: 1024, MAC: chipMAC}, ether.Config{Queue: 1024})
		must(t, err)
		cable, err := w5500.NewCable(a)
		must(t, err)
		own, err := stack.New(cable, stack.Config{})
		must(t, err)
		peer, err := stack.New(b, stack.Config{Address: peerNet})
		must(t, err)
		must(t, peer.NetConnect(&netlink.ConnectParams{}))
		c.Network, c.Cable = own, cable
		r := &rig{TB: t, Chip: w5500.New(c), own: own, peer: peer, peerDev: b}
		defer func() {
			r.Stop()
			must(t, own.Stop())
			must(t, peer.Stop())
			must(t, a.Close())
			must(t, b.Close())
		}()
		f(r)
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// frame clocks one frame and returns what came meanwhile.
func (r *rig) frame(w ...byte) []byte {
	in := make([]byte, len(w))
	r.CS(false)
	must(r.TB, r.Tx(w, in))
	r.CS(true)
	return in
}

func (r *rig) read(block byte, addr uint16, n int) []byte {
	return r.frame(append([]byte{byte(addr >> 8), byte(addr), block << 3}, make([]byte, n)...)...)[3:]
}

func (r *rig) write(block byte, addr uint16, b ...byte) {
	r.frame(append([]byte{byte(addr >> 8), byte(addr), block<<3 | 4}, b...)...)
}

func regs(n int) byte { return byte(4*n + 1) }
func txb(n int) byte  { return byte(4*n + 2) }
func rxb(n int) byte  { return byte(4*n + 3) }

func (r *rig) reg(n int, addr uint16) byte    { return r.read(regs(n), addr, 1)[0] }
func (r *rig) word(n int, addr uint16) uint16 { b := r.read(regs(n), addr, 2); return be(b) }

// steady reads a size as the rules say: until it is the same twice.
func (r *rig) steady(n int, addr uint16) uint16 {
	for last := r.word(n, addr); ; {
		v := r.word(n, addr)
		if v == last {
			return v
		}
		last = v
	}
}

func be(b []byte) uint16           { return uint16(b[0])<<8 | uint16(b[1]) }
func bytes2(v uint16) (byte, byte) { return byte(v >> 8), byte(v) }

func (r *rig) setWord(n int, addr, v uint16) {
	h, l := bytes2(v)
	r.write(regs(n), addr, h, l)
}

// command writes Sn_CR and waits until it is taken.
func (r *rig) command(n int, cmd byte) {
	r.Helper()
	r.write(regs(n), snCR, cmd)
	for i := 0; r.reg(n, snCR) != 0; i++ {
		if i > 20000 {
			r.Fatalf("command %02X is never taken", cmd)
		}
		if i > 2 {
			time.Sleep(time.Microsecond)
		}
	}
}

// until waits for a state.
func (r *rig) until(n int, state byte) {
	r.Helper()
	r.wait("state", state, func() byte { return r.reg(n, snSR) })
}

// event waits for a bit of Sn_IR, and clears it.
func (r *rig) event(n int, bit byte) {
	r.Helper()
	r.wait("Sn_IR", bit, func() byte { return r.reg(n, snIR) & bit })
	r.write(regs(n), snIR, bit)
}

func (r *rig) wait(what string, want byte, f func() byte) {
	r.Helper()
	for start := time.Now(); f() != want; time.Sleep(100 * time.Microsecond) {
		if time.Since(start) > 2*time.Minute {
			r.Fatalf("%s is %02X, want %02X", what, f(), want)
		}
	}
}

func (r *rig) address(p netip.Prefix) {
	ip := p.Addr().As4()
	r.write(0, shar, chipMAC[:]...)
	r.write(0, subr, 255, 255, 255, 0)
	r.write(0, sipr, ip[:]...)
}

// open opens a socket.
func (r *rig) open(n int, mode byte, port uint16) {
	r.Helper()
	r.write(regs(n), snMR, mode)
	r.setWord(n, snPORT, port)
	r.command(n, open)
}

func (r *rig) dest(n int, to netip.AddrPort) {
	a := to.Addr().As4()
	r.write(regs(n), snDIPR, a[:]...)
	r.setWord(n, snDPORT, to.Port())
}

// put writes to the send buffer and commands SEND.
func (r *rig) put(n int, b []byte) {
	r.Helper()
	wr := r.word(n, snTXWR)
	r.write(txb(n), wr, b...)
	r.setWord(n, snTXWR, wr+uint16(len(b)))
	r.command(n, send)
}

// take reads all that there is, and at least so many bytes.
func (r *rig) take(n, least int) (b []byte) {
	r.Helper()
	for start := time.Now(); ; time.Sleep(100 * time.Microsecond) {
		if size := r.steady(n, snRSR); size > 0 {
			rd := r.word(n, snRXRD)
			b = append(b, r.read(rxb(n), rd, int(size))...)
			r.setWord(n, snRXRD, rd+size)
			r.command(n, recv)
		}
		if len(b) >= least {
			return b
		}
		if time.Since(start) > time.Minute {
			r.Fatalf("%d bytes of %d have come", len(b), least)
		}
	}
}

func soon() time.Time { return time.Now().Add(time.Minute) }

// serve returns a listener of the peer's.
func (r *rig) serve(port uint16) int {
	r.Helper()
	fd, err := r.peer.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
	must(r.TB, err)
	must(r.TB, r.peer.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), port)))
	must(r.TB, r.peer.Listen(fd, 4))
	return fd
}

// dial connects socket n to a peer's server, and returns the peer's end.
func (r *rig) dial(n int) int {
	r.Helper()
	l := r.serve(80)
	r.open(n, 1, 0x1388)
	r.dest(n, netip.AddrPortFrom(peerAddr, 80))
	r.command(n, connect)
	r.until(n, established)
	r.event(n, con)
	fd, from, err := r.peer.Accept(l)
	must(r.TB, err)
	if from != netip.AddrPortFrom(chipAddr, 0x1388) {
		r.Errorf("the peer sees %v", from)
	}
	must(r.TB, r.peer.Close(l))
	return fd
}

// hears receives so many bytes at the peer.
func (r *rig) hears(fd, n int) []byte {
	r.Helper()
	b := make([]byte, n)
	for at := 0; at < n; {
		m, err := r.peer.Recv(fd, b[at:], 0, soon())
		if err != nil {
			r.Fatalf("the peer has %d bytes of %d: %v", at, n, err)
		}
		at += m
	}
	return b
}

func (r *rig) says(fd int, b []byte) {
	r.Helper()
	if _, err := r.peer.Send(fd, b, 0, soon()); err != nil {
		r.Fatal(err)
	}
}

// at is a port of the peer's.
func at(port uint16) netip.AddrPort { return netip.AddrPortFrom(peerAddr, port) }
