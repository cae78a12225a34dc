package nina_test

import (
	"net/netip"
	"testing"
	"testing/synctest"

	"github.com/netdev-go/netdev/sim/nina"
)

// open returns a socket that does not block.
func (w *world) open(stype byte) []byte {
	w.t.Helper()
	fd := b1(w.byteOf(0x70, b1(stype), b1(0)))
	w.setNonblock(fd)
	return fd
}

func (w *world) setNonblock(fd []byte) {
	w.t.Helper()
	if r := w.call(0x7B, fd, le4(0x8004667E), le4(1)); len(r) != 1 || len(r[0]) != 4 {
		w.t.Fatalf("FIONBIO is answered % X", r)
	}
}

// poll returns the bits of 0x7C that mean something.
func (w *world) poll(fd []byte) byte { w.t.Helper(); return w.byteOf(0x7C, fd) &^ 4 }

// dial returns a connected socket that does not block.
func (w *world) dial(to netip.AddrPort) []byte {
	w.t.Helper()
	fd := w.open(1)
	w.want(0x76, 0, fd, ip(to.Addr()), be(to.Port()))
	w.wantErrno(119)
	w.until("writable", func() bool { return w.poll(fd)&2 != 0 })
	if r := w.call(0x7E, fd, le4(0x1007), b1(4)); string(r[0]) != "\x00\x00\x00\x00" {
		w.t.Fatalf("SO_ERROR of a connection is % X", r)
	}
	return fd
}

func (w *world) accept(listener []byte) (fd []byte, peer netip.AddrPort) {
	w.t.Helper()
	w.until("readable", func() bool { return w.poll(listener)&1 != 0 })
	r := w.call(0x75, listener)
	if len(r) != 3 || r[0][0] == 255 {
		w.t.Fatalf("accept is answered % X", r)
	}
	w.setNonblock(r[0])
	return r[0], netip.AddrPortFrom(netip.AddrFrom4([4]byte(r[1])), uint16(r[2][1])<<8|uint16(r[2][0]))
}

func (w *world) send(fd []byte, text string) {
	w.t.Helper()
	if r := w.call(0x77, fd, []byte(text)); string(r[0]) != string(be(uint16(len(text)))) {
		w.t.Errorf("%d bytes sent are answered % X", len(text), r)
	}
}

func (w *world) recv(fd []byte) string {
	w.t.Helper()
	w.until("readable", func() bool { return w.poll(fd)&1 != 0 })
	return string(w.call(0x78, fd, le(4076))[0])
}

func TestABSDClientAndServer(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		h := w.host("peer")
		addr, err := h.Addr()
		must(t, err)
		l := listen(t, h, ":80")

		client := w.dial(netip.AddrPortFrom(addr, 80))
		far, err := l.Accept()
		must(t, err)
		w.send(client, "hello")
		w.want(0x71, 1, client)
		if got := fin(t, far); got != "hello" {
			t.Errorf("the peer has %q", got)
		}
		far.Close()

		server := w.open(1)
		w.want(0x73, 1, server, be(8080))
		w.want(0x74, 1, server, b1(1))
		r := w.call(0x75, server)
		if r[0][0] != 255 {
			t.Errorf("nobody is accepted as %d", r[0][0])
		}
		w.wantErrno(11)
		own, err := w.board.Addr()
		must(t, err)
		near := dial(t, h, netip.AddrPortFrom(own, 8080).String())
		conn, peer := w.accept(server)
		if peer.String() != near.LocalAddr().String() {
			t.Errorf("the client is %v, accepted as %v", near.LocalAddr(), peer)
		}
		near.Write([]byte("to the chip"))
		if got := w.recv(conn); got != "to the chip" {
			t.Errorf("received %q", got)
		}
		near.Close()
		synctest.Wait()
		w.until("FIN", func() bool { return w.poll(conn)&1 != 0 })
		if r := w.call(0x78, conn, le(100)); len(r[0]) != 0 {
			t.Errorf("after the FIN: % X", r)
		}
		w.wantErrno(128)
		w.noAbuse()
	})
}

func TestBSDDatagrams(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		h := w.host("peer")
		addr, err := h.Addr()
		must(t, err)
		fd := w.open(2)
		w.want(0x73, 1, fd, be(5000))
		peer := listenPacket(t, h, ":6000")
		if r := w.call(0x79, fd, ip(addr), be(6000), []byte("datagram")); string(r[0]) != "\x00\x08" {
			t.Errorf("sendto is answered % X", r)
		}
		b := make([]byte, 100)
		n, from, err := peer.ReadFrom(b)
		must(t, err)
		if string(b[:n]) != "datagram" {
			t.Errorf("the peer has %q", b[:n])
		}
		peer.WriteTo([]byte("a long reply"), from)
		peer.WriteTo(nil, from)
		w.until("readable", func() bool { return w.poll(fd)&1 != 0 })
		r := w.call(0x7A, fd, le(6))
		if string(r[0]) != string(ip(addr)) || string(r[1]) != string(le(6000)) || string(r[2]) != "a long" {
			t.Errorf("recvfrom is answered % X", r)
		}
		r = w.call(0x7A, fd, le(100))
		if string(r[0]) != string(ip(addr)) || len(r[2]) != 0 {
			t.Errorf("an empty datagram is answered % X", r)
		}
		w.wantErrno(0)
		w.call(0x7A, fd, le(100))
		w.wantErrno(11)
		w.noAbuse()
	})
}
