package netdevtest

import (
	"errors"
	"math"
	"net"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
)

var closeGroup = Group{Name: "Close", Prefix: "CLOSE", Rules: []Rule{
	{
		ID: "CLOSE-1", Name: "wakes Recv", check: checkCloseWakesRecv,
		Text: "`Close` wakes every `Recv` that is blocked on the descriptor with `ErrClosed`, on streams and datagram sockets.",
	},
	{
		ID: "CLOSE-2", Name: "wakes Send", check: checkCloseWakesSend,
		Text: "`Close` wakes a blocked `Send` with `ErrClosed` and the count of what was taken.",
	},
	{
		ID: "CLOSE-3", Name: "closed descriptor", check: checkClosedDescriptor,
		Text: "After `Close` the descriptor is `ErrInvalidSocketFd` for every method, `Close` too.",
	},
	{
		ID: "CLOSE-4", Name: "descriptor that never was", check: checkUnknownDescriptor,
		Text: "A number that is no descriptor is `ErrInvalidSocketFd` for every method, whatever the number.",
	},
	{
		ID: "CLOSE-5", Name: "descriptor generations", check: checkGenerations,
		Text: "A descriptor number that is used again never touches the old connection, nor the old connection's calls the new one.",
	},
	{
		ID: "CLOSE-6", Name: "sent data is delivered", check: checkCloseDelivers,
		Text: "What `Send` took before `Close` still reaches the peer, and then a FIN.",
	},
	{
		ID: "CLOSE-7", Name: "does not wait", check: checkCloseDoesNotWait,
		Text: "`Close` does not wait for the peer, also with data not yet delivered.",
	},
	{
		ID: "CLOSE-8", Name: "one Close of many", check: checkCloseRace,
		Text: "Of several `Close` calls on one descriptor at the same time one returns nil, the others `ErrInvalidSocketFd`.",
	},
}}

// wakesAll starts several Recv on fd, closes it and looks at what they return.
func (t *trial) wakesAll(fd int) {
	t.Helper()
	var waiting []*pending
	for range 3 {
		waiting = append(waiting, t.start("Recv", func() (int, error) {
			return t.dev.Recv(fd, make([]byte, 10), 0, never)
		}))
	}
	for _, p := range waiting {
		p.blocked()
	}
	t.close(fd)
	for _, p := range waiting {
		if res := p.soon(); res.n != 0 || !errors.Is(res.err, netdev.ErrClosed) {
			t.Fatalf("Recv whose socket was closed: %v, want 0, ErrClosed", res)
		}
	}
}

func checkCloseWakesRecv(t *trial) {
	fd, _ := t.connected()
	t.wakesAll(fd)
	fd, _ = t.accepted()
	t.wakesAll(fd)
	fd, _, _ = t.udp()
	t.wakesAll(fd)
}

func checkCloseWakesSend(t *trial) {
	fd, c := t.connected()
	sent := t.stall(fd, c)
	more := pattern(bulk, 2)
	p := t.start("Send", func() (int, error) { return t.dev.Send(fd, more, 0, never) })
	p.blocked()
	t.close(fd)
	res := p.soon()
	if res.n < 0 || res.n >= len(more) || !errors.Is(res.err, netdev.ErrClosed) {
		t.Fatalf("Send whose socket was closed: %v, want what was taken, ErrClosed", res)
	}
	t.same("what Send took", t.peerEOF(c), append(sent, more[:res.n]...))
}

// A namedCall is one method with arguments that are right but for the descriptor.
type namedCall struct {
	name string
	call func(fd int) error
}

