package nina_test

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/nina"
	"github.com/netdev-go/netdev/sim/radio"
)

// states are what a chip may be in the middle of when it loses its power. After
// each the clock stands still until the chip waits for something.
var states = []struct {
	name  string
	reach func(w *world)
}{
	{"booting", func(w *world) {}},
	{"idle", func(w *world) { w.waitReady() }},
	{"selected", func(w *world) { w.waitReady(); w.chip.CS(false) }},
	{"in a command", func(w *world) { w.waitReady(); w.chip.CS(false); w.chip.Tx([]byte{0xE0}, nil) }},
	{"before the response is read", func(w *world) { w.begin(frame(0x37)); w.waitReady() }},
	{"joining", func(w *world) { w.call(0x10, []byte("testnet")) }},
	{"joined", func(w *world) { w.join() }},
	{"leaving", func(w *world) { w.join(); w.call(0x30, b1(0xFF)) }},
	{"an access point", func(w *world) { w.call(0x18, []byte("nina"), b1(1)) }},
	{"starting the radio", func(w *world) { w.begin(frame(0x10, []byte("testnet"))); time.Sleep(time.Millisecond) }},
	{"scanning", func(w *world) { w.begin(frame(0x27)); time.Sleep(time.Second) }},
	{"silent", func(w *world) { w.chip.Silence(time.Hour); w.begin(frame(0x37)); time.Sleep(time.Second) }},
	{"resolving a name", func(w *world) {
		w.call(0x14, b1(1), []byte{10, 0, 2, 77}, []byte{10, 0, 2, 1}, []byte{255, 255, 255, 0})
		w.call(0x15, b1(1), []byte{10, 0, 2, 4}, make([]byte, 4)) // who does not answer
		w.join()
		_, err := w.board.Peer()
		must(w.t, err)
		w.begin(frame(0x34, []byte("host")))
		time.Sleep(time.Second)
	}},
	{"pinging", func(w *world) { w.join(); w.begin(frame(0x3E, []byte{10, 0, 2, 5}, b1(9))); time.Sleep(time.Second) }},
	{"connecting", func(w *world) {
		w.join()
		p, err := w.board.Peer()
		must(w.t, err)
		to := p.BlackHole()
		w.begin(frame(0x2D, ip(to.Addr()), be(to.Port()), b1(0), b1(0)))
		time.Sleep(time.Second)
	}},
	{"accepting", func(w *world) {
		w.join()
		fd := b1(w.byteOf(0x70, b1(1), b1(0)))
		w.call(0x74, fd, b1(1))
		w.begin(frame(0x75, fd))
		time.Sleep(time.Second)
	}},
	{"in a handshake", func(w *world) {
		w.join()
		listen(w.t, w.host("mute"), ":443")
		w.begin(frame(0x2D, []byte("mute"), make([]byte, 4), be(443), b1(0), b1(2)))
		time.Sleep(time.Second)
	}},
	{"with sockets", func(w *world) {
		w.join()
		h := w.host("sink")
		listen(w.t, h, ":80")
		addr, _ := h.Addr()
		w.dial(netip.AddrPortFrom(addr, 80))
		w.legacyServer(81)
		w.legacyDial(netip.AddrPortFrom(addr, 80))
		fd := w.open(2)
		w.want(0x73, 1, fd, be(5000))
	}},
}

// inEachState runs f for each of them, with an authority so that there may be a
// handshake.
func inEachState(t *testing.T, f func(w *world)) {
	roots := newAuthority(t).pool()
	for _, s := range states {
		t.Run(s.name, func(t *testing.T) {
			inWorld(t, nina.Config{Roots: roots}, func(t *testing.T, w *world) {
				s.reach(w)
				synctest.Wait()
				f(w)
			})
		})
	}
}

