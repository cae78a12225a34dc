package rtl8720dn_test

import (
	"bytes"
	"io"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/sim/rtl8720dn"
)

// Flags and numbers of lwIP.
const (
	peek     = 1
	dontWait = 8

	eBadF        = 9
	eAgain       = 11
	eNFile       = 23
	eAddrInUse   = 98
	eConnAborted = 103
	eConnReset   = 104
	eIsConn      = 106
	eNotConn     = 107
	eAlready     = 114
	eInProgress  = 115
)

// nonblock is fcntl(F_SETFL, O_NONBLOCK).
func (w *world) nonblock(n int) {
	w.tb.Helper()
	if r := w.i32(lwip, 0x17, n, 4, 1); r != 0 {
		w.tb.Fatalf("fcntl = %d", r)
	}
}

// failed asserts that a call returned -1 and set errno.
func (w *world) failed(what string, r, errno int) {
	w.tb.Helper()
	if r != -1 {
		w.tb.Errorf("%s = %d, want -1", what, r)
	}
	if got := w.errno(); got != errno {
		w.tb.Errorf("%s: errno %d, want %d", what, got, errno)
	}
}

func TestSocketsAreNumberedFromZeroAndAreTen(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		for i := range 10 {
			if n := w.stream(); n != i {
				t.Errorf("socket = %d, want %d", n, i)
			}
		}
		w.failed("the eleventh socket", w.i32(lwip, 0x12, 2, 1, 6), eNFile)
		if r := w.i32(lwip, 0x08, 4); r != 0 {
			t.Errorf("close = %d", r)
		}
		w.failed("a second close", w.i32(lwip, 0x08, 4), eBadF)
		if n := w.stream(); n != 4 {
			t.Errorf("then socket = %d, want the lowest free number", n)
		}
		w.failed("close of 99", w.i32(lwip, 0x08, 99), eBadF)
		w.failed("close of -1", w.i32(lwip, 0x08, -1), eBadF)
	})
}

func TestErrnoIsThatOfTheLastFailure(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		w.failed("close", w.i32(lwip, 0x08, 3), eBadF)
		w.stream()
		if e := w.errno(); e != eBadF {
			t.Errorf("errno %d after a success, want the stale %d", e, eBadF)
		}
	})
}

func TestBytesGoBothWays(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		n, conn := w.connect()
		if r := w.send(n, "hello"); r != 5 {
			t.Errorf("send = %d", r)
		}
		b := make([]byte, 5)
		if _, err := io.ReadFull(conn, b); err != nil || string(b) != "hello" {
			t.Errorf("the peer has %q, %v", b, err)
		}
		conn.Write([]byte("and back"))
		if got, r := w.recv(n, 3, 0); got != "and" || r != 3 {
			t.Errorf("recv = %q, %d", got, r)
		}
		r := w.call(lwip, 0x0D, n, uint32(100), uint32(0))
		if got := string(r.binary()); got != " back" || r.i32() != 5 {
			t.Errorf("read = %q", got)
		}
		if r := w.i32(lwip, 0x13, n, "again", uint32(5)); r != 5 {
			t.Errorf("write = %d", r)
		}
		if r := w.i32(lwip, 0x14, n, " and again", 1); r != 10 {
			t.Errorf("writev = %d", r)
		}
		if r := w.i32(lwip, 0x03, n, 1); r != 0 {
			t.Errorf("shutdown = %d", r)
		}
		if rest, err := io.ReadAll(conn); err != nil || string(rest) != "again and again" {
			t.Errorf("the peer has %q, %v", rest, err)
		}
		conn.Close()
		if _, r := w.recv(n, 10, 0); r != 0 {
			t.Errorf("recv at the end = %d", r)
		}
		w.clean()
	})
}

func TestAnEmptyReceiveHasAByteOfJunk(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		n, conn := w.connect()
		conn.Write([]byte("Zebra"))
		w.recv(n, 10, 0)
		got, r := w.recv(n, 10, dontWait)
		if r != -1 || got != "Z" || w.errno() != eAgain {
			t.Errorf("nothing there: %q, %d, errno %d", got, r, w.errno())
		}
		conn.Close()
		got, r = w.recv(n, 10, 0)
		if r != 0 || got != "Z" || w.errno() != eNotConn {
			t.Errorf("at the end: %q, %d, errno %d", got, r, w.errno())
		}
		got, r = w.recv(7, 10, 0)
		if r != -1 || got != "Z" || w.errno() != eBadF {
			t.Errorf("no socket: %q, %d", got, r)
		}
	})
}

