package netdevtest

import (
	"bytes"
	"errors"
	"io"

	"github.com/netdev-go/netdev"
)

var sendGroup = Group{Name: "Send", Prefix: "SEND", Rules: []Rule{
	{
		ID: "SEND-1", Name: "all bytes in order", check: checkSendBulk,
		Text: "What `Send` takes reaches the peer whole and in order.",
	},
	{
		ID: "SEND-2", Name: "waits until all is taken", check: checkSendWaits,
		Text: "On a stream `Send` blocks until all of `buf` is taken; without an error it never returns less than `len(buf)`.",
	},
	{
		ID: "SEND-3", Name: "true count beside an error", check: checkSendCount,
		Text: "Beside an error `Send` returns how many bytes were taken: those reach the peer, and no others.",
	},
	{
		ID: "SEND-4", Name: "buffer is the caller's again", check: checkSendBuffer,
		Text: "When `Send` returns, `buf` belongs to the caller again, who may write to it.",
	},
	{
		ID: "SEND-5", Name: "nothing to send", check: checkSendEmpty,
		Text: "`Send` of an empty or nil buffer on a stream is 0 and nil, at once.",
	},
	{
		ID: "SEND-6", Name: "datagram whole", check: checkSendDatagram,
		Text: "A datagram goes out whole and by itself.",
	},
	{
		ID: "SEND-7", Name: "datagram too long", check: checkSendTooLong,
		Text: "A datagram that is too long is `ErrMessageTooLong`, and nothing of it goes out.",
	},
	{
		ID: "SEND-8", Name: "empty datagram", check: checkSendEmptyDatagram,
		Text: "An empty buffer on a datagram socket is sent as an empty datagram.",
	},
	{
		ID: "SEND-9", Name: "not connected", check: checkSendNotConnected,
		Text: "`Send` on a stream that is not connected is `ErrNotConnected` or `ErrBrokenPipe`; on a datagram socket without a peer it is `ErrDestAddrRequired` or `ErrNotConnected`.",
	},
	{
		ID: "SEND-10", Name: "after a reset", check: checkSendAfterReset,
		Text: "After the peer's reset `Send` is `ErrConnReset` or `ErrBrokenPipe`.",
	},
	{
		ID: "SEND-11", Name: "after the peer's FIN", check: checkSendAfterFIN,
		Text: "The peer's FIN ends only its own direction: `Send` goes on.",
	},
}}

func checkSendBulk(t *trial) {
	fd, c := t.connected()
	data := pattern(bulk, 1)
	p := t.start("Send", func() (int, error) { return t.dev.Send(fd, data, 0, t.soonest()) })
	got := t.peerRecv(c, len(data))
	if res := p.wait(); res.n != len(data) || res.err != nil {
		t.Fatalf("Send of %d bytes: %v", len(data), res)
	}
	t.same("a long Send", got, data)
}

func checkSendWaits(t *trial) {
	fd, c := t.connected()
	sent := t.stall(fd, c)
	more := pattern(bulk, 2)
	p := t.start("Send to a peer that does not read", func() (int, error) {
		return t.dev.Send(fd, more, 0, never)
	})
	p.blocked()
	got := t.peerRecv(c, len(sent)+len(more))
	if res := p.soon(); res.n != len(more) || res.err != nil {
		t.Fatalf("Send of %d bytes, while the peer read: %v, want %d, nil", len(more), res, len(more))
	}
	t.same("what Send took", got, append(sent, more...))
}

func checkSendCount(t *trial) {
	fd, c := t.connected()
	sent := t.stall(fd, c)
	// A second time, with no room at all to begin with.
	more := pattern(bulk, 2)
	n, err := t.dev.Send(fd, more, 0, in(t.cfg.Pause))
	if n < 0 || n >= len(more) || !errors.Is(err, netdev.ErrTimeout) {
		t.Fatalf("Send of %d bytes to a peer that does not read: %v, want less, ErrTimeout", len(more), result{n, err})
	}
	sent = append(sent, more[:n]...)
	rest := make(chan []byte, 1)
	go func() {
		data, _ := io.ReadAll(c)
		rest <- data
	}()
	last := []byte("and this")
	t.sendAll(fd, last)
	t.close(fd)
	t.same("what Send took", <-rest, append(sent, last...))
}

