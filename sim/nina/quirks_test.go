package nina_test

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/sim/nina"
	"github.com/netdev-go/netdev/sim/radio"
)

// These are the firmware's habits, by their numbers in CHIPS.md, A.6.

// own is the chip's address, with a port.
func (w *world) own(port uint16) string {
	w.t.Helper()
	addr, err := w.board.Addr()
	must(w.t, err)
	return netip.AddrPortFrom(addr, port).String()
}

// legacyServer listens in a slot of its own.
func (w *world) legacyServer(port uint16) byte {
	w.t.Helper()
	slot := w.byteOf(0x3F)
	w.want(0x28, 1, be(port), b1(slot), b1(0))
	w.want(0x29, 1, b1(slot))
	return slot
}

// available is what 0x2B answers to one parameter, which asks for a true accept.
func (w *world) available(slot byte) uint16 {
	w.t.Helper()
	r := w.call(0x2B, b1(slot))
	return uint16(r[0][0]) | uint16(r[0][1])<<8
}

func TestQuirk1_AcceptIsAskedForByThePadding(t *testing.T) {
	for _, test := range []struct {
		firmware string
		silent   uint16 // a client that has not spoken
	}{{"2.0.0", 1}, {"1.5.0", 255}, {"1.4.8", 255}} {
		t.Run(test.firmware, func(t *testing.T) {
			inWorld(t, nina.Config{Firmware: test.firmware}, func(t *testing.T, w *world) {
				w.join()
				server := w.legacyServer(80)
				c := dial(t, w.host("peer"), w.own(80))
				time.Sleep(time.Second)
				if got := w.available(server); got != test.silent {
					t.Errorf("a client that has not spoken is in slot %d, want %d", got, test.silent)
				}
				if test.silent != 255 {
					return
				}
				c.Write([]byte("hello"))
				time.Sleep(time.Second)
				if got := w.available(server); got != 1 {
					t.Errorf("one that has spoken is in slot %d", got)
				}
				if got := w.available(1); got != 5 {
					t.Errorf("it has %d bytes", got)
				}
			})
		})
	}
	// A second parameter of 0 asks for a client that has data.
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		server := w.legacyServer(80)
		dial(t, w.host("peer"), w.own(80))
		time.Sleep(time.Second)
		if r := w.call(0x2B, b1(server), b1(0)); r[0][0] != 255 {
			t.Errorf("with the flag 0 the client is in slot %d", r[0][0])
		}
	})
}

func TestQuirk2_AFreeSlotIsAnsweredAsSlot0(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		if got := w.available(7); got != 0 {
			t.Errorf("what is available in a free slot is %d", got)
		}
		w.vector("E0 45 02 00 01 07 00 02 64 00 EE FF", "E0 C5 01 00 00 EE 00 00")
		w.want(0x2C, 0, b1(7), b1(0))
		w.noAbuse()
	})
}

// legacyDial connects a slot to a peer's port.
func (w *world) legacyDial(to netip.AddrPort) byte {
	w.t.Helper()
	slot := w.byteOf(0x3F)
	w.want(0x2D, 1, ip(to.Addr()), be(to.Port()), b1(slot), b1(0))
	return slot
}

func TestQuirk3_AskingForTheStateFreesASlot(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		h := w.host("peer")
		l := listen(t, h, ":80")
		addr, _ := h.Addr()
		first := w.legacyDial(netip.AddrPortFrom(addr, 80))
		far, err := l.Accept()
		must(t, err)
		w.want(0x2F, 4, b1(first))
		far.Write([]byte("last words"))
		far.Close()
		time.Sleep(time.Second)
		w.want(0x2F, 4, b1(first)) // while there is data
		if r := w.call16(0x45, b1(first), le(100)); string(r) != "last words" {
			t.Errorf("read %q", r)
		}
		w.want(0x2F, 0, b1(first))
		if second := w.legacyDial(netip.AddrPortFrom(addr, 80)); second != first {
			t.Errorf("the next connection is in slot %d, not in %d", second, first)
		}
		w.noAbuse()
	})
}

// call16 is call for 0x45.
func (w *world) call16(cmd byte, params ...[]byte) []byte {
	w.t.Helper()
	r := w.call(cmd, params...)
	if len(r) != 1 {
		w.t.Fatalf("command %02X is answered % X", cmd, r)
	}
	return r[0]
}

