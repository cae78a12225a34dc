package nina_test

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/nina"
	"github.com/netdev-go/netdev/stack"
)

func TestThereAreTenSockets(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		server := w.open(1)
		w.want(0x73, 1, server, be(80))
		w.want(0x74, 1, server, b1(4))
		for i := byte(1); i < 9; i++ {
			w.want(0x70, 54+i, b1(2), b1(0))
		}
		h := w.host("peer")
		dial(t, h, w.own(80))
		if fd, _ := w.accept(server); fd[0] != 63 {
			t.Errorf("the tenth is %d", fd)
		}
		w.want(0x70, 255, b1(1), b1(0))
		w.wantErrno(23)
		// A legacy server has none either, and a slot.
		w.want(0x28, 0, be(81), b1(0), b1(0))
		// A client that there is none for is closed.
		c := dial(t, h, w.own(80))
		time.Sleep(time.Second)
		if r := w.call(0x75, server); r[0][0] != 255 {
			t.Errorf("it is accepted as %d", r[0][0])
		}
		w.wantErrno(23)
		if got := fin(t, c); got != "" {
			t.Errorf("it reads %q", got)
		}
		w.want(0x71, 1, b1(57))
		w.want(0x70, 57, b1(1), b1(0))
		w.want(0x71, 0, b1(64))
		w.wantErrno(9)
		w.noAbuse()
	})
}

func TestWhatASocketHolds(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		h := w.host("peer")
		l := listen(t, h, ":80")
		addr, _ := h.Addr()
		fd := w.dial(netip.AddrPortFrom(addr, 80))
		far, err := l.Accept()
		must(t, err)
		if r := w.call(0x77, fd, make([]byte, 4083)); !bytes.Equal(r[0], be(4083)) {
			t.Errorf("4083 bytes sent are answered % X", r)
		}
		// The buffer for what is not acknowledged has 5744.
		if r := w.call(0x77, fd, make([]byte, 4083)); int(r[0][0])<<8|int(r[0][1]) > 5744 {
			t.Errorf("4083 more are answered % X", r)
		}
		// And the window has as many.
		n := 0
		far.SetWriteDeadline(time.Now().Add(time.Hour))
		for range 3 {
			m, _ := far.Write(make([]byte, 5744/2))
			n += m
		}
		time.Sleep(time.Second)
		if r := w.call(0x7B, fd, le4(0x4004667F), le4(0)); !bytes.Equal(r[0], le4(5744)) {
			t.Errorf("FIONREAD is % X", r)
		}
		// A read is held to 4076, whatever is asked for.
		if r := w.call(0x78, fd, le(0xFFFF)); len(r[0]) != 4076 {
			t.Errorf("a read returns %d bytes", len(r[0]))
		}
		if r := w.call(0x78, fd, le(1000)); len(r[0]) != 1000 {
			t.Errorf("the next one %d", len(r[0]))
		}
		w.noAbuse()
	})
}

func TestASegmentHas1436Bytes(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		h := w.host("peer")
		addr, _ := h.Addr()
		l, err := h.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
		must(t, err)
		must(t, h.Bind(l, netip.AddrPortFrom(addr, 80)))
		must(t, h.Listen(l, 1))
		w.dial(netip.AddrPortFrom(addr, 80))
		c, _, err := h.Accept(l)
		must(t, err)
		// The peer counts without its timestamps.
		if n, err := h.GetSockOpt(c, netdev.SOL_TCP, netdev.TCP_MAXSEG); n != 1436-12 {
			t.Errorf("the peer sends as many as %v, %v", n, err)
		}
	})
}

func TestTheSendBufferHas5744Bytes(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		h, err := w.board.Host(stack.Config{Hostname: "small", RecvBuffer: 2000, MaxBuffer: 2000})
		must(t, err)
		must(t, h.NetConnect(nil))
		listen(t, h, ":80")
		addr, _ := h.Addr()
		slot := w.legacyDial(netip.AddrPortFrom(addr, 80))
		if n := w.fill(slot); n < 5744 || n > 5744+2000 {
			t.Errorf("it takes %d bytes for a peer that takes 2000 at most", n)
		}
	})
}