func checkSendBuffer(t *trial) {
	fd, c := t.connected()
	ufd, _, pc := t.udp()
	buf := make([]byte, 1000)
	for i := range 20 {
		want := pattern(len(buf), uint64(i))
		copy(buf, want)
		t.sendAll(fd, buf)
		clear(buf)
		t.same("bytes whose buffer was cleared after Send", t.peerRecv(c, len(buf)), want)
		copy(buf, want)
		t.sendAll(ufd, buf)
		clear(buf)
		got, _ := t.heard(pc)
		t.same("a datagram whose buffer was cleared after Send", got, want)
	}
}

func checkSendEmpty(t *trial) {
	fd, c := t.connected()
	for _, buf := range [][]byte{nil, {}} {
		if n, err := t.dev.Send(fd, buf, 0, never); n != 0 || err != nil {
			t.Fatalf("Send of nothing: %v, want 0, nil", result{n, err})
		}
	}
	t.echo(fd, c, 1)
}

func checkSendDatagram(t *trial) {
	fd, _, pc := t.udp()
	for i, size := range []int{1, 2, 512, 1400} {
		data := pattern(size, uint64(i))
		t.sendAll(fd, data)
		got, _ := t.heard(pc)
		t.same("a datagram", got, data)
	}
}

func checkSendTooLong(t *trial) {
	fd, _, pc := t.udp()
	n, err := t.dev.Send(fd, make([]byte, 70000), 0, t.soonest())
	if n != 0 || !errors.Is(err, netdev.ErrMessageTooLong) {
		t.Fatalf("Send of a datagram of 70000 bytes: %v, want 0, ErrMessageTooLong", result{n, err})
	}
	t.sendAll(fd, []byte("next"))
	got, _ := t.heard(pc)
	t.same("the datagram after one that was too long", got, []byte("next"))
}

func checkSendEmptyDatagram(t *trial) {
	fd, _, pc := t.udp()
	t.sendAll(fd, nil)
	t.sendAll(fd, []byte("next"))
	if got, _ := t.heard(pc); len(got) != 0 {
		t.Fatalf("instead of an empty datagram the peer heard %q", got)
	}
}

func checkSendNotConnected(t *trial) {
	n, err := t.dev.Send(t.stream(), []byte("x"), 0, t.soonest())
	t.want("Send on a new stream", err, netdev.ErrNotConnected, netdev.ErrBrokenPipe)
	if n != 0 {
		t.Fatalf("Send on a new stream took %d bytes", n)
	}
	n, err = t.dev.Send(t.datagram(), []byte("x"), 0, t.soonest())
	t.want("Send on a new datagram socket", err, netdev.ErrDestAddrRequired, netdev.ErrNotConnected)
	if n != 0 {
		t.Fatalf("Send on a new datagram socket took %d bytes", n)
	}
}

func checkSendAfterReset(t *trial) {
	fd, c := t.connected()
	t.reset(c)
	// The reset may still be on its way, and the error is then the next one's.
	until := t.soonest()
	for {
		n, err := t.dev.Send(fd, []byte("x"), 0, until)
		if err != nil {
			t.want("Send after a reset", err, netdev.ErrConnReset, netdev.ErrBrokenPipe)
			if n != 0 {
				t.Fatalf("Send after a reset took %d bytes", n)
			}
			return
		}
	}
}

func checkSendAfterFIN(t *trial) {
	fd, c := t.connected()
	t.closeWrite(c)
	if rest := t.recvEOF(fd); len(rest) > 0 {
		t.Fatalf("Recv got %q from a peer that sent nothing", rest)
	}
	data := bytes.Repeat([]byte("still here "), 100)
	t.sendAll(fd, data)
	t.same("bytes after the peer's FIN", t.peerRecv(c, len(data)), data)
}
