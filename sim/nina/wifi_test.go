package nina_test

import (
	"bytes"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/sim/nina"
	"github.com/netdev-go/netdev/sim/radio"
	"github.com/netdev-go/netdev/stack"
)

// home is a place with one access point of each kind.
func home() *radio.Air {
	return radio.New(
		radio.AccessPoint{SSID: "far", Security: radio.WPA, Passphrase: "old and slow", BSSID: [6]byte{2, 0, 0, 0, 0, 3}, Channel: 13, RSSI: -90},
		radio.AccessPoint{SSID: "home", Security: radio.WPA2, Passphrase: "correct horse", BSSID: [6]byte{2, 0, 0, 0, 0, 1}, Channel: 6, RSSI: -40},
		radio.AccessPoint{SSID: "cafe", BSSID: [6]byte{2, 0, 0, 0, 0, 2}, Channel: 11, RSSI: -70},
	)
}

func (w *world) status(want byte) {
	w.t.Helper()
	w.want(0x20, want)
}

// joinHome joins one of the access points, and returns the status that it ends in.
func (w *world) joins(ssid, passphrase string) byte {
	w.t.Helper()
	w.want(0x11, 1, []byte(ssid), []byte(passphrase))
	for range 1000 {
		if s := w.byteOf(0x20); s != 1 && s != 6 {
			return s
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.t.Fatal("the status stays 1")
	return 0
}

func TestAStationJoins(t *testing.T) {
	inWorld(t, nina.Config{Air: home()}, func(t *testing.T, w *world) {
		w.status(0)
		if got := w.joins("home", "correct horse"); got != 3 {
			t.Fatalf("status %d", got)
		}
		w.want(0x1F, 0)
		for cmd, want := range map[byte]string{
			0x23: "home",
			0x24: "\x01\x00\x00\x00\x00\x02",
			0x25: "\xD8\xFF\xFF\xFF",
			0x26: "\x04",
		} {
			if r := w.call(cmd, b1(0xFF)); string(r[0]) != want {
				t.Errorf("command %02X is answered % X, want % X", cmd, r[0], want)
			}
		}
		w.want(0x10, 1, []byte("cafe"))
		w.until("connected to the open one", func() bool { return w.byteOf(0x20) == 3 })
		w.want(0x26, 7, b1(0xFF))
		w.noAbuse()
	})
}

func TestAStationThatMayNotJoin(t *testing.T) {
	inWorld(t, nina.Config{Air: home()}, func(t *testing.T, w *world) {
		if got := w.joins("home", "wrong horse"); got != 4 {
			t.Errorf("with a wrong passphrase: status %d", got)
		}
		w.want(0x1F, 202)
		if got := w.joins("nowhere", "correct horse"); got != 4 {
			t.Errorf("without an access point: status %d", got)
		}
		w.want(0x1F, 201)
		if got := w.joins("home", "correct horse"); got != 3 {
			t.Errorf("with the right one: status %d", got)
		}
	})
}

func TestAnAccessPointThatGoesAway(t *testing.T) {
	air := home()
	inWorld(t, nina.Config{Air: air}, func(t *testing.T, w *world) {
		w.joins("home", "correct horse")
		before := w.call(0x21, b1(0xFF))
		air.Drop("home")
		synctest.Wait()
		w.status(6)
		w.want(0x1F, 200)
		if got := w.call(0x21, b1(0xFF)); !bytes.Equal(got[0], before[0]) {
			t.Errorf("the address is % X, and was % X", got[0], before[0])
		}
		time.Sleep(2 * time.Minute)
		w.status(5)
		if got := w.call(0x21, b1(0xFF)); !bytes.Equal(got[0], make([]byte, 4)) {
			t.Errorf("after two minutes the address is % X", got[0])
		}
		if got := w.joins("home", "correct horse"); got != 4 {
			t.Errorf("while it is away: status %d", got)
		}
		air.Return("home")
		if got := w.joins("home", "correct horse"); got != 3 {
			t.Errorf("when it is back: status %d", got)
		}
		w.noAbuse()
	})
}

func TestTheAddressIsLostWhenRejoiningFails(t *testing.T) {
	for _, fast := range []bool{false, true} {
		inWorld(t, nina.Config{Air: home(), Fast: fast}, func(t *testing.T, w *world) {
			w.joins("home", "correct horse")
			w.joins("home", "wrong horse")
			w.status(4)
			time.Sleep(time.Minute)
			w.joins("home", "correct horse")
			time.Sleep(3 * time.Minute)
			w.status(3)
			w.joins("home", "wrong horse")
			time.Sleep(110 * time.Second)
			w.status(4)
			time.Sleep(11 * time.Second)
			w.status(5)
		})
	}
}

func TestAStaticAddressIsLostToo(t *testing.T) {
	inWorld(t, nina.Config{Air: home()}, func(t *testing.T, w *world) {
		w.want(0x14, 0, b1(1), []byte{10, 0, 2, 77}, []byte{10, 0, 2, 1}, []byte{255, 255, 255, 0})
		w.joins("home", "correct horse")
		w.want(0x30, 1, b1(0xFF))
		time.Sleep(3 * time.Minute)
		if got := w.joins("home", "correct horse"); got != 3 {
			t.Errorf("status %d", got)
		}
		if addr, err := w.board.Addr(); err == nil {
			t.Errorf("it has an address, %v", addr)
		}
		if r := w.call(0x21, b1(0xFF)); !bytes.Equal(r[0], make([]byte, 4)) {
			t.Errorf("it says that it has % X", r[0])
		}
	})
}

func TestLosingTheNetworkEndsConnecting(t *testing.T) {
	air := radio.Anywhere()
	inWorld(t, nina.Config{Air: air}, func(t *testing.T, w *world) {
		w.join()
		p, err := w.board.Peer()
		must(t, err)
		to := p.BlackHole()
		w.begin(frame(0x2D, ip(to.Addr()), be(to.Port()), b1(0), b1(0)))
		time.Sleep(time.Second)
		start := time.Now()
		air.Drop("")
		if r := w.answer(0x2D); len(r) != 0 || time.Since(start) > time.Second {
			t.Errorf("it is answered % X after %v", r, time.Since(start))
		}
		w.noAbuse()
	})
}

func TestLeavingAndJoiningAgain(t *testing.T) {
	inWorld(t, nina.Config{Air: home()}, func(t *testing.T, w *world) {
		w.joins("home", "correct horse")
		w.want(0x30, 1, b1(0xFF))
		w.status(6)
		w.want(0x1F, 8)
		w.want(0x11, 1, []byte("home"), []byte("correct horse"))
		w.status(1)
		w.until("connected", func() bool { return w.byteOf(0x20) == 3 })
		// What is joined is left first, and that is told after the beginning.
		w.want(0x11, 1, []byte("home"), []byte("correct horse"))
		w.status(6)
		w.until("connected again", func() bool { return w.byteOf(0x20) == 3 })
		w.noAbuse()
	})
}

func TestTheHostnameIsToldToDHCP(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.want(0x16, 1, []byte("kitchen"))
		w.join()
		h := w.host("peer")
		addrs, err := h.LookupNetIP(t.Context(), "ip4", "kitchen")
		own, _ := w.board.Addr()
		if err != nil || len(addrs) != 1 || addrs[0] != own {
			t.Errorf("kitchen is at %v, %v, want %v", addrs, err, own)
		}
	})
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		if _, err := w.host("peer").LookupNetIP(t.Context(), "ip4", "arduino-3456"); err != nil {
			t.Errorf("without one: %v", err)
		}
	})
}