func TestAReceiveThatWaitsHoldsTheChip(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		n, conn := w.connect()
		waiting := w.ask(lwip, 0x0C, n, uint32(10), 0, uint32(0))
		other := w.ask(system, 0x02, uint8(1))
		w.silent(time.Minute)
		conn.Write([]byte("x"))
		if r, ok := w.answer(waiting, patience); !ok || string(r.binary()) != "x" {
			t.Error("no answer to the receive")
		}
		if _, ok := w.answer(other, patience); !ok {
			t.Error("no answer to what came after it")
		}
	})
}

func TestTimeoutsOfASocketEndItsWaits(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		n, conn := w.connect()
		for opt, value := range map[int]int{0x1005: 3000, 0x1006: 2000} {
			if r := w.i32(lwip, 0x07, n, 0xFFF, opt, le32(value), uint32(4)); r != 0 {
				t.Errorf("setsockopt = %d", r)
			}
			if got := w.getsockopt(n, 0xFFF, opt); got != value {
				t.Errorf("getsockopt %#x = %d", opt, got)
			}
		}
		begin := time.Now()
		if _, r := w.recv(n, 10, 0); r != -1 || time.Since(begin) != 2*time.Second {
			t.Errorf("recv = %d after %v", r, time.Since(begin))
		}
		total := 0
		for begin = time.Now(); ; begin = time.Now() {
			r := w.send(n, strings.Repeat("x", 1000))
			if r < 0 {
				break
			}
			total += r
		}
		if time.Since(begin) != 3*time.Second || total < 5000 {
			t.Errorf("send failed after %v and %d bytes", time.Since(begin), total)
		}
		go io.Copy(io.Discard, conn)
	})
}

func le32(v int) []byte { return []byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v >> 24)} }

func (w *world) getsockopt(n, level, opt int) int {
	w.tb.Helper()
	r := w.call(lwip, 0x06, n, level, opt, make([]byte, 4), uint32(4))
	b := r.binary()
	if size, ret := r.u32(), r.i32(); size != 4 || ret != 0 {
		w.tb.Fatalf("getsockopt %#x of %#x = %d", opt, level, ret)
	}
	r.end()
	return int(int32(uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24))
}

func TestAFullSendBufferTakesPart(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		n, conn := w.connect()
		sent := 0
		for sent < 1<<20 {
			r := w.i32(lwip, 0x0F, n, strings.Repeat("x", 4000), dontWait)
			if r < 0 {
				break
			}
			sent += r
			synctest.Wait()
		}
		if w.errno() != eAgain || sent%4000 == 0 {
			t.Errorf("errno %d after %d bytes", w.errno(), sent)
		}
		w.i32(lwip, 0x08, n)
		if got, err := io.ReadAll(conn); err != nil || len(got) != sent {
			t.Errorf("the peer has %d bytes of %d, %v", len(got), sent, err)
		}
	})
}

func TestTheBuffersAreThoseOfLwIP(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		_, conn := w.connect()
		conn.SetWriteDeadline(time.Now().Add(time.Minute))
		n, err := conn.Write(make([]byte, 8<<20))
		if err == nil || n > 5<<20 {
			t.Fatalf("the peer has sent %d bytes to somebody who reads none, %v", n, err)
		}
		for _, s := range w.sockets() {
			if s > 5744 {
				t.Errorf("%d bytes wait in the chip, more than its window", s)
			}
		}
	})
}

// sockets returns how much waits in each socket of the chip's network.
func (w *world) sockets() (waiting []int) {
	list, err := w.board.Sockets()
	if err != nil {
		w.tb.Fatal(err)
	}
	for _, s := range list {
		waiting = append(waiting, s.RecvQ)
	}
	return waiting
}

func TestARefusedConnectionIsAResetOne(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		n := w.stream()
		w.failed("connect", w.i32(lwip, 0x09, n, name(w.peer.Refused()), uint32(16)), eConnReset)
		w.failed("connect again", w.i32(lwip, 0x09, n, name(w.peer.Refused()), uint32(16)), eNotConn)
	})
}

