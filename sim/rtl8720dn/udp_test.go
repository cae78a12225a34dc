package rtl8720dn_test

import (
	"bytes"
	"context"
	stdnet "net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/sim/rtl8720dn"
)

// packets has the peer receive datagrams.
func (w *world) packets() (stdnet.PacketConn, netip.AddrPort) {
	w.tb.Helper()
	at := netip.AddrPortFrom(w.peer.Addr(2), w.peer.FreePort())
	p, err := w.peer.ListenPacket(context.Background(), "udp", at.String())
	if err != nil {
		w.tb.Fatal(err)
	}
	w.tb.Cleanup(func() { p.Close() })
	return p, at
}

func (w *world) sendTo(n int, data string, to netip.AddrPort) int {
	w.tb.Helper()
	return w.i32(lwip, 0x11, n, data, 0, name(to), uint32(16))
}

func (w *world) recvFrom(n, size, flags int) (data string, from netip.AddrPort, r int) {
	w.tb.Helper()
	reply := w.call(lwip, 0x0E, n, uint32(size), flags, uint32(16), uint32(0))
	b := reply.binary()
	from = addrPort(reply.binary())
	reply.u32()
	r = reply.i32()
	reply.end()
	return string(b), from, r
}

func TestDatagramsHaveAddressesAndBounds(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		p, at := w.packets()
		n := w.datagram()
		local := netip.AddrPortFrom(w.peer.DeviceAddr(2), 4711)
		if r := w.i32(lwip, 0x02, n, name(netip.AddrPortFrom(netip.IPv4Unspecified(), 4711)), uint32(16)); r != 0 {
			t.Fatalf("bind = %d", r)
		}
		for _, data := range []string{"one", "", "three"} {
			if r := w.sendTo(n, data, at); r != len(data) {
				t.Errorf("sendto = %d", r)
			}
		}
		b := make([]byte, 100)
		for _, want := range []string{"one", "", "three"} {
			k, from, err := p.ReadFrom(b)
			if err != nil || string(b[:k]) != want || from.String() != local.String() {
				t.Errorf("%q from %v, %v", b[:k], from, err)
			}
		}
		to := stdnet.UDPAddrFromAddrPort(local)
		for _, data := range []string{"first", "", "a long one", "last"} {
			p.WriteTo([]byte(data), to)
		}
		if data, from, r := w.recvFrom(n, 100, 0); data != "first" || r != 5 || from != at {
			t.Errorf("%q from %v, %d", data, from, r)
		}
		if data, from, r := w.recvFrom(n, 100, 0); data != "f" || r != 0 || from != at {
			t.Errorf("an empty one: junk %q from %v, %d", data, from, r)
		}
		if data, _, r := w.recvFrom(n, 6, 0); data != "a long" || r != 6 {
			t.Errorf("a short buffer: %q, %d", data, r)
		}
		if data, _, _ := w.recvFrom(n, 100, 0); data != "last" {
			t.Errorf("then %q: the rest is not dropped", data)
		}
		_, from, r := w.recvFrom(n, 100, dontWait)
		if from.IsValid() {
			t.Errorf("nothing comes from %v", from)
		}
		w.failed("nothing there", r, eAgain)
		w.clean()
	})
}

func TestAFirmwareThatTakesNoBytesForNoMemory(t *testing.T) {
	joined(t, rtl8720dn.Config{NoEmpty: true}, func(w *world) {
		p, at := w.packets()
		n := w.datagram()
		w.ask(lwip, 0x11, n, "", 0, name(at), uint32(16))
		w.silent(time.Second)
		w.sendTo(n, "x", at)
		if k, _, err := p.ReadFrom(make([]byte, 10)); err != nil || k != 1 {
			t.Errorf("%d bytes, %v", k, err)
		}
		if r := w.i32(drv, 0x01, "", null{}, uint32(0), -1, uint32(0)); r != -1 {
			t.Errorf("a name of no bytes is a string, and has a reply: %d", r)
		}
	})
}

func TestDatagramsThatNobodyReceivesAreDropped(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		p, _ := w.packets()
		n := w.datagram()
		w.i32(lwip, 0x02, n, name(netip.MustParseAddrPort("0.0.0.0:4711")), uint32(16))
		to := stdnet.UDPAddrFromAddrPort(netip.AddrPortFrom(w.peer.DeviceAddr(2), 4711))
		for range 50 {
			p.WriteTo(make([]byte, 1400), to)
		}
		synctest.Wait()
		got := 0
		for {
			if _, _, r := w.recvFrom(n, 1500, dontWait); r < 0 {
				break
			}
			got++
		}
		if got < 4 || got > 8 {
			t.Errorf("%d of 50 datagrams, want about six", got)
		}
	})
}

