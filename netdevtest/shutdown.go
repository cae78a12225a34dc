package netdevtest

import (
	"errors"
	"io"

	"github.com/netdev-go/netdev"
)

var shutdownGroup = Group{
	Name: "Shutdown", Prefix: "SHUT", Capability: "Shutdowner", has: has[netdev.Shutdowner],
	Rules: []Rule{
		{
			ID: "SHUT-1", Name: "write side only", check: checkShutdownWrite,
			Text: "`SHUT_WR` sends a FIN after what `Send` took; receiving goes on.",
		},
		{
			ID: "SHUT-2", Name: "Send after SHUT_WR", check: checkShutdownSend,
			Text: "After `SHUT_WR` `Send` is `ErrBrokenPipe`.",
		},
		{
			ID: "SHUT-3", Name: "read side only", check: checkShutdownRead,
			Text: "After `SHUT_RD` `Recv` is `io.EOF` where nothing is waiting, a blocked one too; sending goes on.",
		},
		{
			ID: "SHUT-4", Name: "wakes Send", check: checkShutdownWakesSend,
			Text: "`SHUT_WR` wakes a blocked `Send` with `ErrBrokenPipe` and the count of what was taken.",
		},
		{
			ID: "SHUT-5", Name: "both", check: checkShutdownBoth,
			Text: "`SHUT_RDWR` is both; the descriptor stays until `Close`.",
		},
		{
			ID: "SHUT-6", Name: "wrong use", check: checkShutdownWrong,
			Text: "Another `how` is `ErrInvalid`; a stream that is not connected is `ErrNotConnected`.",
		},
	},
}

func checkShutdownWrite(t *trial) {
	fd, c := t.connected()
	data := pattern(20000, 1)
	t.sendAll(fd, data)
	t.must("Shutdown SHUT_WR", t.dev.Shutdown(fd, netdev.SHUT_WR))
	t.same("what was sent before SHUT_WR", t.peerEOF(c), data)
	t.peerSend(c, data)
	t.closeWrite(c)
	t.same("what came after SHUT_WR", t.recvEOF(fd), data)
}

func checkShutdownSend(t *trial) {
	fd, _ := t.connected()
	t.must("Shutdown SHUT_WR", t.dev.Shutdown(fd, netdev.SHUT_WR))
	n, err := t.dev.Send(fd, []byte("x"), 0, t.soonest())
	if n != 0 || !errors.Is(err, netdev.ErrBrokenPipe) {
		t.Fatalf("Send after SHUT_WR: %v, want 0, ErrBrokenPipe", result{n, err})
	}
}

func checkShutdownRead(t *trial) {
	fd, c := t.connected()
	p := t.waitRecv(fd, make([]byte, 10), never)
	t.must("Shutdown SHUT_RD", t.dev.Shutdown(fd, netdev.SHUT_RD))
	if res := p.soon(); res.n != 0 || res.err != io.EOF {
		t.Fatalf("Recv when SHUT_RD came: %v, want 0, EOF", res)
	}
	if n, err := t.dev.Recv(fd, make([]byte, 10), 0, t.soonest()); n != 0 || err != io.EOF {
		t.Fatalf("Recv after SHUT_RD: %v, want 0, EOF", result{n, err})
	}
	t.sendAll(fd, []byte("still here"))
	t.same("what was sent after SHUT_RD", t.peerRecv(c, 10), []byte("still here"))
}

func checkShutdownWakesSend(t *trial) {
	fd, c := t.connected()
	sent := t.stall(fd, c)
	more := pattern(bulk, 2)
	p := t.start("Send", func() (int, error) { return t.dev.Send(fd, more, 0, never) })
	p.blocked()
	t.must("Shutdown SHUT_WR", t.dev.Shutdown(fd, netdev.SHUT_WR))
	res := p.soon()
	if res.n < 0 || res.n >= len(more) || !errors.Is(res.err, netdev.ErrBrokenPipe) {
		t.Fatalf("Send when SHUT_WR came: %v, want what was taken, ErrBrokenPipe", res)
	}
	t.same("what Send took", t.peerEOF(c), append(sent, more[:res.n]...))
}

func checkShutdownBoth(t *trial) {
	fd, c := t.connected()
	t.must("Shutdown SHUT_RDWR", t.dev.Shutdown(fd, netdev.SHUT_RDWR))
	if n, err := t.dev.Recv(fd, make([]byte, 10), 0, t.soonest()); n != 0 || err != io.EOF {
		t.Fatalf("Recv after SHUT_RDWR: %v, want 0, EOF", result{n, err})
	}
	n, err := t.dev.Send(fd, []byte("x"), 0, t.soonest())
	if n != 0 || !errors.Is(err, netdev.ErrBrokenPipe) {
		t.Fatalf("Send after SHUT_RDWR: %v, want 0, ErrBrokenPipe", result{n, err})
	}
	t.peerEOF(c)
	t.close(fd)
}

func checkShutdownWrong(t *trial) {
	fd, c := t.connected()
	for _, how := range []int{-1, 3, 1 << 20} {
		t.want("Shutdown with an unknown how", t.dev.Shutdown(fd, how), netdev.ErrInvalid)
	}
	t.echo(fd, c, 1)
	t.want("Shutdown of a new stream", t.dev.Shutdown(t.stream(), netdev.SHUT_WR), netdev.ErrNotConnected)
}