func TestAConnectThatWaitsHoldsTheChip(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		n := w.stream()
		w.ask(lwip, 0x09, n, name(w.peer.BlackHole()), uint32(16))
		other := w.ask(system, 0x02, uint8(1))
		begin := time.Now()
		r, ok := w.answer(w.seq-1, time.Hour)
		if !ok || r.i32() != -1 || time.Since(begin) < 10*time.Second {
			t.Errorf("%v after %v", ok, time.Since(begin))
		}
		if _, ok := w.answer(other, patience); !ok {
			t.Error("no answer to what came after it")
		}
		if e := w.errno(); e != eConnAborted {
			t.Errorf("errno %d", e)
		}
	})
}

func TestAConnectThatDoesNotWait(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		_, at := w.listen()
		n := w.stream()
		w.nonblock(n)
		w.failed("connect", w.i32(lwip, 0x09, n, name(at), uint32(16)), eInProgress)
		synctest.Wait()
		w.failed("connect again", w.i32(lwip, 0x09, n, name(at), uint32(16)), eIsConn)
		if e := w.getsockopt(n, 0xFFF, 0x1007); e != eIsConn {
			t.Errorf("SO_ERROR = %d, want that of the last call", e)
		}
		if e := w.getsockopt(n, 0xFFF, 0x1007); e != 0 {
			t.Errorf("SO_ERROR then = %d", e)
		}
		if r := w.send(n, "x"); r != 1 {
			t.Errorf("send = %d", r)
		}

		n = w.stream()
		w.nonblock(n)
		w.failed("connect to nobody", w.i32(lwip, 0x09, n, name(w.peer.BlackHole()), uint32(16)), eInProgress)
		w.failed("connect again", w.i32(lwip, 0x09, n, name(w.peer.BlackHole()), uint32(16)), eAlready)
		w.failed("send", w.send(n, "x"), eInProgress)
		if _, r := w.recv(n, 1, 0); r != -1 {
			t.Errorf("recv = %d", r)
		}

		n = w.stream()
		w.nonblock(n)
		w.failed("connect to a closed port", w.i32(lwip, 0x09, n, name(w.peer.Refused()), uint32(16)), eInProgress)
		synctest.Wait()
		if e := w.getsockopt(n, 0xFFF, 0x1007); e != eConnReset {
			t.Errorf("SO_ERROR = %d", e)
		}
		w.failed("connect again", w.i32(lwip, 0x09, n, name(w.peer.Refused()), uint32(16)), eNotConn)
	})
}

func TestAResetStaysAReset(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		n, conn := w.connect()
		conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
		synctest.Wait()
		for range 2 {
			_, r := w.recv(n, 10, 0)
			w.failed("recv", r, eConnReset)
		}
		w.failed("send", w.send(n, "x"), eConnReset)
	})
}

func TestAnAcceptedConnectionComesWithoutItsAddress(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		l, at := w.serve()
		conn := w.dial("tcp", at)
		reply := w.call(lwip, 0x01, l, bytes.Repeat([]byte{0xEE}, 16), uint32(16))
		if size, n := reply.u32(), reply.i32(); size != 16 || n != 1 {
			t.Fatalf("accept = %d, %d", size, n)
		}
		reply.end()
		conn.Write([]byte("hello"))
		if got, _ := w.recv(1, 10, 0); got != "hello" {
			t.Errorf("recv %q", got)
		}
		w.send(1, "hi")
		b := make([]byte, 2)
		if io.ReadFull(conn, b); string(b) != "hi" {
			t.Errorf("the peer has %q", b)
		}
		w.clean()
	})
}

func TestAcceptWaitsOrNot(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		l, at := w.serve()
		w.nonblock(l)
		w.failed("accept of nobody", w.accept(l), eAgain)
		if r := w.i32(lwip, 0x17, l, 3, 0); r != 1 {
			t.Errorf("F_GETFL = %d", r)
		}
		w.i32(lwip, 0x17, l, 4, 0)
		waiting := w.ask(lwip, 0x01, l, make([]byte, 16), uint32(16))
		w.silent(time.Minute)
		w.dial("tcp", at)
		if r, ok := w.answer(waiting, patience); !ok || r.u32() != 16 || r.i32() != 1 {
			t.Error("no answer to the accept that waited")
		}
		w.failed("accept of what does not listen", w.accept(1), 22)
		w.failed("accept of nothing", w.accept(5), eBadF)
		n := w.stream()
		w.failed("bind to a port in use", func() int {
			r := w.i32(lwip, 0x02, n, name(at), uint32(16))
			if r == 0 {
				r = w.i32(lwip, 0x0A, n, 1)
			}
			return r
		}(), eAddrInUse)
		w.failed("listen of a datagram socket", w.i32(lwip, 0x0A, w.datagram(), 1), 95)
	})
}

