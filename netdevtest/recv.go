package netdevtest

import (
	"bytes"
	"errors"
	"io"

	"github.com/netdev-go/netdev"
)

var recvGroup = Group{Name: "Recv", Prefix: "RECV", Rules: []Rule{
	{
		ID: "RECV-1", Name: "what is there", check: checkRecvSome,
		Text: "On a stream `Recv` returns 1 to `len(buf)` bytes as soon as there are any; it does not wait for more.",
	},
	{
		ID: "RECV-2", Name: "EOF after FIN", check: checkRecvEOF,
		Text: "After the peer's FIN, and what came before it, `Recv` is 0 and `io.EOF`, each time it is called.",
	},
	{
		ID: "RECV-3", Name: "EOF is FIN only", check: checkRecvTimeoutNotEOF,
		Text: "Nothing but a FIN is `io.EOF`: a deadline that passes is `ErrTimeout`, and the stream goes on.",
	},
	{
		ID: "RECV-4", Name: "reset is not EOF", check: checkRecvReset,
		Text: "A connection that the peer reset is `ErrConnReset`, never `io.EOF`.",
	},
	{
		ID: "RECV-5", Name: "a datagram's rest", check: checkRecvTruncates,
		Text: "On a datagram socket `Recv` returns one datagram. A rest that `buf` has no room for is dropped, never handed out as the next one.",
	},
	{
		ID: "RECV-6", Name: "empty datagram", check: checkRecvEmptyDatagram,
		Text: "An empty datagram is 0 and nil.",
	},
	{
		ID: "RECV-7", Name: "empty buffer", check: checkRecvEmptyBuffer,
		Text: "`Recv` into an empty or nil buffer on a stream is 0 and nil, at once.",
	},
	{
		ID: "RECV-8", Name: "only the buffer", check: checkRecvOnlyBuffer,
		Text: "`Recv` writes to `buf[:n]` alone, and to nothing after it has returned.",
	},
	{
		ID: "RECV-9", Name: "not connected", check: checkRecvNotConnected,
		Text: "`Recv` on a stream that is not connected is `ErrNotConnected`.",
	},
	{
		ID: "RECV-10", Name: "stream in pieces", check: checkRecvPieces,
		Text: "However small the buffers, no byte of a stream is lost or doubled.",
	},
	{
		ID: "RECV-11", Name: "flags are heeded", check: checkRecvFlags,
		Text: "A flag that the device does not know is `ErrNotSupported`; none is ignored.",
	},
}}

func checkRecvSome(t *trial) {
	fd, c := t.connected()
	buf := make([]byte, 4096)
	p := t.waitRecv(fd, buf, never)
	t.peerSend(c, []byte("some"))
	res := p.soon()
	if res.err != nil || res.n < 1 || res.n > 4 {
		t.Fatalf("Recv of 4096 bytes where 4 had come: %v, want 1 to 4, nil", res)
	}
	got := append(buf[:res.n:res.n], t.recvN(fd, 4-res.n)...)
	t.same("what the peer sent", got, []byte("some"))
}

func checkRecvEOF(t *trial) {
	for _, open := range []func() int{
		func() int {
			fd, c := t.connected()
			t.peerSend(c, []byte("last words"))
			t.closeWrite(c)
			return fd
		},
		func() int {
			fd, c := t.accepted()
			t.peerSend(c, []byte("last words"))
			c.Close()
			return fd
		},
	} {
		fd := open()
		t.same("what came before the FIN", t.recvEOF(fd), []byte("last words"))
		for range 3 {
			if n, err := t.dev.Recv(fd, make([]byte, 10), 0, t.soonest()); n != 0 || err != io.EOF {
				t.Fatalf("Recv once more after EOF: %v, want 0, EOF", result{n, err})
			}
		}
		t.close(fd)
	}
}

func checkRecvTimeoutNotEOF(t *trial) {
	fd, c := t.connected()
	for range 2 {
		n, err := t.dev.Recv(fd, make([]byte, 10), 0, in(t.cfg.Pause))
		if n != 0 || !errors.Is(err, netdev.ErrTimeout) {
			t.Fatalf("Recv where nothing came: %v, want 0, ErrTimeout", result{n, err})
		}
	}
	t.echo(fd, c, 1)
}

func checkRecvReset(t *trial) {
	fd, c := t.connected()
	p := t.waitRecv(fd, make([]byte, 10), never)
	t.reset(c)
	if res := p.soon(); res.n != 0 || !errors.Is(res.err, netdev.ErrConnReset) {
		t.Fatalf("Recv when the peer reset the connection: %v, want 0, ErrConnReset", res)
	}

	fd, c = t.accepted()
	t.reset(c)
	n, err := t.dev.Recv(fd, make([]byte, 10), 0, t.soonest())
	if n != 0 || !errors.Is(err, netdev.ErrConnReset) {
		t.Fatalf("Recv after the peer reset the connection: %v, want 0, ErrConnReset", result{n, err})
	}
}

