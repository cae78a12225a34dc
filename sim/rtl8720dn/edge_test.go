package rtl8720dn_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev/sim/rtl8720dn"
)

// requests are all that have parameters, whole and harmless; n is a socket and h a
// TLS client.
func requests(n int, h uint32) [][]byte {
	some16 := make([]byte, 16)
	at := name(netip.MustParseAddrPort("10.0.2.5:9"))
	return [][]byte{
		request(system, 0x02, 1, uint8(1)),
		request(drv, 0x01, 1, "testnet", some("password"), uint32(0), -1, uint32(0)),
		request(drv, 0x05, 1, uint32(0)), request(drv, 0x06, 1, uint32(0)), request(drv, 0x11, 1, uint32(0)),
		request(drv, 0x1B, 1, uint32(1)), request(drv, 0x26, 1, "mine", some("password"), uint32(0), 1),
		request(drv, 0x42, 1, uint16(1)),
		request(adapter, 0x02, 1, "mac", "info"), request(adapter, 0x04, 1, uint32(0)), request(adapter, 0x05, 1, uint32(0)),
		request(adapter, 0x06, 1, uint32(0)), request(adapter, 0x07, 1, uint32(0)), request(adapter, 0x08, 1, uint32(0), some16[:12]),
		request(adapter, 0x09, 1, uint32(0), uint32(0), some16[:4]), request(adapter, 0x0A, 1, uint32(0), uint32(0)),
		request(adapter, 0x0B, 1, uint32(0)), request(adapter, 0x0D, 1, uint32(0)), request(adapter, 0x0E, 1, uint32(0)),
		request(adapter, 0x0F, 1, uint32(0), "name"), request(adapter, 0x10, 1, uint32(0)), request(adapter, 0x11, 1, uint32(0)),
		request(lwip, 0x01, 1, n, some16, uint32(16)), request(lwip, 0x02, 1, n, at, uint32(16)), request(lwip, 0x03, 1, n, 0),
		request(lwip, 0x04, 1, n, uint32(16)), request(lwip, 0x05, 1, n, uint32(16)),
		request(lwip, 0x06, 1, n, 6, 1, some16[:4], uint32(4)), request(lwip, 0x07, 1, n, 6, 1, some16[:4], uint32(4)),
		request(lwip, 0x08, 1, n), request(lwip, 0x09, 1, n, at, uint32(16)), request(lwip, 0x0A, 1, n, 1),
		request(lwip, 0x0B, 1, n), request(lwip, 0x0C, 1, n, uint32(1), 8, uint32(0)), request(lwip, 0x0D, 1, n, uint32(1), uint32(0)),
		request(lwip, 0x0E, 1, n, uint32(1), 8, uint32(16), uint32(0)), request(lwip, 0x0F, 1, n, "data", 8),
		request(lwip, 0x11, 1, n, "data", 8, at, uint32(16)), request(lwip, 0x12, 1, 2, 1, 6),
		request(lwip, 0x13, 1, n, "data", uint32(4)), request(lwip, 0x14, 1, n, "data", 1),
		request(lwip, 0x15, 1, 1, some("\x01"), null{}, null{}, some("\x00\x00\x00\x00\x00\x00\x00\x00")),
		request(lwip, 0x16, 1, n, uint32(0x4004667F), some16[:4]), request(lwip, 0x17, 1, n, 4, 1), request(lwip, 0x19, 1, "peer"),
		request(mbedtls, 0x02, 1, h), request(mbedtls, 0x03, 1, h), request(mbedtls, 0x04, 1, h, 5), request(mbedtls, 0x05, 1, h, uint32(5)),
		request(mbedtls, 0x06, 1, h), request(mbedtls, 0x07, 1, h), request(mbedtls, 0x08, 1, h, "CA"), request(mbedtls, 0x0A, 1, h, "cert"),
		request(mbedtls, 0x0C, 1, h, "key"), request(mbedtls, 0x12, 1, h, some("peer"), uint32(443), 0), request(mbedtls, 0x13, 1, h),
		request(mbedtls, 0x14, 1, h), request(mbedtls, 0x15, 1, h, "data", uint16(4)), request(mbedtls, 0x16, 1, h, uint32(4)),
		request(mbedtls, 0x17, 1, h, "print", "name"), request(mbedtls, 0x18, 1, h, "name"), request(mbedtls, 0x19, 1, -1, uint32(4)),
	}
}

