package netdevtest

import (
	"context"
	"errors"
	"time"

	"github.com/netdev-go/netdev"
)

var pingGroup = Group{
	Name: "Ping", Prefix: "PING", Capability: "Pinger", has: has[netdev.Pinger],
	Rules: []Rule{
		{
			ID: "PING-1", Name: "round trip", check: checkPing,
			Text: "`Ping` of a peer that answers returns the round-trip time.",
		},
		{
			ID: "PING-2", Name: "context", check: checkPingContext,
			Text: "`Ping` ends with `ctx` and returns its error.",
		},
	},
}

// mayPing skips the trial where the system does not let this process ping.
func (t *trial) mayPing(err error) {
	t.Helper()
	if errors.Is(err, netdev.ErrAccess) {
		t.Skipf("Ping: %v", err)
	}
}

func checkPing(t *trial) {
	for _, payload := range [][]byte{nil, pattern(56, 1)} {
		ctx, cancel := context.WithTimeout(t.Context(), t.cfg.Timeout)
		start := time.Now()
		rtt, err := t.dev.Ping(ctx, t.peer.Addr(inet), payload)
		cancel()
		t.mayPing(err)
		if took := time.Since(start); err != nil || rtt <= 0 || rtt > took {
			t.Fatalf("Ping with %d bytes: %v, %s, and it took %v", len(payload), rtt, describe(err), took)
		}
	}
}

func checkPingContext(t *trial) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := t.dev.Ping(ctx, t.peer.Addr(inet), nil)
	t.mayPing(err)
	t.want("Ping with a context that is done", err, context.Canceled)
}