func TestGPIO0sTaskHasAnErrnoOfItsOwn(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.legacyServer(80) // which the task asks, and has EWOULDBLOCK of
		w.want(0x71, 0, b1(60))
		time.Sleep(time.Second)
		w.wantErrno(9)
	})
}

func TestADatagramThatNeedsFragments(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		h := w.host("peer")
		addr, _ := h.Addr()
		peer := listenPacket(t, h, ":6000")
		fd := w.open(2)
		w.want(0x73, 1, fd, be(5000))
		if r := w.call(0x79, fd, ip(addr), be(6000), make([]byte, 1472)); !bytes.Equal(r[0], be(1472)) {
			t.Errorf("1472 bytes are answered % X", r)
		}
		if r := w.call(0x79, fd, ip(addr), be(6000), make([]byte, 1473)); !bytes.Equal(r[0], be(0)) || w.errno() == 0 {
			t.Errorf("1473 bytes are answered % X", r)
		}
		to, err := netip.ParseAddrPort(w.own(5000))
		must(t, err)
		must(t, writeTo(peer, strings.Repeat("x", 1473), to))
		must(t, writeTo(peer, strings.Repeat("y", 1472), to))
		if got := w.recv(fd); got != strings.Repeat("y", 1472) {
			t.Errorf("received %d bytes, %.1q", len(got), got)
		}
		w.noAbuse()
	})
}

func TestADatagramSocketDoesNotHearOfARefusal(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		addr, _ := w.host("peer").Addr()
		fd := w.open(2)
		w.want(0x76, 1, fd, ip(addr), be(9))
		for range 2 {
			w.send(fd, "nobody is there")
			time.Sleep(time.Second)
		}
		w.call(0x78, fd, le(10))
		w.wantErrno(11)
		w.send(fd, "still nobody")
		w.noAbuse()
	})
}

func TestLengthsThatARealChipIsHurtBy(t *testing.T) {
	for name, command := range map[string][]byte{
		"a read":      frame(0x45, b1(0), le(4087)),
		"a recvfrom":  frame(0x7A, b1(54), le(4077)),
		"an SSID":     frame(0x10, make([]byte, 33)),
		"a secret":    frame(0x11, []byte("ssid"), make([]byte, 65)),
		"a send":      unhex(t, "E0 77 02 0001 36 0FF5 00 EE FFFF"),
		"a send too":  unhex(t, "E0 44 02 0001 00 0FF5 00 EE FFFF"),
		"an AP":       frame(0x18, make([]byte, 33), b1(1)),
		"an old join": frame(0x12, []byte("ssid"), b1(0), make([]byte, 27)),
	} {
		inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
			w.begin(command)
			time.Sleep(time.Second)
			if s := w.chip.Stats(); s.Abuse != 1 {
				t.Errorf("%s: %d abuses: %q", name, s.Abuse, s.Reasons)
			}
		})
	}
	for name, command := range map[string][]byte{
		"a read":     frame(0x45, b1(0), le(4086)),
		"a recv":     frame(0x78, b1(54), le(0xFFFF)),
		"a recvfrom": frame(0x7A, b1(54), le(4076)),
		"an SSID":    frame(0x10, make([]byte, 32)),
		"a secret":   frame(0x11, []byte("ssid"), make([]byte, 64)),
		"a send":     unhex(t, "E0 77 02 0001 36 0FF4 00 EE FFFF"),
	} {
		inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
			w.begin(command)
			w.end(4)
			if s := w.chip.Stats(); s.Abuse != 0 {
				t.Errorf("%s: %q", name, s.Reasons)
			}
		})
	}
}

func TestAReadThatOverrunsItsBuffer(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		h := w.host("peer")
		l := listen(t, h, ":80")
		addr, _ := h.Addr()
		slot := w.legacyDial(netip.AddrPortFrom(addr, 80))
		far, err := l.Accept()
		must(t, err)
		far.Write(make([]byte, 5000))
		time.Sleep(time.Second)
		w.begin(frame(0x45, b1(slot), le(5000)))
		w.waitReady()
		if s := w.chip.Stats(); s.Crashes != 1 {
			t.Errorf("%d crashes: %q", s.Crashes, s.Reasons)
		}
	})
}