// calls are all methods that take a descriptor.
func (t *trial) calls() []namedCall {
	w, addr, buf := t.dev, t.local(0), make([]byte, 1)
	calls := []namedCall{
		{"Bind", func(fd int) error { return w.Bind(fd, addr) }},
		{"Connect", func(fd int) error { return w.Connect(fd, "", addr) }},
		{"Listen", func(fd int) error { return w.Listen(fd, 1) }},
		{"Accept", func(fd int) error { _, _, err := w.Accept(fd); return err }},
		{"Send", func(fd int) error { _, err := w.Send(fd, buf, 0, never); return err }},
		{"Send of nothing", func(fd int) error { _, err := w.Send(fd, nil, 0, never); return err }},
		{"Recv", func(fd int) error { _, err := w.Recv(fd, buf, 0, never); return err }},
		{"Recv into nothing", func(fd int) error { _, err := w.Recv(fd, nil, 0, never); return err }},
		{"SetSockOpt", func(fd int) error { return w.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, true) }},
		{"Close", func(fd int) error { return w.Close(fd) }},
	}
	if w.packet != nil {
		calls = append(calls,
			namedCall{"SendTo", func(fd int) error { _, err := w.SendTo(fd, buf, 0, addr, never); return err }},
			namedCall{"RecvFrom", func(fd int) error { _, _, err := w.RecvFrom(fd, buf, 0, never); return err }})
	}
	if w.namer != nil {
		calls = append(calls,
			namedCall{"GetSockName", func(fd int) error { _, err := w.GetSockName(fd); return err }},
			namedCall{"GetPeerName", func(fd int) error { _, err := w.GetPeerName(fd); return err }})
	}
	if w.shutdown != nil {
		calls = append(calls, namedCall{"Shutdown", func(fd int) error { return w.Shutdown(fd, netdev.SHUT_WR) }})
	}
	if w.opts != nil {
		calls = append(calls, namedCall{"GetSockOpt", func(fd int) error {
			_, err := w.GetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_TYPE)
			return err
		}})
	}
	if w.connecter != nil {
		calls = append(calls, namedCall{"ConnectContext", func(fd int) error {
			return w.ConnectContext(t.Context(), fd, "", addr)
		}})
	}
	if w.poller != nil {
		calls = append(calls,
			namedCall{"Poll", func(fd int) error { _, err := w.Poll(fd); return err }},
			namedCall{"PollNotify", func(fd int) error { return w.PollNotify(fd, func() {}) }},
			namedCall{"SetNonblock", func(fd int) error { return w.SetNonblock(fd, true) }})
	}
	return calls
}

// invalid calls every method with fd, which is no descriptor.
func (t *trial) invalid(fd int) {
	t.Helper()
	for _, c := range t.calls() {
		p := t.start(c.name, func() (int, error) { return 0, c.call(fd) })
		if err := p.soon().err; !errors.Is(err, netdev.ErrInvalidSocketFd) {
			t.Fatalf("%s on descriptor %d, which is not open: %s, want ErrInvalidSocketFd", c.name, fd, describe(err))
		}
	}
}

func checkClosedDescriptor(t *trial) {
	connected, _ := t.connected()
	listener, _ := t.listener(1)
	datagram := t.datagram()
	for _, fd := range []int{connected, listener, datagram} {
		t.close(fd)
	}
	for _, fd := range []int{connected, listener, datagram} {
		t.invalid(fd)
	}
}

func checkUnknownDescriptor(t *trial) {
	for _, fd := range []int{-1, -2, 1 << 20, math.MaxInt32, math.MaxInt, math.MinInt} {
		t.invalid(fd)
	}
}

func checkGenerations(t *trial) {
	for range 4 {
		fd, c := t.connected()
		old := make([]byte, 10)
		p := t.start("Recv on a descriptor that is closed and used again", func() (int, error) {
			return t.dev.Recv(fd, old, 0, never)
		})
		p.blocked() // or it would rightly be the new socket's
		t.close(fd)
		next, fresh := t.connected()
		t.peerSend(fresh, []byte("for the new"))
		if res := p.soon(); res.n != 0 || !errors.Is(res.err, netdev.ErrClosed) {
			t.Fatalf("%s: %v %q, want 0, ErrClosed", p.what, res, old[:max(res.n, 0)])
		}
		t.same("the new connection's data", t.recvN(next, 11), []byte("for the new"))
		c.Write([]byte("for the old"))
		if n, err := t.dev.Recv(next, make([]byte, 20), 0, in(t.cfg.Pause/3)); n != 0 || !errors.Is(err, netdev.ErrTimeout) {
			t.Fatalf("Recv on the new connection, when the old one's peer had written: %v, want 0, ErrTimeout", result{n, err})
		}
		t.close(next)
		c.Close()
		fresh.Close()
	}
}

func checkCloseDelivers(t *trial) {
	for _, open := range []func() (int, net.Conn){t.connected, t.accepted} {
		fd, c := open()
		data := pattern(20000, 1)
		t.sendAll(fd, data)
		t.close(fd)
		t.same("what was sent before Close", t.peerEOF(c), data)
	}
}

func checkCloseDoesNotWait(t *trial) {
	fd, c := t.connected()
	t.stall(fd, c)
	p := t.start("Close with data that the peer does not read", func() (int, error) { return 0, t.dev.Close(fd) })
	start := time.Now()
	t.must(p.what, p.soon().err)
	if took := time.Since(start); took > t.cfg.Timeout/2 {
		t.Fatalf("%s took %v", p.what, took)
	}
}

func checkCloseRace(t *trial) {
	for range 10 {
		fd := t.datagram()
		errs := make([]error, 4)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { errs[i] = t.dev.Close(fd) })
		}
		wg.Wait()
		closed := 0
		for _, err := range errs {
			if err == nil {
				closed++
			} else {
				t.want("Close beside another Close", err, netdev.ErrInvalidSocketFd)
			}
		}
		if closed != 1 {
			t.Fatalf("%d of %d Close calls on one descriptor returned nil", closed, len(errs))
		}
	}
}