func TestAConnectedDatagramSocketHearsItsPeerAlone(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		p, at := w.packets()
		other, _ := w.packets()
		n := w.datagram()
		if r := w.i32(lwip, 0x09, n, name(at), uint32(16)); r != 0 {
			t.Fatalf("connect = %d", r)
		}
		if r := w.send(n, "hello"); r != 5 {
			t.Errorf("send = %d", r)
		}
		b := make([]byte, 100)
		_, from, err := p.ReadFrom(b)
		if err != nil {
			t.Fatal(err)
		}
		other.WriteTo([]byte("noise"), from)
		p.WriteTo([]byte("answer"), from)
		if got, r := w.recv(n, 100, 0); got != "answer" || r != 6 {
			t.Errorf("recv = %q, %d", got, r)
		}
	})
}

func TestADatagramSocketWithoutAPeerFails(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		n := w.datagram()
		if r := w.send(n, "x"); r != -1 {
			t.Errorf("send = %d", r)
		}
		w.failed("shutdown", w.i32(lwip, 0x03, n, 1), 95)
		w.failed("sendto of no address", w.i32(lwip, 0x11, n, "x", 0, make([]byte, 16), uint32(16)), 22)
	})
}

func TestAGroupIsJoinedAndLeft(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		n := w.datagram()
		group := []byte{239, 1, 2, 3, 0, 0, 0, 0}
		if r := w.i32(lwip, 0x07, n, 0, 3, group, uint32(8)); r != 0 {
			t.Errorf("join = %d", r)
		}
		groups := func() (all []netip.Addr) {
			list, err := w.board.Interfaces()
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range list {
				all = append(all, i.Groups...)
			}
			return all
		}
		if g := groups(); !bytes.Contains([]byte(strings.Join(texts(g), " ")), []byte("239.1.2.3")) {
			t.Errorf("groups %v", g)
		}
		if r := w.i32(lwip, 0x07, n, 0, 5, []byte{7}, uint32(1)); r != 0 {
			t.Errorf("IP_MULTICAST_TTL = %d", r)
		}
		r := w.call(lwip, 0x06, n, 0, 5, make([]byte, 1), uint32(1))
		if got := r.binary(); got[0] != 7 {
			t.Errorf("IP_MULTICAST_TTL is %d", got)
		}
		if r := w.i32(lwip, 0x07, n, 0, 4, group, uint32(8)); r != 0 {
			t.Errorf("leave = %d", r)
		}
		if g := groups(); bytes.Contains([]byte(strings.Join(texts(g), " ")), []byte("239.1.2.3")) {
			t.Errorf("groups %v", g)
		}
	})
}

func texts(addrs []netip.Addr) (t []string) {
	for _, a := range addrs {
		t = append(t, a.String())
	}
	return t
}

// lookup is netconn_gethostbyname.
func (w *world) lookup(host string) (addr netip.Addr, code int) {
	w.tb.Helper()
	r := w.call(lwip, 0x19, host)
	addr = netip.AddrFrom4([4]byte(r.binary()))
	code = int(int8(r.u8()))
	r.end()
	return addr, code
}

func TestAnUnknownNameIsMinusSixAndHasAnAddressOfJunk(t *testing.T) {
	joined(t, rtl8720dn.Config{Seed: 8}, func(w *world) {
		if addr, code := w.lookup(w.peer.Host()); code != 0 || addr != w.peer.Addr(2) {
			t.Errorf("%v, %d", addr, code)
		}
		if addr, code := w.lookup("192.0.2.7"); code != 0 || addr.String() != "192.0.2.7" {
			t.Errorf("a literal: %v, %d", addr, code)
		}
		if addr, code := w.lookup(w.peer.UnknownHost()); code != -6 || addr.IsUnspecified() {
			t.Errorf("an unknown name: %v, %d", addr, code)
		}
		if _, code := w.lookup("::1"); code != -6 {
			t.Errorf("an IPv6 literal: %d", code)
		}
	})
	inWorld(t, rtl8720dn.Config{}, func(w *world) {
		if _, code := w.lookup("peer"); code != -6 {
			t.Errorf("without a network: %d", code)
		}
	})
}

func TestASlowNameHoldsTheChip(t *testing.T) {
	joined(t, rtl8720dn.Config{NameTime: 4 * time.Second}, func(w *world) {
		begin := time.Now()
		w.ask(lwip, 0x19, w.peer.Host())
		other := w.ask(system, 0x02, uint8(1))
		if _, ok := w.answer(w.seq-1, patience); !ok || time.Since(begin) < 4*time.Second {
			t.Errorf("%v after %v", ok, time.Since(begin))
		}
		if _, ok := w.answer(other, patience); !ok {
			t.Error("no answer to what came after it")
		}
		synctest.Wait()
	})
}