func TestAStaticAddress(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.want(0x14, 0, b1(1), []byte{10, 0, 2, 77}, []byte{10, 0, 2, 1}, []byte{255, 255, 255, 0})
		w.want(0x15, 1, b1(2), []byte{10, 0, 2, 1}, []byte{10, 0, 2, 9})
		w.join()
		if addr, err := w.board.Addr(); addr != netip.MustParseAddr("10.0.2.77") {
			t.Errorf("the address is %v, %v", addr, err)
		}
		if r := w.call(0x1E); !bytes.Equal(r[0], []byte{10, 0, 2, 1}) || !bytes.Equal(r[1], []byte{10, 0, 2, 9}) {
			t.Errorf("the name servers are % X", r)
		}
		w.want(0x34, 1, []byte("gateway"))
		if r := w.call(0x35); !bytes.Equal(r[0], []byte{10, 0, 2, 1}) {
			t.Errorf("gateway is at % X", r)
		}
	})
}

func TestNameServers(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		servers := func(want string) {
			t.Helper()
			if r := w.call(0x1E); !bytes.Equal(bytes.Join(r, nil), unhex(t, want)) {
				t.Errorf("the name servers are % X, want %s", r, want)
			}
		}
		servers("00000000 00000000")
		w.want(0x15, 1, b1(1), []byte{10, 0, 2, 9}, make([]byte, 4))
		servers("0A000209 00000000")
		w.join() // with a lease, which has others
		servers("0A000201 00000000")
		w.want(0x30, 1, b1(0xFF))
		// A static address forgets them, and a network remembers those that were set.
		w.want(0x14, 0, b1(1), []byte{10, 0, 2, 77}, []byte{10, 0, 2, 1}, []byte{255, 255, 255, 0})
		servers("00000000 00000000")
		w.join()
		servers("0A000209 00000000")
	})
}