func TestARequestCutShortAnywhereHasNoReplyAndNoEffect(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		n, h := w.stream(), w.tlsClient()
		for _, whole := range requests(n, h) {
			message := whole[4:]
			for size := 8; size < len(message); size++ {
				w.port.Write(frame(message[:size]))
			}
			w.silent(time.Second)
			if t.Failed() {
				t.Fatalf("request % x", message[:8])
			}
		}
		if s := w.chip.Stats(); s.Abuse != 0 || s.Unknown != 0 {
			t.Errorf("%+v %q", s, w.chip.Abuses())
		}
		if r := w.i32(mbedtls, 0x06, h); r != -1 {
			t.Errorf("the TLS client has socket %d", r)
		}
		if r := w.i32(drv, 0x04); r != 0 {
			t.Error("the link is gone")
		}
		if next := w.stream(); next != n+1 {
			t.Errorf("the next socket is %d, want %d", next, n+1)
		}
	})
}

func TestCallsThatAreRefused(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		n, d := w.stream(), w.datagram()
		local := name(netip.MustParseAddrPort("0.0.0.0:4000"))
		w.failed("a socket of IPv6", w.i32(lwip, 0x12, 10, 1, 6), 93)
		w.failed("a socket of no type", w.i32(lwip, 0x12, 2, 9, 6), 93)
		for what, request := range map[string]byte{"bind": 0x02, "connect": 0x09} {
			w.failed(what+" of nothing", w.i32(lwip, request, 9, local, uint32(16)), eBadF)
			w.failed(what+" to no address", w.i32(lwip, request, n, make([]byte, 16), uint32(16)), 22)
		}
		w.failed("bind to another's address", w.i32(lwip, 0x02, n, name(netip.MustParseAddrPort("10.0.2.250:4000")), uint32(16)), 99)
		w.failed("listen of nothing", w.i32(lwip, 0x0A, 9, 1), eBadF)
		w.failed("connect to port 0", w.i32(lwip, 0x09, n, name(netip.MustParseAddrPort("10.0.2.1:0")), uint32(16)), 113)
		w.failed("shutdown of nothing", w.i32(lwip, 0x03, 9, 1), eBadF)
		w.failed("shutdown of what is not connected", w.i32(lwip, 0x03, n, 1), eNotConn)
		w.failed("shutdown of a third direction", w.i32(lwip, 0x03, n, 3), 22)
		w.failed("send to nobody", w.send(n, "x"), eNotConn)
		w.failed("send of nothing", w.send(9, "x"), eBadF)
		w.failed("fcntl of nothing", w.i32(lwip, 0x17, 9, 4, 1), eBadF)
		w.failed("fcntl of another flag", w.i32(lwip, 0x17, n, 4, 0x800), 22)
		w.failed("available of nothing", w.i32(lwip, 0x0B, 9), eBadF)
		w.failed("setsockopt of nothing", w.i32(lwip, 0x07, 9, 6, 1, le32(1), uint32(4)), eBadF)
		w.failed("joining no group", w.i32(lwip, 0x07, d, 0, 3, make([]byte, 8), uint32(8)), 99)
		w.failed("joining half a group", w.i32(lwip, 0x07, d, 0, 3, make([]byte, 4), uint32(4)), 22)
		w.failed("joining with a stream", w.i32(lwip, 0x07, n, 0, 3, make([]byte, 8), uint32(8)), 92)
		get := func(n, level, opt, size int) int {
			r := w.call(lwip, 0x06, n, level, opt, make([]byte, size), uint32(size))
			r.binary()
			r.u32()
			return r.i32()
		}
		w.failed("getsockopt of nothing", get(9, 6, 1, 4), eBadF)
		w.failed("getsockopt of no option", get(n, 6, 99, 4), 92)
		w.failed("getsockopt without room", get(n, 6, 1, 2), 22)
		ioctl := func(n int, cmd uint32, size int) int {
			r := w.call(lwip, 0x16, n, cmd, make([]byte, size))
			r.binary()
			return r.i32()
		}
		w.failed("ioctl of nothing", ioctl(9, 0x8004667E, 4), eBadF)
		w.failed("ioctl without room", ioctl(n, 0x8004667E, 2), 22)
		w.failed("ioctl of no command", ioctl(n, 1, 4), 92)
		w.failed("select of nothing", w.i32(lwip, 0x15, 10, some("\x00\x02"), null{}, null{}, null{}), eBadF)
		if ioctl(n, 0x8004667E, 4) != 0 || get(n, 0xFFF, 2, 4) != 0 {
			t.Error("FIONBIO or SO_ACCEPTCON fails")
		}
		w.clean()
	})
}