func TestQuirk4_StoppingAServerLeavesItListening(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		h := w.host("peer")
		server := w.legacyServer(80)
		w.want(0x2E, 1, b1(server))
		dial(t, h, w.own(80))
		if next := w.byteOf(0x3F); next != server {
			t.Fatalf("the next slot is %d", next)
		}
		// A client in its slot is taken for a server.
		l := listen(t, h, ":81")
		addr, _ := h.Addr()
		client := w.legacyDial(netip.AddrPortFrom(addr, 81))
		far, err := l.Accept()
		must(t, err)
		far.Write([]byte("data"))
		time.Sleep(time.Second)
		if got := w.available(client); got != 1 {
			t.Errorf("what is available is %d, want the server's client in slot 1", got)
		}
		if r := w.call(0x44, b1(client), []byte("lost")); !bytes.Equal(r[0], le(0)) {
			t.Errorf("sending is answered % X", r)
		}
		// Another server cannot have the port until a reset.
		w.want(0x28, 0, be(80), b1(5), b1(0))
		w.chip.Reset(false)
		w.chip.Reset(true)
		w.join()
		w.legacyServer(80)
		w.noAbuse()
	})
}

func TestQuirk5_TheTaskOfGPIO0MayLoseAClient(t *testing.T) {
	for _, race := range []float64{0, 1} {
		inWorld(t, nina.Config{AcceptRace: race}, func(t *testing.T, w *world) {
			w.join()
			server := w.legacyServer(80)
			c := dial(t, w.host("peer"), w.own(80))
			time.Sleep(time.Second)
			if got, lost := w.available(server), race == 1; (got == 255) != lost {
				t.Errorf("at a race of %v the client is in slot %d", race, got)
			}
			time.Sleep(time.Second)
			if w.chip.DataReady() {
				t.Error("GPIO0 is high, and there is nothing left to accept")
			}
			if race == 1 {
				// It comes back with data, to who asks for such.
				c.Write([]byte("hello"))
				time.Sleep(time.Second)
				if r := w.call(0x2B, b1(server), b1(0)); r[0][0] == 255 || !w.chip.DataReady() {
					t.Errorf("when it has spoken it is in slot %d, GPIO0 is %v", r[0][0], w.chip.DataReady())
				}
			}
		})
	}
}

func TestQuirk6_AnAcceptedClientBlocksTheChipAndADialledOneDoesNot(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		h := w.host("peer")
		l := listen(t, h, ":80")
		addr, _ := h.Addr()
		client := w.legacyDial(netip.AddrPortFrom(addr, 80))
		far, err := l.Accept()
		must(t, err)
		sent := w.fill(client)
		if r := w.call(0x44, b1(client), []byte("more")); !bytes.Equal(r[0], le(0)) {
			t.Errorf("with no room left sending is answered % X", r)
		}
		w.want(0x2F, 4, b1(client))
		w.want(0x2E, 1, b1(client))
		if got := len(fin(t, far)); got != sent {
			t.Errorf("the peer has %d bytes of %d", got, sent)
		}

		server := w.legacyServer(81)
		c := dial(t, h, w.own(81))
		time.Sleep(time.Second)
		conn := byte(w.available(server))
		data := bytes.Repeat([]byte("x"), 4000)
		total := 0
		for blocked := false; !blocked; total += len(data) {
			w.begin(frame(0x44, b1(conn), data))
			time.Sleep(time.Minute)
			if blocked = w.chip.Ready(); !blocked {
				w.answer(0x44)
			}
		}
		got := make(chan int)
		go func() { got <- len(fin(t, c)) }()
		if r := w.answer(0x44); !bytes.Equal(r[0], le(4000)) {
			t.Errorf("when there is room again it has sent % X", r)
		}
		w.want(0x2E, 1, b1(conn))
		if n := <-got; n != total {
			t.Errorf("the peer has %d bytes of %d", n, total)
		}
		w.noAbuse()
	})
}

// fill sends until there is no room, to a peer that does not read.
func (w *world) fill(slot byte) (sent int) {
	w.t.Helper()
	data := bytes.Repeat([]byte("x"), 4000)
	for range 10_000 {
		r := w.call(0x44, b1(slot), data)
		n := int(r[0][0]) | int(r[0][1])<<8
		if sent += n; n == 0 {
			return sent
		}
		time.Sleep(100 * time.Millisecond)
	}
	w.t.Fatal("there is always room")
	return 0
}

