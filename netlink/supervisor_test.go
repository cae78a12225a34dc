package netlink_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/netlink"
)

var errChip = errors.New("chip says 7")

func failing(err error) func(int, *netlink.ConnectParams) error {
	return func(int, *netlink.ConnectParams) error { return err }
}

// bubble is a synctest bubble as a subtest or a test.
func bubble(t *testing.T, f func(t *testing.T)) { t.Helper(); synctest.Test(t, f) }

func TestRunConnectsAndLeavesWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		link := &fakeLink{}
		r := start(t, &netlink.Supervisor{}, link)
		r.told(connecting, up)
		r.pass(24 * time.Hour)
		r.told()
		r.stop()
		r.told(down(context.Canceled))
		if link.tried() != 1 || link.left() != 1 {
			t.Errorf("%d NetConnect, %d NetDisconnect; want 1 of each", link.tried(), link.left())
		}
		if link.cb != nil {
			t.Error("the device still has its callback after Run")
		}
	})
}

func TestRunWithAnEndedContextLeavesTheDeviceAlone(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	link := &fakeLink{}
	if err := new(netlink.Supervisor).Run(ctx, link); err != context.Canceled {
		t.Errorf("Run = %v", err)
	}
	if link.tried()+link.left() != 0 {
		t.Error("the device was called")
	}
}

func TestRunReturnsTheErrorOfADeadline(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := new(netlink.Supervisor).Run(ctx, &fakeLink{}); err != context.DeadlineExceeded {
			t.Errorf("Run = %v", err)
		}
	})
}

func TestConnectedAlreadyIsUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := start(t, &netlink.Supervisor{}, &fakeLink{connect: failing(netlink.ErrConnected)})
		r.told(connecting, up)
		r.stop()
	})
}

func TestBackoffDoublesUpToItsBound(t *testing.T) {
	const s = time.Second
	for name, c := range map[string]struct {
		min, max time.Duration
		random   float64
		want     []time.Duration
	}{
		"defaults":         {0, 0, 0, []time.Duration{1 * s, 2 * s, 4 * s, 8 * s, 16 * s, 32 * s, 60 * s, 60 * s}},
		"most jitter":      {0, 0, math.Nextafter(1, 0), []time.Duration{s / 2, 1 * s, 2 * s, 4 * s, 8 * s, 16 * s, 30 * s, 30 * s}},
		"own bounds":       {3 * s, 10 * s, 0, []time.Duration{3 * s, 6 * s, 10 * s, 10 * s}},
		"max below min":    {5 * s, 1 * s, 0, []time.Duration{5 * s, 5 * s, 5 * s}},
		"min over default": {90 * s, 0, 0, []time.Duration{90 * s, 90 * s}},
		"negative":         {-1, -1, 0, []time.Duration{1 * s, 2 * s}},
		"no overflow":      {math.MaxInt64/4 + 1, math.MaxInt64, 0, []time.Duration{math.MaxInt64/4 + 1}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				link := &fakeLink{connect: failing(errChip)}
				r := start(t, &netlink.Supervisor{
					MinBackoff: c.min, MaxBackoff: c.max,
					Rand: func() float64 { return c.random },
				}, link)
				for _, d := range c.want {
					r.pass(d + 10)
				}
				r.stop()
				got := link.waits()
				if !slices.EqualFunc(got, c.want, func(a, b time.Duration) bool { return (a - b).Abs() < 100 }) {
					t.Errorf("waited %v, want %v", got, c.want)
				}
			})
		})
	}
}

func TestBackoffStaysAtAMaximumThatCannotBeDoubled(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const most = 200 * 365 * 24 * time.Hour
		link := &fakeLink{connect: failing(errChip)}
		r := start(t, &netlink.Supervisor{MinBackoff: 150 * 365 * 24 * time.Hour, MaxBackoff: most}, link)
		r.pass(most + most/8)
		if n := link.tried(); n != 2 {
			t.Errorf("%d attempts, want 2", n)
		}
		r.stop()
	})
}

func TestJitterOfTheDefaultRandomnessKeepsItsBounds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 1000*time.Second)
		defer cancel()
		link := &fakeLink{connect: failing(errChip)}
		(&netlink.Supervisor{MinBackoff: time.Second, MaxBackoff: time.Second}).Run(ctx, link)
		waits := link.waits()
		slices.Sort(waits)
		if lo, hi := waits[0], waits[len(waits)-1]; lo < time.Second/2 || hi > time.Second {
			t.Errorf("waits from %v to %v, want 500ms to 1s", lo, hi)
		}
		if len(slices.Compact(waits)) < 100 {
			t.Errorf("only %d different waits", len(slices.Compact(waits)))
		}
	})
}