func TestARecvFromOfAStreamTellsThePeer(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		l, at := w.serve()
		conn := w.dial("tcp", at)
		n := w.accept(l)
		conn.Write([]byte("x"))
		r := w.call(lwip, 0x0E, n, uint32(1), peek, uint32(16), uint32(0))
		if got := r.binary(); string(got) != "x" {
			t.Errorf("data %q", got)
		}
		from := addrPort(r.binary())
		if size, ret := r.u32(), r.i32(); size != 16 || ret != 1 || from.String() != conn.LocalAddr().String() {
			t.Errorf("from %v, want %v; %d, %d", from, conn.LocalAddr(), size, ret)
		}
		if got, _ := w.recv(n, 10, 0); got != "x" {
			t.Errorf("after the peek %q", got)
		}
	})
}

func addrPort(b []byte) netip.AddrPort {
	if b[0] != 16 || b[1] != 2 {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), uint16(b[2])<<8|uint16(b[3]))
}

func TestNamesOfASocket(t *testing.T) {
	ask := func(w *world, request byte, n int) netip.AddrPort {
		r := w.call(lwip, request, n, uint32(16))
		b := r.binary()
		if size, ret := r.u32(), r.i32(); size != 16 || ret != 0 || len(b) != 16 {
			t.Errorf("%d, %d", size, ret)
		}
		if bytes.Equal(b, make([]byte, 16)) {
			return netip.AddrPort{}
		}
		return addrPort(b)
	}
	t.Run("come back as zeros", func(t *testing.T) {
		joined(t, rtl8720dn.Config{Names: rtl8720dn.NamesZero}, func(w *world) {
			n, _ := w.connect()
			if p, s := ask(w, 4, n), ask(w, 5, n); p.IsValid() || s.IsValid() {
				t.Errorf("%v, %v", p, s)
			}
			reply := w.call(lwip, 4, 9, uint32(16))
			reply.binary()
			reply.u32()
			w.failed("getpeername of nothing", reply.i32(), eBadF)
		})
	})
	t.Run("are as long as the data of the call before", func(t *testing.T) {
		joined(t, rtl8720dn.Config{}, func(w *world) {
			n, conn := w.connect()
			whole := conn.LocalAddr().String()
			if p := ask(w, 4, n); p.String() != whole { // connect's own address was as long
				t.Errorf("after connect %v", p)
			}
			for _, data := range []int{1, 6, 15} {
				w.send(n, strings.Repeat("x", data))
				r := w.call(lwip, 4, n, uint32(16))
				b := r.binary()
				if !bytes.Equal(b[data:], make([]byte, 16-data)) || b[0] != 16 || data > 1 && b[1] != 2 {
					t.Errorf("after %d bytes % x", data, b)
				}
				if p := ask(w, 4, n); p.String() != whole {
					t.Errorf("asked again: %v", p)
				}
			}
			w.recv(n, 10, dontWait) // a byte of junk
			if p := ask(w, 5, n); p.Addr().IsValid() && !p.Addr().IsUnspecified() {
				t.Errorf("after a byte of junk %v", p)
			}
			if p := ask(w, 5, n); p.String() != conn.RemoteAddr().String() {
				t.Errorf("asked again: %v", p)
			}
		})
	})
	t.Run("can be true", func(t *testing.T) {
		joined(t, rtl8720dn.Config{Names: rtl8720dn.NamesTrue}, func(w *world) {
			n, conn := w.connect()
			if p := ask(w, 4, n); p.String() != conn.LocalAddr().String() {
				t.Errorf("peer %v, want %v", p, conn.LocalAddr())
			}
			if s := ask(w, 5, n); s.String() != conn.RemoteAddr().String() {
				t.Errorf("socket %v, want %v", s, conn.RemoteAddr())
			}
		})
	})
	t.Run("can be either", func(t *testing.T) {
		joined(t, rtl8720dn.Config{Names: rtl8720dn.NamesByLot, Seed: 3}, func(w *world) {
			n, _ := w.connect()
			valid := 0
			for range 40 {
				if ask(w, 4, n).IsValid() {
					valid++
				}
			}
			if valid == 0 || valid == 40 {
				t.Errorf("%d of 40", valid)
			}
		})
	})
}