func TestQuirk7_DatagramsOfTheLegacySet(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		h := w.host("peer")
		addr, _ := h.Addr()
		peer := listenPacket(t, h, ":6000")
		to := [][]byte{ip(addr), be(6000)}
		// Without a server there is no socket.
		w.want(0x2D, 1, append(to, b1(0), b1(1))...)
		w.want(0x46, 1, b1(0), []byte("nowhere"))
		w.want(0x39, 0, b1(0))
		w.want(0x28, 1, be(5000), b1(0), b1(1))
		w.want(0x2D, 1, append(to, b1(0), b1(1))...)
		w.want(0x46, 1, b1(0), []byte("two "))
		w.want(0x46, 1, b1(0), []byte("parts"))
		w.want(0x39, 1, b1(0))
		b := make([]byte, 2000)
		n, from, err := peer.ReadFrom(b)
		must(t, err)
		if string(b[:n]) != "two parts" {
			t.Errorf("the peer has %q", b[:n])
		}
		// A datagram is read as a stream, and the next one is met by GPIO0's task.
		peer.WriteTo([]byte("first"), from)
		peer.WriteTo([]byte("second"), from)
		time.Sleep(time.Second)
		if !w.chip.DataReady() {
			t.Error("GPIO0 is low")
		}
		got := ""
		for range 4 {
			got += string(w.call16(0x45, b1(0), le(3))) + "|"
			time.Sleep(time.Second)
		}
		if got != "fir|st|sec|ond|" {
			t.Errorf("read %q", got)
		}
		if r := w.call(0x3A, b1(0)); !bytes.Equal(r[0], ip(addr)) || !bytes.Equal(r[1], be(6000)) {
			t.Errorf("the sender is % X", r)
		}
		w.noAbuse()
		// More than 1500 bytes are copied beyond the buffer.
		w.want(0x46, 1, b1(0), make([]byte, 1480))
		w.begin(frame(0x46, b1(0), make([]byte, 30)))
		w.waitReady()
		if s := w.chip.Stats(); s.Abuse != 1 || s.Crashes != 1 {
			t.Errorf("%d abuses, %d crashes: %q", s.Abuse, s.Crashes, s.Reasons)
		}
	})
}

func TestQuirk9_LeavingClosesSocketsWithAnAddress(t *testing.T) {
	air := radio.Anywhere()
	inWorld(t, nina.Config{Air: air}, func(t *testing.T, w *world) {
		w.join()
		h := w.host("peer")
		l := listen(t, h, ":80")
		addr, _ := h.Addr()
		client := w.dial(netip.AddrPortFrom(addr, 80))
		_, err := l.Accept()
		must(t, err)
		legacy := w.legacyDial(netip.AddrPortFrom(addr, 80))
		server, datagrams := w.open(1), w.open(2)
		w.want(0x73, 1, server, be(8080))
		w.want(0x74, 1, server, b1(1))
		w.want(0x73, 1, datagrams, be(5000))

		air.Drop("")
		synctest.Wait()
		for cmd, params := range map[byte][][]byte{0x77: {client, []byte("x")}, 0x71: {client}, 0x7F: {client}} {
			w.call(cmd, params...)
			w.wantErrno(9)
		}
		w.want(0x2F, 0, b1(legacy))
		// The others outlive it.
		air.Return("")
		w.join()
		c := dial(t, h, w.own(8080))
		conn, _ := w.accept(server)
		c.Write([]byte("hello"))
		if got := w.recv(conn); got != "hello" {
			t.Errorf("received %q", got)
		}
		peer := listenPacket(t, h, ":6000")
		to, err := netip.ParseAddrPort(w.own(5000))
		must(t, err)
		must(t, writeTo(peer, "datagram", to))
		if got := w.recv(datagrams); got != "datagram" {
			t.Errorf("received %q", got)
		}
		w.noAbuse()
	})
}

func TestQuirk10_ASocketBeyondTheTable(t *testing.T) {
	for _, cmd := range []byte{0x29, 0x2B, 0x2C, 0x2E, 0x2F, 0x39, 0x3A, 0x44, 0x45, 0x46} {
		inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
			w.begin(frame(cmd, b1(10), b1(0), b1(0), b1(0)))
			w.waitReady()
			s := w.chip.Stats()
			if s.Abuse != 1 || s.Crashes != 1 || !strings.Contains(s.Reasons[0], "socket 10") {
				t.Errorf("command %02X: %d abuses, %d crashes: %q", cmd, s.Abuse, s.Crashes, s.Reasons)
			}
			w.vector("E0 20 00 EE", "E0 A0 01 01 00 EE 00 00")
		})
	}
}