func TestAFailedAttemptIsTold(t *testing.T) {
	bubble(t, func(t *testing.T) {
		link := &fakeLink{connect: func(n int, _ *netlink.ConnectParams) error {
			return []error{netlink.ErrConnectTimeout, netlink.ErrAuthFailure, nil}[n-1]
		}}
		r := start(t, &netlink.Supervisor{}, link)
		r.told(connecting, down(netlink.ErrConnectTimeout))
		r.pass(time.Second)
		r.told(connecting, down(netlink.ErrAuthFailure))
		r.pass(2 * time.Second)
		r.told(connecting, up)
		r.stop()
	})
}

func TestALostLinkIsConnectedAgainAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		link := &fakeLink{}
		r := start(t, &netlink.Supervisor{}, link)
		r.told(connecting, up)
		r.pass(time.Second)
		link.say(netlink.EventNetDown)
		r.told(lost, connecting, up)
		r.stop()
	})
}

func TestAFlappingLinkBacksOffUntilItHolds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		link := &fakeLink{}
		r := start(t, &netlink.Supervisor{}, link)
		for _, wait := range []time.Duration{1, 2, 4, 8} {
			wait *= time.Second
			r.told(connecting, up)
			r.pass(wait - time.Nanosecond) // one instant short of having held
			link.say(netlink.EventNetDown)
			r.told(lost)
			r.pass(wait)
		}
		r.told(connecting, up)
		r.pass(16 * time.Second)
		link.say(netlink.EventNetDown)
		r.told(lost, connecting, up)
		r.pass(time.Second)
		link.say(netlink.EventNetDown)
		r.told(lost, connecting, up)
		r.stop()
	})
}

func TestAPermanentErrorEndsRunAtOnce(t *testing.T) {
	for _, err := range []error{
		netlink.ErrMissingSSID, netlink.ErrShortPassphrase, netlink.ErrAuthTypeNoGood,
		netlink.ErrConnectModeNoGood, netlink.ErrNotSupported,
		errors.Join(errChip, netlink.ErrMissingSSID),
	} {
		t.Run(err.Error(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				link := &fakeLink{connect: failing(err)}
				r := start(t, &netlink.Supervisor{}, link)
				r.ended(err)
				r.told(connecting, down(err))
				if link.tried() != 1 || link.left() != 0 || link.cb != nil {
					t.Error("the device was tried again, disconnected, or kept the callback")
				}
			})
		})
	}
}

func TestRetriesCountTheAttemptsOfOneOutage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		link := &fakeLink{connect: func(n int, _ *netlink.ConnectParams) error {
			if n == 3 {
				return nil
			}
			return errChip
		}}
		r := start(t, &netlink.Supervisor{Params: &netlink.ConnectParams{Retries: 3}}, link)
		r.pass(time.Minute)
		r.told(connecting, down(errChip), connecting, down(errChip), connecting, up)
		link.say(netlink.EventNetDown)
		r.pass(time.Minute)
		r.told(lost, connecting, down(errChip), connecting, down(errChip), connecting, down(errChip),
			down(netlink.ErrConnectFailed))
		r.ended(netlink.ErrConnectFailed)
	})
}

func TestTheDeviceIsGivenACopyOfTheParametersForOneAttempt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		params := netlink.ConnectParams{
			ConnectMode: netlink.ConnectModeAP, Ssid: "net", Passphrase: "secret-secret", AuthType: netlink.AuthTypeWPA,
			Country: "DE", Retries: 5, ConnectTimeout: 1, WatchdogTimeout: 2, Hostname: "board",
		}
		given := params
		var got netlink.ConnectParams
		r := start(t, &netlink.Supervisor{Params: &given}, &fakeLink{connect: func(_ int, p *netlink.ConnectParams) error {
			got = *p
			*p = netlink.ConnectParams{}
			return nil
		}})
		r.stop()
		if given != params {
			t.Errorf("the caller's parameters are %+v now", given)
		}
		params.Retries = 1
		if got != params {
			t.Errorf("the device was given %+v, want %+v", got, params)
		}
	})
}

