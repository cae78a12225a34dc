package netlink

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// State is how a [Supervisor]'s link stands.
type State int

const (
	StateDown       State = iota // not connected: lost, waiting to try again, or given up
	StateConnecting              // an attempt is under way
	StateUp                      // connected
)

func (s State) String() string {
	switch s {
	case StateDown:
		return "down"
	case StateConnecting:
		return "connecting"
	case StateUp:
		return "up"
	}
	return "unknown"
}

// What zero fields of a [Supervisor] mean.
const (
	DefaultMinBackoff = 1 * time.Second
	DefaultMaxBackoff = 1 * time.Minute
)

// A Supervisor keeps a device connected: it makes the first connection, makes
// it again after every loss, waits longer after each failure in a row, and
// tells the application. It owns NetConnect, NetDisconnect and NetNotify of the
// device while [Supervisor.Run] runs.
//
// The zero value is ready. Fields are set before Run; Params and Notify may
// also be set by Notify itself.
//
// The wait after failure n in a row is MinBackoff·2ⁿ⁻¹ but MaxBackoff at most,
// less a random part of up to half, so that boards that lost the same access
// point do not come back as one. A link that is lost again before it has held
// for as long as that counts as a failure; one that held longer is connected
// again at once.
//
// A Supervisor does not look for a lost link: the device does, every
// WatchdogTimeout if it has to ask its hardware, and tells EventNetDown. An
// application that knows better, because nothing answers any more, calls
// [Supervisor.Reconnect].
type Supervisor struct {
	// Params are given to the device, a copy for each attempt, with Retries 1.
	// Their own Retries counts attempts for one outage. Nil is all zero.
	Params *ConnectParams

	MinBackoff time.Duration // zero is DefaultMinBackoff
	MaxBackoff time.Duration // zero is DefaultMaxBackoff; at least MinBackoff

	// Notify, if not nil, is told each change. With StateDown err is why: that
	// of the attempt, nil for a link that was lost, and at the end that of
	// Run. Changes that follow each other faster than Notify returns may
	// be told as one, but never the last one lost.
	//
	// It runs on the goroutine of Run and without a lock, so it may call the
	// device and the Supervisor; while it runs nothing is reconnected.
	Notify func(state State, err error)

	// Now, After and Rand are the time and the chance to live by; nil is real
	// time and math/rand. After returns a channel that is sent to after d, and
	// a function that gives the timer up; it may be called from any goroutine.
	// Rand returns a number in [0, 1).
	Now   func() time.Time
	After func(d time.Duration) (<-chan time.Time, func())
	Rand  func() float64

	mu    sync.Mutex // never held across a call of the device or the application
	run   *signals   // nil while Run does not run
	state State
	err   error
}

var errRunning = errors.New("netlink: Supervisor is running already")

// Run connects link and keeps it connected until ctx is done. Then it leaves
// the network, ending a NetConnect under way by NetDisconnect, and returns
// ctx's error.
//
// It returns earlier, with the device's error, where another attempt cannot
// help: ErrMissingSSID, ErrShortPassphrase, ErrAuthTypeNoGood,
// ErrConnectModeNoGood and ErrNotSupported; and with ErrConnectFailed when an
// outage has used up Params.Retries attempts. ErrAuthFailure is tried again:
// access points say it on bad days too. ErrConnected is success.
//
// A Supervisor runs once at a time; Run beside a Run is an error.
func (s *Supervisor) Run(ctx context.Context, link Netlinker) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	sig := newSignals()
	s.mu.Lock()
	if s.run != nil {
		s.mu.Unlock()
		return errRunning
	}
	s.run = sig
	s.mu.Unlock()

	link.NetNotify(sig.event)
	err := (&supervision{Supervisor: s, signals: sig, ctx: ctx, link: link}).loop()
	link.NetNotify(nil)
	s.report(StateDown, err)

	s.mu.Lock()
	s.run = nil
	s.mu.Unlock()
	return err
}

// State returns the last state and error that Notify was told, also without a
// Notify. Before Run it is StateDown.
func (s *Supervisor) State() (State, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state, s.err
}

// Reconnect drops the link and connects again at once; it also ends the wait
// after a failure. While an attempt is under way, and without Run, it does
// nothing. It does not block, and may be called from any goroutine.
func (s *Supervisor) Reconnect() {
	s.mu.Lock()
	sig := s.run
	if s.state == StateConnecting {
		sig = nil
	}
	s.mu.Unlock()
	if sig != nil {
		sig.reconnect()
	}
}

func (s *Supervisor) report(state State, err error) {
	s.mu.Lock()
	s.state, s.err = state, err
	s.mu.Unlock()
	if s.Notify != nil {
		s.Notify(state, err)
	}
}

func (s *Supervisor) params() ConnectParams {
	if s.Params == nil {
		return ConnectParams{}
	}
	return *s.Params
}

// backoff returns the longest wait after failure n in a row, n from 1.
func (s *Supervisor) backoff(n int) time.Duration {
	d, most := s.MinBackoff, s.MaxBackoff
	if d <= 0 {
		d = DefaultMinBackoff
	}
	if most <= 0 {
		most = DefaultMaxBackoff
	}
	most = max(most, d)
	for ; n > 1; n-- {
		if d > most/2 {
			return most
		}
		d *= 2
	}
	return d
}

func (s *Supervisor) jitter(d time.Duration) time.Duration {
	random := s.Rand
	if random == nil {
		random = rand.Float64
	}
	return d - time.Duration(random()*float64(d)/2)
}

func (s *Supervisor) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

func (s *Supervisor) after(d time.Duration) (<-chan time.Time, func()) {
	if s.After == nil {
		t := time.NewTimer(d)
		return t.C, func() { t.Stop() }
	}
	return s.After(d)
}
