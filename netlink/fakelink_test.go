package netlink_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/netlink"
)

// A fakeLink is a device whose NetConnect a test writes. It may be hostile: what
// it holds and calls when is the test's.
type fakeLink struct {
	// connect is the n-th NetConnect, from 1; nil succeeds.
	connect func(n int, p *netlink.ConnectParams) error

	// disconnect, if not nil, is what NetDisconnect does.
	disconnect func()

	mu          sync.Mutex
	cb          func(netlink.Event)
	attempts    []time.Time
	disconnects int
}

var _ netlink.Netlinker = (*fakeLink)(nil)

func (l *fakeLink) NetConnect(p *netlink.ConnectParams) error {
	l.mu.Lock()
	l.attempts = append(l.attempts, time.Now())
	n := len(l.attempts)
	l.mu.Unlock()
	if l.connect == nil {
		return nil
	}
	return l.connect(n, p)
}

func (l *fakeLink) NetDisconnect() {
	l.mu.Lock()
	l.disconnects++
	l.mu.Unlock()
	if l.disconnect != nil {
		l.disconnect()
	}
}

func (l *fakeLink) NetNotify(cb func(netlink.Event)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cb = cb
}

func (l *fakeLink) GetHardwareAddr() (net.HardwareAddr, error) {
	return net.HardwareAddr{2, 0, 0, 0, 0, 1}, nil
}

func (l *fakeLink) say(events ...netlink.Event) {
	l.mu.Lock()
	cb := l.cb
	l.mu.Unlock()
	for _, e := range events {
		cb(e)
	}
}

func (l *fakeLink) tried() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.attempts)
}

func (l *fakeLink) left() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.disconnects
}

// waits are the times between one attempt and the next.
func (l *fakeLink) waits() []time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	var d []time.Duration
	for i := 1; i < len(l.attempts); i++ {
		d = append(d, l.attempts[i].Sub(l.attempts[i-1]))
	}
	return d
}

// A change is one call of Notify.
type change struct {
	state netlink.State
	err   error
}

var (
	connecting = change{netlink.StateConnecting, nil}
	up         = change{netlink.StateUp, nil}
	lost       = change{netlink.StateDown, nil}
)

func (c change) String() string { return fmt.Sprintf("%v (%v)", c.state, c.err) }

func down(err error) change { return change{netlink.StateDown, err} }

// A session is a Supervisor that runs in a synctest bubble.
type session struct {
	*netlink.Supervisor
	t      *testing.T
	cancel context.CancelFunc
	done   chan error

	mu      sync.Mutex
	changes []change
}

// start runs s over link with the least jitter, and waits until all is quiet.
// What the test set as Notify is called after the change was recorded.
func start(t *testing.T, s *netlink.Supervisor, link netlink.Netlinker) *session {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &session{Supervisor: s, t: t, cancel: cancel, done: make(chan error, 1)}
	if s.Rand == nil {
		s.Rand = func() float64 { return 0 }
	}
	notify := s.Notify
	s.Notify = func(state netlink.State, err error) {
		r.mu.Lock()
		r.changes = append(r.changes, change{state, err})
		r.mu.Unlock()
		if notify != nil {
			notify(state, err)
		}
	}
	t.Cleanup(cancel)
	go func() { r.done <- s.Run(ctx, link) }()
	synctest.Wait()
	return r
}

// told asserts what Notify was told since the last told, once all is quiet.
func (r *session) told(want ...change) {
	r.t.Helper()
	synctest.Wait()
	r.mu.Lock()
	got := r.changes
	r.changes = nil
	r.mu.Unlock()
	if !slices.Equal(got, want) {
		r.t.Fatalf("Notify was told %v, want %v", got, want)
	}
	if len(want) > 0 {
		state, err := r.State()
		if last := want[len(want)-1]; state != last.state || err != last.err {
			r.t.Fatalf("State() = %v, %v, want %v", state, err, last)
		}
	}
}

// pass lets d go by in the bubble.
func (r *session) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// ended asserts that Run has returned want by now.
func (r *session) ended(want error) {
	r.t.Helper()
	synctest.Wait()
	select {
	case err := <-r.done:
		if err != want {
			r.t.Fatalf("Run = %v, want %v", err, want)
		}
	default:
		r.t.Fatal("Run goes on")
	}
}

func (r *session) stop() {
	r.t.Helper()
	r.cancel()
	r.ended(context.Canceled)
}
