package netdevtest

import (
	"context"
	"errors"
	"time"

	"github.com/netdev-go/netdev"
)

var contextConnectGroup = Group{
	Name: "ContextConnect", Prefix: "CTX", Capability: "ContextConnecter", has: has[netdev.ContextConnecter],
	Rules: []Rule{
		{
			ID: "CTX-1", Name: "connects", check: checkContextConnect,
			Text: "`ConnectContext` does what `Connect` does, and has its errors. The end of `ctx` after it has returned touches nothing.",
		},
		{
			ID: "CTX-2", Name: "cancelled", check: checkContextCancel,
			Text: "When `ctx` is cancelled it returns `context.Canceled`, and the socket can be closed.",
		},
		{
			ID: "CTX-3", Name: "deadline", check: checkContextDeadline,
			Text: "When the deadline of `ctx` passes it returns `context.DeadlineExceeded`.",
		},
		{
			ID: "CTX-4", Name: "done before", check: checkContextDone,
			Text: "With a `ctx` that is done it returns its error, and the peer hears nothing.",
		},
		{
			ID: "CTX-5", Name: "Close wakes it", check: checkContextClose,
			Text: "`Close` wakes it with `ErrClosed`.",
		},
	},
}

func checkContextConnect(t *trial) {
	ctx, cancel := context.WithCancel(t.Context())
	ln, addr := t.peerListener(inet)
	fd := t.stream()
	t.must("ConnectContext", t.dev.ConnectContext(ctx, fd, "", addr))
	c := t.acceptPeer(ln)
	cancel()
	p := t.waitRecv(fd, make([]byte, 1), never)
	t.peerSend(c, []byte("x"))
	t.must("Recv after the context's end", p.soon().err)
	t.echo(fd, c, 1)

	if addr := t.peer.Refused(); addr.IsValid() {
		err := t.dev.ConnectContext(t.Context(), t.stream(), "", addr)
		t.want("ConnectContext to a port where nobody listens", err, netdev.ErrConnRefused)
	}
}

// silentConnectContext starts a ConnectContext that nobody answers.
func (t *trial) silentConnectContext(ctx context.Context) (int, *pending) {
	t.Helper()
	addr := t.peer.BlackHole()
	if !addr.IsValid() {
		t.Skip("the network has no address that keeps silent")
	}
	fd := t.stream()
	return fd, t.start("ConnectContext to an address that keeps silent", func() (int, error) {
		return 0, t.dev.ConnectContext(ctx, fd, "", addr)
	})
}

func checkContextCancel(t *trial) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	fd, p := t.silentConnectContext(ctx)
	p.blocked()
	cancel()
	t.want("ConnectContext when its context was cancelled", p.soon().err, context.Canceled)
	t.close(fd)
}

func checkContextDeadline(t *trial) {
	start := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 2*t.cfg.Pause)
	defer cancel()
	fd, p := t.silentConnectContext(ctx)
	t.want("ConnectContext when its context's deadline passed", p.soon().err, context.DeadlineExceeded)
	if took := time.Since(start); took < 2*t.cfg.Pause {
		t.Fatalf("ConnectContext with a deadline in %v returned after %v", 2*t.cfg.Pause, took)
	}
	t.close(fd)
}

func checkContextDone(t *trial) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ln, addr := t.peerListener(inet)
	t.want("ConnectContext with a context that is done",
		t.dev.ConnectContext(ctx, t.stream(), "", addr), context.Canceled)
	t.want("ConnectContext by name with a context that is done",
		t.dev.ConnectContext(ctx, t.stream(), t.peer.Host(), addr), context.Canceled)
	fd := t.stream()
	t.must("Connect", t.dev.Connect(fd, "", addr))
	// The first connection that the peer hears of must be this one.
	t.echo(fd, t.acceptPeer(ln), 1)
}

func checkContextClose(t *trial) {
	fd, p := t.silentConnectContext(t.Context())
	p.blocked()
	t.close(fd)
	if err := p.soon().err; !errors.Is(err, netdev.ErrClosed) {
		t.Fatalf("ConnectContext whose socket was closed: %s, want ErrClosed", describe(err))
	}
}
