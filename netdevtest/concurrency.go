package netdevtest

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
)

var concurrencyGroup = Group{Name: "Concurrency", Prefix: "CONC", Rules: []Rule{
	{
		ID: "CONC-1", Name: "waiting delays nobody", check: checkWaitingDelaysNobody,
		Text: "A socket that waits in `Recv`, `Accept` or `Send` never delays another: no lock is held across a wait.",
	},
	{
		ID: "CONC-2", Name: "waiting Connect delays nobody", check: checkConnectDelaysNobody,
		Text: "A `Connect` that waits for an answer never delays another socket.",
	},
	{
		ID: "CONC-3", Name: "both directions at once", check: checkFullDuplex,
		Text: "One socket may send and receive at the same time; neither direction waits for the other.",
	},
	{
		ID: "CONC-4", Name: "any method from any goroutine", check: checkAnyMethod,
		Text: "Any method may be called from any goroutine at any time, also on a socket that another one is closing.",
	},
	{
		ID: "CONC-5", Name: "several Accepts", check: checkManyAccepts,
		Text: "Several `Accept` calls may wait on one listener; each connection goes to one of them.",
	},
	{
		ID: "CONC-6", Name: "several receivers of one stream", check: checkManyReceivers,
		Text: "Several `Recv` calls may wait on one stream; each byte goes to one of them.",
	},
}}

func checkWaitingDelaysNobody(t *trial) {
	type waiter struct {
		fd int
		p  *pending
	}
	var waiters []waiter

	fd, _ := t.connected()
	waiters = append(waiters, waiter{fd, t.waitRecv(fd, make([]byte, 1), never)})

	lfd, _ := t.listener(1)
	p := t.start("Accept", func() (int, error) {
		fd, _, err := t.dev.Accept(lfd)
		return fd, err
	})
	p.blocked()
	waiters = append(waiters, waiter{lfd, p})

	sfd, c := t.connected()
	t.stall(sfd, c)
	p = t.start("Send", func() (int, error) { return t.dev.Send(sfd, make([]byte, bulk), 0, never) })
	p.blocked()
	waiters = append(waiters, waiter{sfd, p})

	t.worksBeside("Recv, Accept and Send wait on three others")
	for _, w := range waiters {
		w.p.blocked()
		t.close(w.fd)
		if res := w.p.soon(); !errors.Is(res.err, netdev.ErrClosed) {
			t.Fatalf("%s whose socket was closed: %v, want ErrClosed", w.p.what, res)
		}
	}
}

// worksBeside uses a socket for a while, and fails when that takes too long.
func (t *trial) worksBeside(what string) {
	t.Helper()
	p := t.start("a new socket's life, while "+what, func() (int, error) {
		fd, c := t.connected()
		t.echo(fd, c, 1)
		t.close(fd)
		return 0, nil
	})
	if res := p.soon(); res.err != nil {
		t.FailNow() // it has said why
	}
}

func checkConnectDelaysNobody(t *trial) {
	fd, connect := t.silentConnect()
	t.worksBeside("Connect waits on another")
	connect.blocked()
	t.close(fd)
	connect.soon()
}

func checkFullDuplex(t *trial) {
	fd, c := t.connected()
	first := make([]byte, 1)
	waiting := t.waitRecv(fd, first, never)
	t.sendAll(fd, []byte("beside a Recv that waits"))
	t.peerRecv(c, len("beside a Recv that waits"))
	t.peerSend(c, []byte("x"))
	t.must(waiting.what, waiting.soon().err)

	out, back := pattern(bulk, 1), pattern(bulk, 2)
	var received []byte
	recv := t.start("Recv", func() (int, error) {
		received = t.recvN(fd, len(back))
		return len(received), nil
	})
	send := t.start("Send", func() (int, error) { return t.dev.Send(fd, out, 0, t.soonest()) })
	wrote := make(chan error, 1)
	go func() {
		_, err := c.Write(back)
		wrote <- err
	}()
	t.same("device to peer", t.peerRecv(c, len(out)), out)
	if res := send.wait(); res.n != len(out) || res.err != nil {
		t.Fatalf("Send of %d bytes beside Recv: %v", len(out), res)
	}
	if res := recv.wait(); res.err != nil {
		t.FailNow()
	}
	if err := <-wrote; err != nil {
		t.Fatalf("the peer could not write: %v", err)
	}
	t.same("peer to device", received, back)
}