func TestNotifyMayReplaceTheParameters(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := &netlink.Supervisor{Params: &netlink.ConnectParams{Passphrase: "the old one"}}
		s.Notify = func(_ netlink.State, err error) {
			if err == netlink.ErrAuthFailure {
				s.Params = &netlink.ConnectParams{Passphrase: "the new one"}
			}
		}
		r := start(t, s, &fakeLink{connect: func(_ int, p *netlink.ConnectParams) error {
			if p.Passphrase != "the new one" {
				return netlink.ErrAuthFailure
			}
			return nil
		}})
		r.pass(time.Second)
		r.told(connecting, down(netlink.ErrAuthFailure), connecting, up)
		r.stop()
	})
}

func TestReconnect(t *testing.T) {
	t.Run("drops a link that is up", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			link := &fakeLink{}
			r := start(t, &netlink.Supervisor{}, link)
			r.told(connecting, up)
			r.Reconnect()
			r.told(lost, connecting, up)
			if link.left() != 1 {
				t.Errorf("%d NetDisconnect, want 1", link.left())
			}
			r.stop()
		})
	})
	t.Run("ends the wait and the back-off", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			link := &fakeLink{connect: failing(errChip)}
			r := start(t, &netlink.Supervisor{}, link)
			r.pass(time.Second + 2*time.Second)
			r.told(connecting, down(errChip), connecting, down(errChip), connecting, down(errChip))
			r.Reconnect()
			r.told(connecting, down(errChip))
			r.pass(time.Second)
			r.told(connecting, down(errChip))
			r.stop()
		})
	})
	t.Run("does nothing without Run or while connecting", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			link := &fakeLink{connect: func(int, *netlink.ConnectParams) error {
				time.Sleep(time.Second)
				return nil
			}}
			s := &netlink.Supervisor{}
			s.Reconnect()
			r := start(t, s, link)
			r.Reconnect()
			r.pass(time.Second)
			r.told(connecting, up)
			r.stop()
			r.Reconnect()
			r.told(down(context.Canceled))
		})
	})
}

func TestRunBesideRunIsAnError(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := &netlink.Supervisor{}
		link, other := &fakeLink{}, &fakeLink{}
		r := start(t, s, link)
		if err := s.Run(t.Context(), other); err == nil || other.tried() != 0 {
			t.Errorf("a second Run returned %v after %d attempts", err, other.tried())
		}
		r.told(connecting, up)
		r.stop()
	})
}

func TestASupervisorRunsAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := &netlink.Supervisor{}
		for range 2 {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			link := &fakeLink{}
			if err := s.Run(ctx, link); err != context.DeadlineExceeded || link.tried() != 1 {
				t.Errorf("Run = %v after %d attempts", err, link.tried())
			}
			cancel()
		}
	})
}

// The clock is the test's: nothing here is real time or a bubble's.
func TestTheClockIsInjected(t *testing.T) {
	timers := make(chan time.Duration)
	fire := make(chan time.Time)
	given := make(chan struct{}, 1)
	states := make(chan netlink.State, 8)
	now := time.Unix(0, 0)
	s := &netlink.Supervisor{
		Now: func() time.Time { return now },
		After: func(d time.Duration) (<-chan time.Time, func()) {
			timers <- d
			return fire, func() { given <- struct{}{} }
		},
		Rand:   func() float64 { return 0.5 },
		Notify: func(s netlink.State, _ error) { states <- s },
	}
	link := &fakeLink{connect: func(n int, _ *netlink.ConnectParams) error {
		if n == 1 {
			return errChip
		}
		return nil
	}}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Run(ctx, link) }()
	if d := <-timers; d != 750*time.Millisecond {
		t.Errorf("waits %v, want 750ms: one second less half of its half", d)
	}
	fire <- now
	<-given
	for _, want := range []netlink.State{netlink.StateConnecting, netlink.StateDown, netlink.StateConnecting, netlink.StateUp} {
		if got := <-states; got != want {
			t.Fatalf("state %v, want %v", got, want)
		}
	}
	link.say(netlink.EventNetDown)
	if d := <-timers; d != 1500*time.Millisecond {
		t.Errorf("a link that held no time waits %v, want 1.5s", d)
	}
	cancel()
	<-given
	if err := <-done; err != context.Canceled {
		t.Error(err)
	}
}