func TestAvailableTakesItsTime(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		n, conn := w.connect()
		begin := time.Now()
		if r := w.i32(lwip, 0x0B, n); r != -1 || time.Since(begin) != 800*time.Millisecond {
			t.Errorf("of nothing: %d after %v", r, time.Since(begin))
		}
		w.nonblock(n)
		begin = time.Now()
		if r := w.i32(lwip, 0x0B, n); r != -1 || time.Since(begin) != 400*time.Millisecond {
			t.Errorf("of a socket that does not wait: %d after %v", r, time.Since(begin))
		}
		conn.Write([]byte("abc"))
		synctest.Wait()
		begin = time.Now()
		if r := w.i32(lwip, 0x0B, n); r != 1 || time.Since(begin) != 20*time.Millisecond {
			t.Errorf("of three bytes: %d after %v", r, time.Since(begin))
		}
		r := w.call(lwip, 0x16, n, uint32(0x4004667F), make([]byte, 4))
		if got := r.binary(); got[0] != 3 || r.i32() != 0 {
			t.Errorf("FIONREAD % x", got)
		}
		conn.Close()
		w.recv(n, 10, 0)
		if r := w.i32(lwip, 0x0B, n); r != 0 {
			t.Errorf("at the end: %d", r)
		}
	})
}

func TestSelectTellsHowManyAndNotWhich(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		n, conn := w.connect()
		set := []byte{1 << n, 0, 0, 0}
		begin := time.Now()
		r := w.i32(lwip, 0x15, n+1, some(set), null{}, null{}, some("\x02\x00\x00\x00\x20\xA1\x07\x00"))
		if r != 0 || time.Since(begin) != 2500*time.Millisecond {
			t.Errorf("of nothing: %d after %v", r, time.Since(begin))
		}
		waiting := w.ask(lwip, 0x15, n+1, some(set), null{}, null{}, null{})
		w.silent(time.Minute)
		conn.Write([]byte("x"))
		if r, ok := w.answer(waiting, patience); !ok || r.i32() != 1 {
			t.Error("no answer to a select without end")
		}
		if r := w.i32(lwip, 0x15, n+1, some(set), some(set), null{}, some("\x00\x00\x00\x00\x00\x00\x00\x00")); r != 2 {
			t.Errorf("readable and writable: %d", r)
		}
	})
}

func TestOptionsOfAStream(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		n, _ := w.connect()
		for _, c := range [][3]int{{0xFFF, 4, 1}, {0xFFF, 8, 1}, {6, 1, 1}, {6, 3, 30}, {6, 4, 5}, {6, 5, 4}, {0, 1, 0x10}, {0, 2, 9}} {
			if r := w.i32(lwip, 0x07, n, c[0], c[1], le32(c[2]), uint32(4)); r != 0 {
				t.Errorf("setsockopt(%#x, %d) = %d, errno %d", c[0], c[1], r, w.errno())
			}
			if got := w.getsockopt(n, c[0], c[1]); got != c[2] {
				t.Errorf("getsockopt(%#x, %d) = %d, want %d", c[0], c[1], got, c[2])
			}
		}
		if r := w.i32(lwip, 0x07, n, 6, 2, le32(45000), uint32(4)); r != 0 || w.getsockopt(n, 6, 3) != 45 || w.getsockopt(n, 6, 2) != 45000 {
			t.Error("TCP_KEEPALIVE is not in milliseconds")
		}
		if got := w.getsockopt(n, 0xFFF, 0x1008); got != 1 {
			t.Errorf("SO_TYPE = %d", got)
		}
		for _, opt := range []int{0x80, 0x1001, 0x1002} {
			w.failed("an option that is not compiled in", w.i32(lwip, 0x07, n, 0xFFF, opt, le32(1), uint32(4)), 92)
		}
		w.failed("a value too short", w.i32(lwip, 0x07, n, 6, 1, []byte{1}, uint32(1)), 22)
		w.clean()
	})
}
