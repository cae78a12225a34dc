package netdevtest_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/netdevtest"
	"github.com/netdev-go/netdev/netdevtest/internal/broken"
)

// failures tries cfg and returns the rules that were broken and skipped.
func failures(t *testing.T, cfg netdevtest.Config) (failed, skipped []string) {
	t.Helper()
	report, err := netdevtest.Conform(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, res := range report.Results {
		switch res.Outcome {
		case netdevtest.Failed:
			failed = append(failed, res.ID)
			t.Logf("%s: %s", res.ID, res.Detail)
		case netdevtest.Skipped:
			skipped = append(skipped, res.ID)
		}
	}
	return failed, skipped
}

func newHost(testing.TB) netdev.Netdever { return host.New() }

func TestSixSocketsAreEnough(t *testing.T) {
	failed, _ := failures(t, netdevtest.Config{
		New:  func(tb testing.TB) netdev.Netdever { return broken.Limited(tb, 6) },
		Soak: 50,
	})
	if len(failed) > 0 {
		t.Errorf("a device with six sockets failed %v", failed)
	}
}

// elsewhere is a peer that does not share the device's address.
type elsewhere struct{ netdevtest.Peer }

func (p elsewhere) DeviceAddr(domain int) netip.Addr {
	if domain == netdev.AF_INET {
		return netip.MustParseAddr("127.0.0.2")
	}
	return netip.Addr{}
}

// What the network does not have is skipped.
func (elsewhere) Host() string                { return "" }
func (elsewhere) UnknownHost() string         { return "" }
func (elsewhere) BlackHole() netip.AddrPort   { return netip.AddrPort{} }
func (elsewhere) Refused() netip.AddrPort     { return netip.AddrPort{} }
func (elsewhere) Unreachable() netip.AddrPort { return netip.AddrPort{} }

func TestPeerNeedNotShareTheAddress(t *testing.T) {
	failed, skipped := failures(t, netdevtest.Config{
		New:   newHost,
		Peer:  func(tb testing.TB, _ netdev.Netdever) netdevtest.Peer { return elsewhere{netdevtest.Loopback(tb)} },
		Rules: []string{"BIND", "CONN", "ACC", "SEND", "RECV", "CLOSE", "CONC", "NAME", "PKT", "SNAME", "CTX", "POLL", "LIST", "NET"},
	})
	if len(failed) > 0 {
		t.Errorf("against a peer of another address these failed: %v", failed)
	}
	for _, id := range []string{"CONN-2", "CONN-3", "CONN-4", "CONN-5", "NAME-1", "NAME-3", "CTX-2"} {
		if !slices.Contains(skipped, id) {
			t.Errorf("%s was not skipped on a network that cannot show it; skipped: %v", id, skipped)
		}
	}
}

// stuck hangs in Close until the test is over.
type stuck struct {
	netdev.Netdever
	over <-chan struct{}
}

func (d stuck) Close(int) error {
	<-d.over
	return netdev.ErrInvalidSocketFd
}

func TestSuiteOutlivesACallThatHangs(t *testing.T) {
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	report, err := netdevtest.Conform(t.Context(), netdevtest.Config{
		New:     func(testing.TB) netdev.Netdever { return stuck{host.New(), over} },
		Rules:   []string{"SOCK-2", "NAME-2"},
		Timeout: 100 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Results) != 2 || report.Results[1].Outcome != netdevtest.Passed {
		t.Fatalf("the rule beside one that hangs: %+v", report.Results)
	}
	res := report.Results[0]
	for _, part := range []string{"Close(0) did not return within 100ms", "stuck.Close"} {
		if res.Outcome != netdevtest.Failed || !strings.Contains(res.Detail, part) {
			t.Errorf("a Close that hangs: %v %q, want a failure that says %q", res.Outcome, res.Detail, part)
		}
	}
}

func TestSuiteOutlivesAPanic(t *testing.T) {
	report, err := netdevtest.Conform(t.Context(), netdevtest.Config{
		New:   func(testing.TB) netdev.Netdever { return netdev.Netdever(nil) },
		Rules: []string{"NAME-5"},
	})
	if err != nil {
		t.Fatal(err)
	}
	res := report.Results[0]
	if res.Outcome != netdevtest.Failed || !strings.Contains(res.Detail, "panicked") {
		t.Errorf("a nil device: %v %q, want a failure that says panicked", res.Outcome, res.Detail)
	}
}

func TestConformSaysWhatIsMissing(t *testing.T) {
	if _, err := netdevtest.Conform(t.Context(), netdevtest.Config{}); err == nil {
		t.Error("a Config without New is no error")
	}
	_, err := netdevtest.Conform(t.Context(), netdevtest.Config{New: newHost, Rules: []string{"RECV-2", "NONE-1"}})
	if err == nil || !strings.Contains(err.Error(), "NONE-1") {
		t.Errorf("an unknown rule: %v, want an error that names it", err)
	}
}

func TestConformEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	report, err := netdevtest.Conform(ctx, netdevtest.Config{New: newHost, Rules: []string{"NAME"}, Parallel: 1})
	if err != context.Canceled || len(report.Results) > 0 {
		t.Errorf("after its context's end: %d rules tried, error %v", len(report.Results), err)
	}
}

// stopper ends the run while a rule is tried.
type stopper struct {
	*host.Device
	stop func()
}

func (s stopper) Listen(sockfd, backlog int) error {
	s.stop()
	return s.Device.Listen(sockfd, backlog)
}

// An interrupt says nothing about the device.
func TestRulesUnderWayAtTheEndAreLeftOut(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	report, err := netdevtest.Conform(ctx, netdevtest.Config{
		New:   func(testing.TB) netdev.Netdever { return stopper{host.New(), cancel} },
		Rules: []string{"ACC"},
	})
	if err != context.Canceled {
		t.Errorf("Conform = %v, want context.Canceled", err)
	}
	for _, res := range report.Failures() {
		t.Errorf("%s: %s", res.ID, res.Detail)
	}
}
