package nina_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/netdev-go/netdev/sim/nina"
)

func TestOptions(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		fd := w.open(1)
		get := func(opt uint32, size byte) []byte { return w.call(0x7E, fd, le4(opt), b1(size))[0] }
		for _, bit := range []uint32{4, 8, 0x20} {
			if got := get(bit, 4); !bytes.Equal(got, le4(0)) {
				t.Errorf("option %X is % X at first", bit, got)
			}
			w.want(0x7D, 1, fd, le4(bit), le4(1))
			if got := get(bit, 4); !bytes.Equal(got, le4(bit)) {
				t.Errorf("option %X is % X", bit, got)
			}
		}
		for _, opt := range []uint32{0x1005, 0x1006} {
			value := append(le4(3), le4(500_000)...)
			w.want(0x7D, 1, fd, le4(opt), value)
			if got := get(opt, 8); !bytes.Equal(got, value) {
				t.Errorf("option %X is % X", opt, got)
			}
			w.want(0x7D, 0, fd, le4(opt), le4(1))
			w.wantErrno(22)
		}
		if got := get(0x1008, 4); !bytes.Equal(got, le4(1)) {
			t.Errorf("the type is % X", got)
		}
		if got := get(2, 4); !bytes.Equal(got, le4(0)) {
			t.Errorf("it listens: % X", got)
		}
		if got := get(0x1002, 4); !bytes.Equal(got, le4(5744)) {
			t.Errorf("the receive buffer is % X", got)
		}
		if got := get(0x1007, 2); len(got) != 0 {
			t.Errorf("an int in two bytes is % X", got)
		}
		w.wantErrno(22)
		// SO_LINGER is not built in, and there are no options of TCP.
		w.want(0x7D, 0, fd, le4(0x80), append(le4(1), le4(0)...))
		w.wantErrno(109)
		if got := get(0x80, 8); len(got) != 0 {
			t.Errorf("SO_LINGER is % X", got)
		}
		w.wantErrno(109)
		w.want(0x7D, 0, b1(60), le4(4), le4(1))
		w.wantErrno(9)
		if r := w.call(0x7B, fd, le4(0x12345678), le4(0)); len(r[0]) != 0 {
			t.Errorf("an ioctl that there is not is answered % X", r)
		}
		w.wantErrno(88)
		// Polling a socket that there is not is no error.
		for _, fd := range []byte{0, 53, 60, 63, 200} {
			w.want(0x7C, 0, b1(fd))
			w.wantErrno(0)
		}
		w.noAbuse()
	})
}

func TestSOErrorTellsOfTheLastCall(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		fd := w.open(2)
		w.call(0x78, fd, le(10))
		w.wantErrno(11)
		for _, want := range []byte{11, 0} {
			if r := w.call(0x7E, fd, le4(0x1007), b1(4)); r[0][0] != want {
				t.Errorf("SO_ERROR is % X, want %d", r, want)
			}
		}
	})
}

func TestSOErrorDoesNotTellOfAcceptWithoutAClient(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		fd := w.open(1)
		w.want(0x74, 1, fd, b1(1))
		w.call(0x75, fd)
		w.wantErrno(11)
		if r := w.call(0x7E, fd, le4(0x1007), b1(4)); r[0][0] != 0 {
			t.Errorf("SO_ERROR is % X", r)
		}
	})
}

func TestReceivingBlocksTheChipUntilTheTimeIsOver(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		h := w.host("peer")
		listen(t, h, ":80")
		addr, _ := h.Addr()
		fd := b1(w.byteOf(0x70, b1(1), b1(0)))
		w.want(0x76, 1, fd, ip(addr), be(80))
		w.want(0x7D, 1, fd, le4(0x1006), append(le4(3), le4(0)...))
		start := time.Now()
		if r := w.call(0x78, fd, le(10)); len(r[0]) != 0 {
			t.Errorf("received % X", r)
		}
		if d := time.Since(start); d.Round(100*time.Millisecond) != 3*time.Second {
			t.Errorf("after %v", d)
		}
		w.wantErrno(11)
		w.noAbuse()
	})
}

func TestSocketsBlockAtFirst(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		h := w.host("guest")
		server := b1(w.byteOf(0x70, b1(1), b1(0)))
		w.want(0x73, 1, server, be(80))
		w.want(0x74, 1, server, b1(1))
		w.begin(frame(0x75, server))
		time.Sleep(time.Hour)
		if !w.chip.Ready() {
			t.Fatal("accept does not wait")
		}
		c := dial(t, h, w.own(80))
		r := w.answer(0x75)
		if len(r) != 3 || r[0][0] != 55 {
			t.Fatalf("accepted: % X", r)
		}
		w.begin(frame(0x78, r[0], le(10)))
		time.Sleep(time.Hour)
		if !w.chip.Ready() {
			t.Fatal("recv does not wait")
		}
		c.Write([]byte("hello"))
		if r := w.answer(0x78); string(r[0]) != "hello" {
			t.Errorf("received %q", r)
		}
		// And so does connecting.
		peer, err := w.board.Peer()
		must(t, err)
		to := peer.BlackHole()
		fd := b1(w.byteOf(0x70, b1(1), b1(0)))
		start := time.Now()
		w.want(0x76, 0, fd, ip(to.Addr()), be(to.Port()))
		if d := time.Since(start); d.Round(time.Second) != 18*time.Second {
			t.Errorf("connecting to nobody takes %v", d) // six SYNs
		}
		w.noAbuse()
	})
}

func TestFirmwareBeforeBSDSockets(t *testing.T) {
	inWorld(t, nina.Config{Firmware: "1.4.8"}, func(t *testing.T, w *world) {
		w.vector("E0 37 00 EE", "E0 B7 01 06 31 2E 34 2E 38 00 EE 00")
		for cmd := byte(0x70); cmd < 0x80; cmd++ {
			if r := w.call(cmd, b1(1), b1(1)); r != nil {
				t.Errorf("command %02X is answered % X", cmd, r)
			}
		}
		if r := w.call(0x1E); r != nil {
			t.Errorf("command 1E is answered % X", r)
		}
		w.join()
		// Nobody asks whether a server can listen.
		w.legacyServer(80)
		w.want(0x28, 1, be(80), b1(1), b1(0))
		w.want(0x29, 0, b1(1))
		w.noAbuse()
	})
}

func TestCommandsThatThereAreNot(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		for _, cmd := range []byte{0x00, 0x0F, 0x13, 0x1C, 0x31, 0x38, 0x41, 0x47, 0x55, 0x60, 0x6F} {
			if r := w.call(cmd); r != nil {
				t.Errorf("command %02X is answered % X", cmd, r)
			}
		}
		w.vector("E0 80 00 EE", "EF 00 EE 00")
		w.vector("00 20 00 EE", "EF 00 EE 00")
		w.vector("E0 1B 00 EE", "E0 9B 01 04 00 00 A0 41 EE 00 00 00")
		w.want(0x17, 1, b1(1))
		w.want(0x1A, 1, b1(0))
		w.want(0x2A, 1, b1(0))
	})
}

func TestTheNumberOfParametersIsNotLookedAt(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.vector("E0 70 00 01 01 01 06 00", "E0 F0 01 01 36 EE 00 00")
		w.vector("E0 71 99 77 36 00 00 00", "E0 F1 01 01 01 EE 00 00")
	})
}