func checkRecvTruncates(t *trial) {
	fd, addr, pc := t.udp()
	t.tell(pc, addr, []byte("a long datagram"))
	t.tell(pc, addr, []byte("next"))
	buf := make([]byte, 6)
	for _, want := range []string{"a long", "next"} {
		n, err := t.dev.Recv(fd, buf, 0, t.soonest())
		if err != nil || string(buf[:max(n, 0)]) != want {
			t.Fatalf("Recv with room for 6 bytes, of \"a long datagram\" and then \"next\": %v %q, want %q",
				result{n, err}, buf[:max(n, 0)], want)
		}
	}
}

func checkRecvEmptyDatagram(t *trial) {
	fd, addr, pc := t.udp()
	t.tell(pc, addr, nil)
	t.tell(pc, addr, []byte("next"))
	buf := make([]byte, 10)
	if n, err := t.dev.Recv(fd, buf, 0, t.soonest()); n != 0 || err != nil {
		t.Fatalf("Recv of an empty datagram: %v, want 0, nil", result{n, err})
	}
	if n, err := t.dev.Recv(fd, buf, 0, t.soonest()); n != 4 || err != nil {
		t.Fatalf("Recv of the datagram after an empty one: %v, want 4, nil", result{n, err})
	}
}

func checkRecvEmptyBuffer(t *trial) {
	fd, c := t.connected()
	for _, buf := range [][]byte{nil, {}} {
		if n, err := t.dev.Recv(fd, buf, 0, never); n != 0 || err != nil {
			t.Fatalf("Recv into an empty buffer: %v, want 0, nil", result{n, err})
		}
	}
	t.peerSend(c, []byte("data"))
	if n, err := t.dev.Recv(fd, nil, 0, never); n != 0 || err != nil {
		t.Fatalf("Recv into a nil buffer with data there: %v, want 0, nil", result{n, err})
	}
	t.same("what an empty Recv left", t.recvN(fd, 4), []byte("data"))
}

func checkRecvOnlyBuffer(t *trial) {
	fd, c := t.connected()
	ufd, addr, pc := t.udp()
	const room = 8
	for _, s := range []struct {
		fd   int
		tell func([]byte)
	}{
		{fd, func(data []byte) { t.peerSend(c, data) }},
		{ufd, func(data []byte) { t.tell(pc, addr, data) }},
	} {
		backing := bytes.Repeat([]byte{0xA5}, 64)
		_, err := t.dev.Recv(s.fd, backing[:room], 0, in(t.cfg.Pause))
		t.want("Recv where nothing came", err, netdev.ErrTimeout)
		s.tell(pattern(32, 1))
		other := bytes.Repeat([]byte{0xA5}, 64)
		n, err := t.dev.Recv(s.fd, other[:room], 0, t.soonest())
		t.must("Recv", err)
		if at := firstOther(backing, 0xA5); at >= 0 {
			t.Fatalf("Recv that had timed out wrote to byte %d of its buffer later", at)
		}
		if at := firstOther(other[n:], 0xA5); at >= 0 {
			t.Fatalf("Recv returned %d with room for %d, and wrote to byte %d", n, room, n+at)
		}
	}
}

// firstOther is where b is not fill, -1 for nowhere.
func firstOther(b []byte, fill byte) int {
	for i, v := range b {
		if v != fill {
			return i
		}
	}
	return -1
}

func checkRecvNotConnected(t *trial) {
	for what, open := range map[string]func() int{
		"a new stream": t.stream,
		"a listener":   func() int { fd, _ := t.listener(1); return fd },
	} {
		_, err := t.dev.Recv(open(), make([]byte, 1), 0, t.soonest())
		t.want("Recv on "+what, err, netdev.ErrNotConnected)
	}
}

func checkRecvPieces(t *trial) {
	fd, c := t.connected()
	data := pattern(5000, 1)
	t.peerSend(c, data)
	t.closeWrite(c)
	var got []byte
	for size := 1; ; size = size%7 + 1 {
		buf := make([]byte, size)
		n, err := t.dev.Recv(fd, buf, 0, t.soonest())
		if err == io.EOF {
			break
		}
		t.must("Recv", err)
		got = append(got, buf[:n]...)
	}
	t.same("a stream in pieces of 1 to 7 bytes", got, data)
}

func checkRecvFlags(t *trial) {
	fd, c := t.connected()
	p := t.start("Recv with MSG_DONTWAIT where nothing came", func() (int, error) {
		return t.dev.Recv(fd, make([]byte, 4), netdev.MSG_DONTWAIT, never)
	})
	t.want(p.what, p.soon().err, netdev.ErrWouldBlock, netdev.ErrNotSupported)

	t.peerSend(c, []byte("peek"))
	buf := make([]byte, 4)
	p = t.start("Recv with MSG_PEEK", func() (int, error) {
		return t.dev.Recv(fd, buf, netdev.MSG_PEEK, t.soonest())
	})
	if res := p.soon(); res.err != nil {
		t.want(p.what, res.err, netdev.ErrNotSupported)
	}
	t.same("what MSG_PEEK left", t.recvN(fd, 4), []byte("peek"))

	const unknown = 1 << 28
	_, err := t.dev.Recv(fd, buf, unknown, in(t.cfg.Pause))
	t.want("Recv with an unknown flag", err, netdev.ErrNotSupported)
	_, err = t.dev.Send(fd, buf, unknown, in(t.cfg.Pause))
	t.want("Send with an unknown flag", err, netdev.ErrNotSupported)
}
