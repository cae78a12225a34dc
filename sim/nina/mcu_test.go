package nina_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
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

// mac is that of CHIPS.md's worked bytes.
var mac = [6]byte{0x24, 0x0A, 0xC4, 0x12, 0x34, 0x56}

// A world is a chip on its network, in virtual time, and who clocks bytes into it.
type world struct {
	t     *testing.T
	board *sim.Board
	chip  *nina.Chip
	ready chan struct{}
}

// inWorld runs f with a chip that has been switched on.
func inWorld(t *testing.T, c nina.Config, f func(t *testing.T, w *world)) {
	synctest.Test(t, func(t *testing.T) {
		board := boot(t)
		c.Network = board
		w := &world{t: t, board: board, ready: make(chan struct{}, 1)}
		w.chip = nina.New(c)
		t.Cleanup(func() { must(t, w.chip.Stop()) })
		w.chip.OnReady(func() {
			select {
			case w.ready <- struct{}{}:
			default:
			}
		})
		f(t, w)
	})
}

// boot returns a board whose gateway has a world of its own, where nobody is.
func boot(t *testing.T) *sim.Board {
	t.Helper()
	card, far, err := ether.Cable(ether.Config{}, ether.Config{})
	must(t, err)
	host, err := stack.New(card, stack.Config{Address: netip.MustParsePrefix("192.0.2.1/24")})
	must(t, err)
	must(t, host.NetConnect(nil))
	board, err := sim.Boot(sim.Config{Name: "nina", MAC: mac, Forwards: []sim.Forward{}, Seed: 1, Host: host})
	must(t, err)
	t.Cleanup(func() {
		must(t, board.Stop())
		host.Stop()
		card.Close()
		far.Close()
	})
	return board
}

// waitReady waits until READY is low.
func (w *world) waitReady() {
	w.t.Helper()
	late := time.After(time.Hour)
	for w.chip.Ready() {
		select {
		case <-w.ready:
		case <-late:
			w.t.Fatal("READY does not go low")
		}
	}
}

// begin clocks a command in, as it is.
func (w *world) begin(command []byte) {
	w.t.Helper()
	w.waitReady()
	w.chip.CS(false)
	if !w.chip.Ready() {
		w.t.Error("READY is low while CS is")
	}
	must(w.t, w.chip.Tx(command, nil))
	w.chip.CS(true)
}

// end clocks n bytes of the response out.
func (w *world) end(n int) []byte {
	w.t.Helper()
	w.waitReady()
	w.chip.CS(false)
	r := make([]byte, n)
	must(w.t, w.chip.Tx(bytes.Repeat([]byte{0xFF}, n), r))
	w.chip.CS(true)
	return r
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	must(t, err)
	return b
}

// vector exchanges bytes that are written out: an answer to the last one.
func (w *world) vector(command, response string) {
	w.t.Helper()
	c, want := unhex(w.t, command), unhex(w.t, response)
	w.begin(c)
	if got := w.end(len(want)); !bytes.Equal(got, want) {
		w.t.Errorf("%s\nis answered % X\nwant        % X", command, got, want)
	}
}

// frame builds a command with parameters, padded with 0xFF.
func frame(cmd byte, params ...[]byte) []byte {
	b := []byte{0xE0, cmd, byte(len(params))}
	wide := strings.ContainsRune("\x40\x44\x45\x46\x77\x79", rune(cmd))
	for _, p := range params {
		if wide {
			b = append(b, byte(len(p)>>8))
		}
		b = append(b, byte(len(p)))
		b = append(b, p...)
	}
	b = append(b, 0xEE)
	for len(b)%4 != 0 {
		b = append(b, 0xFF)
	}
	return b
}

// call exchanges a command, and returns the parameters of the response, or nil for
// the error frame.
func (w *world) call(cmd byte, params ...[]byte) [][]byte {
	w.t.Helper()
	w.begin(frame(cmd, params...))
	return w.answer(cmd)
}

func (w *world) answer(cmd byte) [][]byte {
	w.t.Helper()
	r := w.end(4092)
	if bytes.Equal(r[:4], []byte{0xEF, 0, 0xEE, 0}) {
		return nil
	}
	if r[0] != 0xE0 || r[1] != cmd|0x80 {
		w.t.Fatalf("command %02X is answered % X", cmd, r[:8])
	}
	n, at := int(r[2]), 3
	out := [][]byte{}
	for range n {
		size := int(r[at])
		if cmd == 0x45 || cmd == 0x78 || cmd == 0x7A {
			at++
			size = size<<8 | int(r[at])
		}
		out = append(out, r[at+1:at+1+size])
		at += 1 + size
	}
	if r[at] != 0xEE {
		w.t.Fatalf("command %02X is answered without an end: % X", cmd, r[:at+1])
	}
	return out
}

// byteOf is call for a response of one byte.
func (w *world) byteOf(cmd byte, params ...[]byte) byte {
	w.t.Helper()
	r := w.call(cmd, params...)
	if len(r) != 1 || len(r[0]) != 1 {
		w.t.Fatalf("command %02X is answered % X, want one byte", cmd, r)
	}
	return r[0][0]
}

func (w *world) want(cmd byte, want byte, params ...[]byte) {
	w.t.Helper()
	if got := w.byteOf(cmd, params...); got != want {
		w.t.Errorf("command %02X(% X) is answered %d, want %d", cmd, params, got, want)
	}
}

// errno is what 0x72 says.
func (w *world) errno() byte { w.t.Helper(); return w.byteOf(0x72) }

func (w *world) wantErrno(want byte) {
	w.t.Helper()
	if got := w.errno(); got != want {
		w.t.Errorf("errno is %d, want %d", got, want)
	}
}

// until asks until the answer is as wanted.
func (w *world) until(what string, done func() bool) {
	w.t.Helper()
	for range 2000 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.t.Fatalf("%s: not within 20 seconds", what)
}

// join joins the network that is everywhere.
func (w *world) join() {
	w.t.Helper()
	w.want(0x11, 1, []byte("testnet"), []byte("password"))
	w.until("connected", func() bool { return w.byteOf(0x20) == 3 })
}

// host adds a host to the network, with an address.
func (w *world) host(name string) *stack.Stack {
	w.t.Helper()
	h, err := w.board.Host(stack.Config{Hostname: name})
	must(w.t, err)
	must(w.t, h.NetConnect(&netlink.ConnectParams{}))
	return h
}

func ip(a netip.Addr) []byte { b := a.As4(); return b[:] }

func be(n uint16) []byte  { return binary.BigEndian.AppendUint16(nil, n) }
func le(n uint16) []byte  { return binary.LittleEndian.AppendUint16(nil, n) }
func le4(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }
func b1(b byte) []byte    { return []byte{b} }

// noAbuse fails the test if the chip was hurt.
func (w *world) noAbuse() {
	w.t.Helper()
	if s := w.chip.Stats(); s.Abuse != 0 {
		w.t.Errorf("abuse: %q", s.Reasons)
	}
}
