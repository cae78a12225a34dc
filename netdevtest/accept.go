package netdevtest

import (
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

var acceptGroup = Group{Name: "Accept", Prefix: "ACC", Rules: []Rule{
	{
		ID: "ACC-1", Name: "new descriptor and the peer's address", check: checkAccept,
		Text: "`Accept` blocks until a peer is connected, and returns a new descriptor and the peer's address.",
	},
	{
		ID: "ACC-2", Name: "silent peer", check: checkAcceptSilent,
		Text: "`Accept` does not wait for the peer to speak.",
	},
	{
		ID: "ACC-3", Name: "dead in the backlog", check: checkAcceptDead,
		Text: "A connection that was reset before it was accepted is not returned.",
	},
	{
		ID: "ACC-4", Name: "Close wakes Accept", check: checkCloseWakesAccept,
		Text: "`Close` of the listener wakes `Accept` with `ErrClosed`.",
	},
	{
		ID: "ACC-5", Name: "each connection once", check: checkAcceptEach,
		Text: "Each connection in the backlog is returned once, with the data that its peer has sent, also when the peer has already closed.",
	},
	{
		ID: "ACC-6", Name: "connection outlives the listener", check: checkAcceptedOutlives,
		Text: "An accepted connection goes on when the listener is closed.",
	},
	{
		ID: "ACC-7", Name: "closed listener refuses", check: checkListenerGone,
		Text: "After `Close` of the listener nobody reaches its port.",
	},
	{
		ID: "ACC-8", Name: "Accept of what does not listen", check: checkAcceptNoListener,
		Text: "`Accept` on a socket that does not listen is `ErrInvalid`, or of a datagram socket `ErrNotSupported`; at once.",
	},
	{
		ID: "ACC-9", Name: "Listen on the wrong socket", check: checkListenWrong,
		Text: "`Listen` on a datagram socket is `ErrNotSupported`, on a connected stream `ErrInvalid`. On a stream that is not bound it takes an ephemeral port or is `ErrInvalid`.",
	},
	{
		ID: "ACC-10", Name: "small backlog", check: checkBacklog,
		Text: "Any `backlog` is taken: too large is what the device can, and 0 or less is 1.",
	},
}}

func checkAccept(t *trial) {
	lfd, addr := t.listener(4)
	var fd int
	var from netip.AddrPort
	p := t.start("Accept", func() (int, error) {
		var err error
		fd, from, err = t.dev.Accept(lfd)
		return fd, err
	})
	p.blocked()
	c := t.dial(addr)
	t.must("Accept", p.soon().err)
	t.closeLater(fd)
	if fd < 0 || fd == lfd {
		t.Fatalf("Accept on descriptor %d returned descriptor %d", lfd, fd)
	}
	if want := peerAddr(c.LocalAddr()); from != want {
		t.Fatalf("Accept returned the peer's address %v, want %v", from, want)
	}
	t.echo(fd, c, 1)
}

func checkAcceptSilent(t *trial) {
	lfd, addr := t.listener(4)
	c := t.dial(addr)
	p := t.start("Accept of a peer that keeps silent", func() (int, error) {
		fd, _, err := t.dev.Accept(lfd)
		return fd, err
	})
	t.must(p.what, p.soon().err)
	t.closeLater(p.n)
	t.sendAll(p.n, []byte("220 I speak first"))
	t.same("the first word", t.peerRecv(c, 17), []byte("220 I speak first"))
}

func checkAcceptDead(t *trial) {
	lfd, addr := t.listener(8)
	var dead []net.Conn
	for range 3 {
		dead = append(dead, t.dial(addr))
	}
	time.Sleep(t.cfg.Pause) // a device with a queue of its own has them there by now
	for _, c := range dead {
		t.reset(c)
	}
	c := t.dial(addr)
	fd, from := t.accept(lfd)
	if want := peerAddr(c.LocalAddr()); from != want {
		t.Fatalf("Accept returned %v, a connection that was reset in the backlog; %v lives", from, want)
	}
	t.echo(fd, c, 1)
}

func checkCloseWakesAccept(t *trial) {
	lfd, _ := t.listener(1)
	p := t.start("Accept", func() (int, error) {
		fd, _, err := t.dev.Accept(lfd)
		return fd, err
	})
	p.blocked()
	t.close(lfd)
	if res := p.wait(); !errors.Is(res.err, netdev.ErrClosed) {
		t.Fatalf("Accept whose listener was closed: %v, want -1, ErrClosed", res)
	}
}

func checkAcceptEach(t *trial) {
	const peers = 3
	lfd, addr := t.listener(peers + 1)
	sent := make(map[netip.AddrPort][]byte)
	for i := range peers {
		c := t.dial(addr)
		data := pattern(1000, uint64(i))
		t.peerSend(c, data)
		t.closeWrite(c)
		sent[peerAddr(c.LocalAddr())] = data
	}
	for range peers {
		fd, from := t.accept(lfd)
		data, ok := sent[from]
		if !ok {
			t.Fatalf("Accept returned %v twice, or out of nowhere", from)
		}
		delete(sent, from)
		t.same("what the peer sent before Accept", t.recvEOF(fd), data)
		t.close(fd)
	}
}

func checkAcceptedOutlives(t *trial) {
	lfd, addr := t.listener(1)
	c := t.dial(addr)
	fd, _ := t.accept(lfd)
	t.close(lfd)
	t.echo(fd, c, 1)
}

func checkListenerGone(t *trial) {
	lfd, addr := t.listener(1)
	t.close(lfd)
	if c, err := t.peer.DialContext(t.Context(), "tcp", addr.String()); err == nil {
		c.Close()
		t.Fatalf("a connection to %v was accepted after Close of the listener", addr)
	}
}

func checkAcceptNoListener(t *trial) {
	for _, s := range []struct {
		what string
		open func() int
		want []error
	}{
		{"a new stream", t.stream, []error{netdev.ErrInvalid}},
		{"a bound stream", func() int { fd := t.stream(); t.bind(fd); return fd }, []error{netdev.ErrInvalid}},
		{"a connected stream", func() int { fd, _ := t.connected(); return fd }, []error{netdev.ErrInvalid}},
		{"a datagram socket", t.datagram, []error{netdev.ErrInvalid, netdev.ErrNotSupported}},
	} {
		fd := s.open()
		_, _, err := t.dev.Accept(fd)
		t.want("Accept on "+s.what, err, s.want...)
		t.close(fd)
	}
}

func checkListenWrong(t *trial) {
	fd := t.datagram()
	t.bind(fd)
	t.want("Listen on a datagram socket", t.dev.Listen(fd, 1), netdev.ErrNotSupported)
	fd, c := t.connected()
	t.want("Listen on a connected stream", t.dev.Listen(fd, 1), netdev.ErrInvalid)
	t.echo(fd, c, 1)
	if err := t.dev.Listen(t.stream(), 1); err != nil {
		t.want("Listen on a stream that is not bound", err, netdev.ErrInvalid)
	}
}

func checkBacklog(t *trial) {
	for _, backlog := range []int{-1, 0, 1 << 30} {
		lfd, addr := t.listener(backlog)
		c := t.dial(addr)
		fd, _ := t.accept(lfd)
		t.echo(fd, c, 1)
		t.close(fd)
		t.close(lfd)
	}
}
