package netdevtest

import (
	"context"
	"fmt"
	"runtime/debug"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
)

// A trial is one rule being tried on one device. It is the testing.TB of the
// rule's check.
type trial struct {
	*recorder
	cfg      *Config
	rule     Rule
	raw      netdev.Netdever // as New returned it
	dev      *watched        // the same, its calls bounded
	peer     Peer
	label    string
	test     *testing.T // the rule's subtest, nil outside "go test"
	declined atomic.Bool
	excused  atomic.Pointer[string] // why the device cannot keep the rule

	boundsMu sync.Mutex
	bounds   map[*time.Timer]time.Duration

	hung     chan struct{} // closed when a call is given up
	hungOnce sync.Once
	done     chan struct{}
}

var trials atomic.Int64

// try tries rule r of group g. It returns also when the device does not.
func try(ctx context.Context, cfg *Config, g *Group, r Rule, test *testing.T) Result {
	t := &trial{
		recorder: newRecorder(ctx, r.ID),
		cfg:      cfg,
		rule:     r,
		label:    fmt.Sprintf("%s#%d", r.ID, trials.Add(1)),
		test:     test,
		bounds:   make(map[*time.Timer]time.Duration),
		hung:     make(chan struct{}),
		done:     make(chan struct{}),
	}
	start := time.Now()
	go t.run(g)
	select {
	case <-t.done:
	case <-t.hung:
		// The check is stuck in a call. What it opened may set it free.
		cleaned := make(chan struct{})
		go func() {
			defer close(cleaned)
			t.clean()
		}()
		waitFor(cleaned, cfg.Timeout)
	}
	res := Result{ID: r.ID, Group: g.Name, Name: r.Name, Text: r.Text, Elapsed: time.Since(start)}
	failed, skipped, detail := t.seal()
	switch {
	case failed:
		res.Outcome, res.Detail = Failed, detail
		if why := t.excuse(); why != "" {
			res.Outcome, res.Detail = Excused, why
		}
	case t.declined.Load():
		res.Outcome, res.Detail = Absent, detail
	case skipped:
		res.Outcome, res.Detail = Skipped, detail
	}
	return res
}

func (t *trial) run(g *Group) {
	// Goroutines inherit the label, also those that the device starts: so the
	// leak check can tell them from everybody else's.
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels(labelKey, t.label)))
	defer close(t.done)
	defer t.clean()
	defer t.catch("the check")
	t.raw = t.cfg.New(t)
	t.dev = watch(t, t.raw)
	if why := limit(t.raw, t.rule.ID); why != "" {
		t.excused.Store(&why)
	}
	if g.has != nil && !g.has(t.raw) {
		t.absent("the device has no %s", g.Capability)
	}
	t.peer = t.cfg.Peer(t, t.raw)
	if g.usesNet {
		t.useDevice()
	}
	// The calls are bounded; this is for a check that a device keeps going
	// round, and for calls through package net.
	limit := 20 * t.cfg.Timeout
	if g.Prefix == soakGroup.Prefix {
		limit += time.Duration(t.cfg.Soak) * t.cfg.Timeout / 10
	} else if g.usesNet && t.test == nil {
		limit = 4 * t.cfg.Timeout
	}
	stop := t.bound(func() string { return "the check" }, limit)
	defer stop()
	t.rule.check(t)
}

// excuse returns what the device has said of the rule.
func (t *trial) excuse() string {
	if why := t.excused.Load(); why != nil {
		return *why
	}
	return ""
}

// absent says that the device does not have what the rule is about.
func (t *trial) absent(format string, args ...any) {
	t.declined.Store(true)
	t.Skipf(format, args...)
}

// catch, deferred, turns a panic into a failure.
func (t *trial) catch(what string) {
	if r := recover(); r != nil {
		t.Errorf("%s panicked: %v\n%s", what, r, debug.Stack())
	}
}

// bound gives up the trial when stop was not called within limit.
func (t *trial) bound(what func() string, limit time.Duration) (stop func() bool) {
	timer := time.AfterFunc(limit, func() {
		t.Errorf("%s did not return within %v\n%s", what(), limit, t.stacks())
		t.hungOnce.Do(func() { close(t.hung) })
	})
	t.boundsMu.Lock()
	defer t.boundsMu.Unlock()
	t.bounds[timer] = limit
	return func() bool {
		t.boundsMu.Lock()
		defer t.boundsMu.Unlock()
		delete(t.bounds, timer)
		return timer.Stop()
	}
}

// extend lets the bounds of all calls under way begin anew: the check has seen
// one wait as it must, and the machine may have taken its time for that.
func (t *trial) extend() {
	t.boundsMu.Lock()
	defer t.boundsMu.Unlock()
	for timer, limit := range t.bounds {
		if timer.Stop() {
			timer.Reset(limit)
		}
	}
}

func waitFor(done <-chan struct{}, limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