func TestAScanEndsTheConnection(t *testing.T) {
	inWorld(t, nina.Config{Air: home(), ScanTime: 3 * time.Second}, func(t *testing.T, w *world) {
		w.joins("home", "correct horse")
		fd, conn := w.open(2), b1(w.byteOf(0x70, b1(1), b1(0)))
		listen(t, w.host("peer"), ":80")
		w.want(0x34, 1, []byte("peer"))
		w.want(0x76, 1, conn, w.call(0x35)[0], be(80))
		w.want(0x36, 1)
		start := time.Now()
		r := w.call(0x27)
		if d := time.Since(start); d.Round(time.Second) != 3*time.Second {
			t.Errorf("it takes %v", d)
		}
		if len(r) != 3 || string(r[0]) != "home" || string(r[1]) != "cafe" || string(r[2]) != "far" {
			t.Fatalf("it finds %q", r)
		}
		w.status(2)
		for i, want := range []struct {
			rssi                int32
			security, ch, bssid byte
		}{{-40, 4, 6, 1}, {-70, 7, 11, 2}, {-90, 2, 13, 3}, {0, 7, 0, 0}} {
			n := b1(byte(i))
			if got := w.call(0x32, n); !bytes.Equal(got[0], le4(uint32(want.rssi))) {
				t.Errorf("RSSI of %d is % X", i, got)
			}
			w.want(0x33, want.security, n)
			w.want(0x3D, want.ch, n)
			if got := w.call(0x3C, n); got[0][0] != want.bssid || len(got[0]) != 6 {
				t.Errorf("BSSID of %d is % X", i, got)
			}
		}
		w.want(0x71, 1, fd)
		w.want(0x71, 0, conn)
		w.noAbuse()
		w.want(0x33, 7, b1(10))
		if w.chip.Stats().Abuse == 0 {
			t.Error("an entry beyond the table is no abuse")
		}
	})
}

func TestAnAccessPointOfItsOwn(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.want(0x19, 1, []byte("nina"), []byte("password"), b1(6))
		w.status(7)
		r := w.call(0x21, b1(0xFF))
		if !bytes.Equal(bytes.Join(r, nil), []byte{192, 168, 4, 1, 255, 255, 255, 0, 192, 168, 4, 1}) {
			t.Errorf("its address is % X", r)
		}
		if r := w.call(0x22, b1(0xFF)); !bytes.Equal(r[0], []byte{0x57, 0x34, 0x12, 0xC4, 0x0A, 0x24}) {
			t.Errorf("its MAC address is % X", r)
		}
		if r := w.call(0x23, b1(0xFF)); string(r[0]) != "nina" {
			t.Errorf("its name is %q", r)
		}
		w.chip.Stations(1)
		w.status(8)
		w.chip.Stations(0)
		w.status(7)

		server := w.open(1)
		w.want(0x73, 1, server, be(80))
		w.want(0x74, 1, server, b1(1))
		guest, err := w.board.Host(stack.Config{Hostname: "guest", Address: netip.MustParsePrefix("192.168.4.2/24")})
		must(t, err)
		must(t, guest.NetConnect(nil))
		c := dial(t, guest, "192.168.4.1:80")
		c.Write([]byte("hello"))
		conn, _ := w.accept(server)
		if got := w.recv(conn); got != "hello" {
			t.Errorf("received %q", got)
		}
		w.want(0x30, 1, b1(0xFF))
		w.status(0)
		w.want(0x18, 1, []byte("open"), b1(1))
		w.status(7)
		w.want(0x26, 7, b1(0xFF))
		w.noAbuse()
	})
}

func TestAnAccessPointThatCannotBe(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.want(0x19, 0, []byte("nina"), []byte("short"), b1(6))
		w.status(9)
		// The channel left out is the 0xFF behind the passphrase's end.
		w.want(0x19, 0, []byte("nina"), []byte("password"))
		w.status(9)
		w.want(0x18, 0, []byte("nina"), b1(14))
	})
}

func TestTheClock(t *testing.T) {
	inWorld(t, nina.Config{SyncTime: 5 * time.Second}, func(t *testing.T, w *world) {
		w.join()
		if r := w.call(0x3B); !bytes.Equal(r[0], make([]byte, 4)) {
			t.Errorf("before it is set it is % X", r)
		}
		time.Sleep(5 * time.Second)
		if r := w.call(0x3B); !bytes.Equal(r[0], le4(uint32(time.Now().Unix()))) {
			t.Errorf("it is % X", r)
		}
		w.want(0x30, 1, b1(0xFF))
		time.Sleep(time.Minute)
		if r := w.call(0x3B); bytes.Equal(r[0], make([]byte, 4)) {
			t.Error("it stops when the network is left")
		}
	})
}

func TestTheClockOfANetworkThatWasLeftTooEarly(t *testing.T) {
	inWorld(t, nina.Config{SyncTime: 5 * time.Second}, func(t *testing.T, w *world) {
		w.join()
		w.want(0x30, 1, b1(0xFF))
		time.Sleep(time.Minute)
		if r := w.call(0x3B); !bytes.Equal(r[0], make([]byte, 4)) {
			t.Errorf("it is % X", r)
		}
	})
}
