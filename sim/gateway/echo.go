package gateway

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// echoTime is how long a reply is waited for.
const echoTime = 10 * time.Second

// forwardEcho takes an echo request of a board to the world, in the stack's
// receive path.
func (g *Gateway) forwardEcho(from, to netip.Addr, id, seq uint16, payload []byte) {
	g.echo.requests.Add(1)
	failed := func(err error) {
		g.echoFailed(err)
		if !errors.Is(err, context.DeadlineExceeded) && g.ctx.Err() == nil { // no answer is none here too
			g.stack.SendEchoUnreachable(from, to, id, seq, payload, refusal(err))
		}
	}
	pinger, ok := netdev.As[netdev.Pinger](g.host)
	if !ok {
		failed(netdev.ErrNotSupported)
		return
	}
	if _, err := g.outside(netip.AddrPortFrom(to, 0)); err != nil {
		failed(err)
		return
	}
	select {
	case g.pings <- struct{}{}:
	default:
		g.echo.overflow.Add(1)
		return
	}
	payload = append([]byte(nil), payload...)
	// Close waits for those that began before it.
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		<-g.pings
		return
	}
	g.wg.Go(func() {
		defer func() { <-g.pings }()
		ctx, cancel := context.WithTimeout(g.ctx, echoTime)
		defer cancel()
		if _, err := pinger.Ping(ctx, to, payload); err != nil {
			failed(err)
			return
		}
		if g.stack.SendEchoReply(to, from, id, seq, payload) == nil {
			g.echo.replies.Add(1)
		}
	})
}

func (g *Gateway) echoFailed(err error) {
	g.echo.failed.Add(1)
	if errors.Is(err, netdev.ErrAccess) || errors.Is(err, netdev.ErrNotSupported) {
		g.noPing.Do(func() { g.tell(Event{Kind: EchoUnavailable, Err: err}) })
	}
}