// expected are the errors that a socket used by many may give: it was closed,
// or its peer is gone.
var expected = []error{
	netdev.ErrClosed, netdev.ErrInvalidSocketFd, netdev.ErrTimeout, netdev.ErrConnReset, netdev.ErrBrokenPipe,
	netdev.ErrNotSupported, netdev.ErrNotConnected, io.EOF,
}

func checkAnyMethod(t *trial) {
	const rounds = 6
	for range rounds {
		fd, c := t.connected()
		go io.Copy(io.Discard, c)
		go func() {
			for {
				if _, err := c.Write(make([]byte, 500)); err != nil {
					return
				}
			}
		}()
		var callers []*pending
		for range 3 {
			callers = append(callers,
				t.repeat("Send", func() error {
					_, err := t.dev.Send(fd, make([]byte, 700), 0, in(t.cfg.Pause))
					return err
				}),
				t.repeat("Recv", func() error {
					_, err := t.dev.Recv(fd, make([]byte, 300), 0, in(t.cfg.Pause))
					return err
				}),
				t.repeat("SetSockOpt", func() error {
					return t.dev.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, true)
				}))
		}
		other := t.datagram()
		time.Sleep(t.cfg.Pause / 2) // let them meet
		t.close(fd)
		for _, p := range callers {
			p.wait()
		}
		t.close(other)
		c.Close()
	}
}

// repeat calls until the socket is closed, and fails the trial at an error
// that no concurrent use explains.
func (t *trial) repeat(what string, call func() error) *pending {
	return t.start(what, func() (int, error) {
		for n := 0; ; n++ {
			err := call()
			if errors.Is(err, netdev.ErrClosed) || errors.Is(err, netdev.ErrInvalidSocketFd) {
				return n, nil
			}
			if err != nil {
				t.want(what+" beside other calls", err, expected...)
			}
		}
	})
}

func checkManyAccepts(t *trial) {
	const peers = 3
	lfd, addr := t.listener(peers)
	var mu sync.Mutex
	got := make(map[netip.AddrPort]int)
	var accepts []*pending
	for range peers {
		accepts = append(accepts, t.start("Accept", func() (int, error) {
			fd, from, err := t.dev.Accept(lfd)
			mu.Lock()
			defer mu.Unlock()
			got[from]++
			return fd, err
		}))
	}
	var conns []net.Conn
	for range peers {
		conns = append(conns, t.dial(addr))
	}
	for _, p := range accepts {
		t.must("Accept", p.soon().err)
		t.closeLater(p.n)
	}
	for _, c := range conns {
		if from := peerAddr(c.LocalAddr()); got[from] != 1 {
			t.Fatalf("the connection from %v was returned by %d of %d Accept calls, want 1", from, got[from], peers)
		}
	}
}

func checkManyReceivers(t *trial) {
	fd, c := t.connected()
	const size = 60000
	var mu sync.Mutex
	sum := 0
	var receivers []*pending
	for range 3 {
		receivers = append(receivers, t.start("Recv", func() (int, error) {
			total := 0
			buf := make([]byte, 700)
			for {
				n, err := t.dev.Recv(fd, buf, 0, t.soonest())
				total += n
				mu.Lock()
				for _, b := range buf[:n] {
					sum += int(b)
				}
				mu.Unlock()
				if err != nil {
					return total, err
				}
			}
		}))
	}
	data := pattern(size, 1)
	t.peerSend(c, data)
	t.closeWrite(c)
	total, want := 0, 0
	for _, p := range receivers {
		res := p.soon()
		t.want("Recv at the stream's end", res.err, io.EOF)
		total += res.n
	}
	for _, b := range data {
		want += int(b)
	}
	if total != size || sum != want {
		t.Fatalf("three receivers got %d bytes of sum %d, want %d of sum %d", total, sum, size, want)
	}
}