// afresh checks that the chip is as one that was switched on.
func (w *world) afresh() {
	w.t.Helper()
	w.chip.CS(true)
	w.vector("E0 20 00 EE", "E0 A0 01 01 00 EE 00 00")
	w.want(0x3F, 0)
	w.want(0x70, 54, b1(1), b1(6))
	w.want(0x71, 1, b1(54))
	if r := w.call(0x21, b1(0xFF)); !bytes.Equal(r[0], make([]byte, 4)) {
		w.t.Errorf("it has address % X", r[0])
	}
	if open, err := w.board.Sockets(); err != nil || len(open) != 0 {
		w.t.Errorf("its network has sockets: %v, %v", open, err)
	}
	if _, err := w.board.Addr(); err == nil {
		w.t.Error("its network is up")
	}
	w.join()
}

func TestResetInEveryState(t *testing.T) {
	inEachState(t, func(w *world) {
		w.chip.Reset(false)
		if !w.chip.Ready() {
			w.t.Error("READY is low during the reset")
		}
		w.chip.CS(true)
		w.chip.Silence(0)
		time.Sleep(10 * time.Millisecond)
		w.chip.Reset(true)
		w.afresh()
		w.noAbuse()
	})
}

func TestCrashInEveryState(t *testing.T) {
	inEachState(t, func(w *world) {
		w.chip.Crash()
		if !w.chip.Ready() {
			w.t.Error("READY is low after it")
		}
		w.chip.CS(true)
		w.chip.Silence(0)
		w.afresh()
		w.noAbuse()
		if n := w.chip.Stats().Crashes; n != 1 {
			w.t.Errorf("%d crashes", n)
		}
	})
}

// The bubble does not end while a goroutine of the chip is left.
func TestStopInEveryState(t *testing.T) {
	inEachState(t, func(w *world) {
		must(w.t, w.chip.Stop())
		must(w.t, w.chip.Stop())
		if open, err := w.board.Sockets(); err != nil || len(open) != 0 {
			w.t.Errorf("its network has sockets: %v, %v", open, err)
		}
		if _, err := w.board.Addr(); err == nil {
			w.t.Error("its network is up")
		}
		w.chip.Reset(false)
		w.chip.Reset(true)
		w.chip.Crash()
		w.chip.CS(false)
		w.chip.CS(true)
		if !w.chip.Ready() {
			w.t.Error("it works without power")
		}
	})
}

func TestAResetIsHeardByPeersAndAir(t *testing.T) {
	air := radio.Anywhere()
	inWorld(t, nina.Config{Air: air}, func(t *testing.T, w *world) {
		w.join()
		h := w.host("peer")
		l := listen(t, h, ":80")
		addr, _ := h.Addr()
		w.dial(netip.AddrPortFrom(addr, 80))
		far, err := l.Accept()
		must(t, err)
		w.chip.Crash()
		if _, err := far.Read(make([]byte, 1)); !errors.Is(err, netdev.ErrConnReset) {
			t.Errorf("the peer reads, and has %v", err)
		}
		synctest.Wait()
		air.Drop("") // tells nobody
		air.Return("")
		w.afresh()
	})
}

func TestCrashWhileSelectedSelectsBluetooth(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.waitReady()
		w.chip.CS(false)
		w.chip.Crash()
		time.Sleep(time.Minute)
		w.chip.CS(true)
		if w.chip.Ready() {
			t.Error("it runs the firmware for WiFi")
		}
	})
}

func TestInRealTime(t *testing.T) {
	board := boot(t)
	chip := nina.New(nina.Config{Network: board, Fast: true})
	defer chip.Stop()
	w := &world{t: t, board: board, chip: chip, ready: make(chan struct{}, 1)}
	chip.OnReady(func() {
		select {
		case w.ready <- struct{}{}:
		default:
		}
	})
	w.join()
	h := w.host("peer")
	shout(t, h, ":80")
	addr, _ := h.Addr()
	fd := w.dial(netip.AddrPortFrom(addr, 80))
	w.call(0x7B, fd, le4(0x8004667E), le4(0)) // to block again
	for range 200 {
		w.send(fd, "hello")
		if r := w.call(0x78, fd, le(100)); string(r[0]) != "HELLO" {
			t.Fatalf("received %q", r)
		}
	}
	w.noAbuse()
}