func TestAnOptionLongerThanItsDataIsAbuse(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		n := w.stream()
		if r := w.i32(lwip, 0x07, n, 6, 1, le32(1), uint32(16)); r != 0 {
			t.Errorf("setsockopt = %d", r)
		}
		if s := w.chip.Stats(); s.Abuse != 1 || len(w.chip.Abuses()) != 1 {
			t.Errorf("%+v %q", s, w.chip.Abuses())
		}
		for range 100 {
			w.i32(lwip, 0x07, n, 6, 1, le32(1), uint32(16))
		}
		if s := w.chip.Stats(); s.Abuse != 101 || len(w.chip.Abuses()) != 16 {
			t.Errorf("%+v, %d in words", s, len(w.chip.Abuses()))
		}
	})
}

func TestAStationStartsWithDHCPToo(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		if r := w.i32(adapter, 0x0D, uint32(7)); r != 0 {
			t.Errorf("dhcpc_start of an interface that is not = %d, want that of the first", r)
		}
		if r := w.i32(adapter, 0x04, uint32(0)); r != 0 {
			t.Errorf("stop = %d", r)
		}
		if _, err := w.board.Addr(); err == nil {
			t.Error("an address after stop")
		}
		if r := w.i32(adapter, 0x02, "02:00:00:00:00:01", make([]byte, 12)); r != 0 {
			t.Errorf("sta_start = %d", r)
		}
		if _, err := w.board.Addr(); err != nil {
			t.Error(err)
		}
		if r := w.i32(adapter, 0x09, uint32(0), uint32(1), []byte{10, 0, 2, 9}); r != 0 {
			t.Errorf("set_dns = %d", r)
		}
		w.connect() // the lease goes on
		w.clean()
	})
}

func TestBothModesHaveTheirOwnInterfaces(t *testing.T) {
	inWorld(t, rtl8720dn.Config{}, func(w *world) {
		w.i32(drv, 0x1B, uint32(3))
		w.i32(adapter, 0x08, uint32(1), []byte{10, 9, 8, 1, 255, 255, 255, 0, 0, 0, 0, 0})
		if r := w.i32(drv, 0x27, "mine", null{}, uint32(0), 1); r != 0 {
			t.Errorf("start_ap = %d", r)
		}
		if addr, err := w.board.Addr(); err != nil || addr.String() != "10.9.8.1" {
			t.Errorf("Addr = %v, %v", addr, err)
		}
		if w.i32(drv, 0x05, uint32(1)) != 1 || w.i32(drv, 0x06, uint32(1)) != 0 {
			t.Error("the second interface is not up")
		}
	})
}

func TestTLSClientsThatAreSetUpWrongly(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		s := w.tlsServer()
		h := w.tlsClient()
		set := func(request byte, text string) {
			r := w.call(mbedtls, request, h, text)
			r.u32()
			r.end()
		}
		set(0x08, "no certificate")
		if n := w.startTLS(h, "peer", s.at.Port()); n != -0x2180 {
			t.Errorf("with such a CA %d", n)
		}
		set(0x08, s.pem)
		set(0x0A, s.pem)
		set(0x0C, "no key")
		if n := w.startTLS(h, "peer", s.at.Port()); n != -0x3D00 {
			t.Errorf("with such a key %d", n)
		}
		h = w.tlsClient()
		if n := w.startTLS(h, "peer", s.at.Port()); n < 0 {
			t.Fatalf("start = %d", n)
		}
		if r := w.i32(mbedtls, 0x15, h, "1234", uint16(100)); r != 4 || w.chip.Stats().Abuse != 1 {
			t.Errorf("sending more than there is = %d, %q", r, w.chip.Abuses())
		}
		w.ask(mbedtls, 0x12, h, null{}, uint32(443), 0)
		w.silent(time.Second)
		if st := w.chip.Stats(); st.Resets != 1 {
			t.Errorf("a host that is nil: %+v", st)
		}
	})
}

func TestEveryRequestOfTheTableHasAReply(t *testing.T) {
	for i := range requests(0, 0) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			joined(t, rtl8720dn.Config{}, func(w *world) {
				n, h := w.stream(), w.tlsClient()
				b := requests(n, h)[i]
				if b[6] == adapter && b[5] == 0x10 {
					return // ends in a reset
				}
				w.port.Write(b)
				if _, ok := w.answer(1, time.Hour); !ok {
					t.Errorf("no reply to % x", b)
				}
			})
		})
	}
}