func TestErrorsOfConnecting(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		fd := w.open(1)
		w.want(0x76, 0, fd, []byte{10, 0, 2, 1}, be(80))
		w.wantErrno(118) // there is no network
		w.want(0x71, 1, fd)
		w.join()
		peer, err := w.board.Peer()
		must(t, err)
		for _, test := range []struct {
			to   netip.AddrPort
			want byte
		}{{peer.Refused(), 111}, {peer.BlackHole(), 113}, {peer.Unreachable(), 118}} {
			fd := w.open(1)
			w.want(0x76, 0, fd, ip(test.to.Addr()), be(test.to.Port()))
			w.wantErrno(119)
			w.want(0x76, 0, fd, ip(test.to.Addr()), be(test.to.Port()))
			if e := w.errno(); e != 120 && e != 128 {
				t.Errorf("connecting once more is errno %d", e)
			}
			for range 1000 {
				if w.poll(fd) != 0 {
					break
				}
				time.Sleep(time.Second)
			}
			if p := w.poll(fd); p != 3 {
				t.Errorf("the failure is polled as %02X", p)
			}
			// The last call's error first, and then the connection's.
			w.call(0x7E, fd, le4(0x1007), b1(4))
			if r := w.call(0x7E, fd, le4(0x1007), b1(4)); r[0][0] != test.want {
				t.Errorf("SO_ERROR is % X, want %d", r, test.want)
			}
			w.want(0x71, 1, fd)
		}
		w.noAbuse()
	})
}

func TestARefusalMayBeAReset(t *testing.T) {
	inWorld(t, nina.Config{RefusedIsReset: true}, func(t *testing.T, w *world) {
		fd := w.byteOf(0x70, b1(1), b1(0))
		w.want(0x76, 0, b1(fd), []byte{127, 0, 0, 1}, be(80))
		w.wantErrno(104)
	})
}

func TestAResetIsTold(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		h := w.host("peer")
		l := listen(t, h, ":80")
		addr, _ := h.Addr()
		fd := w.dial(netip.AddrPortFrom(addr, 80))
		far, err := l.Accept()
		must(t, err)
		must(t, far.(interface{ SetLinger(int) error }).SetLinger(0))
		far.Close()
		time.Sleep(time.Second)
		for range 2 {
			if r := w.call(0x78, fd, le(10)); len(r[0]) != 0 {
				t.Errorf("received % X", r)
			}
			w.wantErrno(104)
			if r := w.call(0x77, fd, []byte("x")); !bytes.Equal(r[0], be(0)) {
				t.Errorf("sent % X", r)
			}
			w.wantErrno(104)
		}
		w.want(0x7C, 7, fd)
		if r := w.call(0x7F, fd); r[0][0] != 0 {
			t.Errorf("its peer is % X", r)
		}
	})
}

func TestTheFINIsToldOnce(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		h := w.host("peer")
		l := listen(t, h, ":80")
		addr, _ := h.Addr()
		fd := w.dial(netip.AddrPortFrom(addr, 80))
		far, err := l.Accept()
		must(t, err)
		must(t, far.(interface{ CloseWrite() error }).CloseWrite())
		time.Sleep(time.Second)
		w.call(0x78, fd, le(10))
		w.wantErrno(128)
		w.call(0x78, fd, le(10))
		w.wantErrno(11)
		if p := w.poll(fd); p != 2 {
			t.Errorf("polled as %02X", p)
		}
		w.call(0x7B, fd, le4(0x8004667E), le4(0)) // a call that blocks is told again
		w.call(0x78, fd, le(10))
		w.wantErrno(128)
		w.send(fd, "the other direction")
		w.want(0x71, 1, fd)
		if got := fin(t, far); got != "the other direction" {
			t.Errorf("the peer has %q", got)
		}
	})
}
