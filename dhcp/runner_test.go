package dhcp_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	oracle "github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/dhcp"
	"github.com/netdev-go/netdev/internal/bare"
)

// A run is a Runner at work on a device whose other end is the test.
type run struct {
	*testing.T
	dev    *fakeDevice
	runner *dhcp.Runner
	cancel context.CancelCauseFunc
	done   chan error
	events []dhcp.Event
}

// inRun runs f in a bubble, where time passes when all wait.
func inRun(t *testing.T, change func(*dhcp.Runner, *dhcp.Config), f func(*run)) {
	synctest.Test(t, func(t *testing.T) {
		r := &run{T: t, dev: newFakeDevice(), done: make(chan error, 1)}
		r.runner = &dhcp.Runner{Device: r.dev}
		cfg := dhcp.Config{HardwareAddr: hw, Rand: middle}
		if change != nil {
			change(r.runner, &cfg)
		}
		r.runner.Client = dhcp.New(cfg)
		r.runner.Notify = func(e dhcp.Event, l *dhcp.Lease) {
			if (l != nil) != (e == dhcp.EventBound) {
				t.Errorf("%v comes with lease %v", e, l)
			}
			r.events = append(r.events, e)
		}
		r.start()
		f(r)
	})
}

func (r *run) start() {
	ctx, cancel := context.WithCancelCause(r.Context())
	r.cancel = cancel
	go func() { r.done <- r.runner.Run(ctx) }()
}

// ends waits for Run and checks its error and that no socket stays behind.
func (r *run) ends(want error) {
	r.Helper()
	if err := <-r.done; !errors.Is(err, want) {
		r.Errorf("Run returned %v, want %v", err, want)
	}
	if n := r.dev.open(); n != 0 {
		r.Errorf("%d sockets are left", n)
	}
}

func (r *run) told(want ...dhcp.Event) {
	r.Helper()
	synctest.Wait()
	if len(r.events) != len(want) {
		r.Fatalf("told %v, want %v", r.events, want)
	}
	for i, e := range want {
		if r.events[i] != e {
			r.Fatalf("told %v, want %v", r.events, want)
		}
	}
	r.events = nil
}

func (r *run) sends(typ oracle.MessageType, to string) *oracle.DHCPv4 {
	r.Helper()
	d := <-r.dev.sent
	m, err := oracle.FromBytes(d.b)
	if err != nil {
		r.Fatal(err)
	}
	if m.MessageType() != typ || d.to.String() != to {
		r.Fatalf("%v goes to %v, want %v to %v", m.MessageType(), d.to, typ, to)
	}
	if !d.from.broadcast || d.from.local != netip.MustParseAddrPort("0.0.0.0:68") {
		r.Fatalf("it comes from a socket %+v, want one of port 68 that may broadcast", d.from)
	}
	return m
}

func (r *run) answers(m *oracle.DHCPv4, typ oracle.MessageType) {
	r.dev.rcvd <- reply(m, typ).ToBytes()
}

func (r *run) acquire() {
	r.Helper()
	r.answers(r.sends(oracle.MessageTypeDiscover, "255.255.255.255:67"), oracle.MessageTypeOffer)
	r.answers(r.sends(oracle.MessageTypeRequest, "255.255.255.255:67"), oracle.MessageTypeAck)
	r.told(dhcp.EventBound)
}

func TestRunnerGetsALeaseAndKeepsIt(t *testing.T) {
	inRun(t, nil, func(r *run) {
		r.acquire()
		for range 3 {
			before := time.Now()
			m := r.sends(oracle.MessageTypeRequest, "10.0.2.1:67")
			if got := time.Since(before).Round(time.Second); got != t1.Round(time.Second) {
				t.Errorf("the server is asked after %v, want %v", got, t1)
			}
			r.answers(m, oracle.MessageTypeAck)
		}
		r.told()
		r.cancel(nil)
		r.ends(context.Canceled)
		r.told(dhcp.EventLost)
		if n := len(r.dev.sent); n != 0 {
			t.Errorf("%d messages are sent at the end", n)
		}
	})
}

func TestRunnerAsksAboutItsLeaseWhenItRunsAgain(t *testing.T) {
	inRun(t, nil, func(r *run) {
		r.acquire()
		r.cancel(nil)
		r.ends(context.Canceled)
		r.told(dhcp.EventLost)
		time.Sleep(time.Minute)
		r.start()
		m := r.sends(oracle.MessageTypeRequest, "255.255.255.255:67")
		if !m.RequestedIPAddress().Equal(offered) {
			t.Errorf("it asks for %v", m.RequestedIPAddress())
		}
		r.answers(m, oracle.MessageTypeAck)
		r.told(dhcp.EventBound)
		r.cancel(nil)
		r.ends(context.Canceled)
	})
}

func TestRunnerReleasesTheLeaseWhereItIsToldTo(t *testing.T) {
	inRun(t, nil, func(r *run) {
		r.acquire()
		r.cancel(dhcp.ErrRelease)
		r.ends(context.Canceled)
		r.sends(oracle.MessageTypeRelease, "10.0.2.1:67")
		r.told(dhcp.EventLost)
	})
}

func TestRunnerAsksAgainWhatWasLost(t *testing.T) {
	inRun(t, nil, func(r *run) {
		before := time.Now()
		for range 3 {
			r.sends(oracle.MessageTypeDiscover, "255.255.255.255:67")
		}
		if got := time.Since(before).Round(time.Second); got != 12*time.Second {
			t.Errorf("the third message comes after %v, want 12 s", got)
		}
		r.dev.rcvd <- nil
		r.dev.rcvd <- []byte("garbage")
		r.acquire()
		r.cancel(nil)
		r.ends(context.Canceled)
	})
}

func TestRunnerLivesWithADeviceThatCannotSend(t *testing.T) {
	inRun(t, nil, func(r *run) {
		r.acquire()
		r.dev.failing(netdev.ErrNoBuffers)
		time.Sleep(2 * time.Hour)
		r.dev.failing(nil)
		r.told(dhcp.EventLost)
		r.acquire()
		r.cancel(nil)
		r.ends(context.Canceled)
	})
}

func TestRunnerProbesBeforeItUsesAnAddress(t *testing.T) {
	taken := true
	inRun(t, func(r *dhcp.Runner, c *dhcp.Config) {
		c.Probe = true
		r.InUse = func(a netip.Addr) bool {
			if a != ip("10.0.2.15") {
				t.Errorf("asked about %v", a)
			}
			return taken
		}
	}, func(r *run) {
		r.answers(r.sends(oracle.MessageTypeDiscover, "255.255.255.255:67"), oracle.MessageTypeOffer)
		r.answers(r.sends(oracle.MessageTypeRequest, "255.255.255.255:67"), oracle.MessageTypeAck)
		r.sends(oracle.MessageTypeDecline, "255.255.255.255:67")
		r.told()
		taken = false
		before := time.Now()
		r.acquire()
		if got := time.Since(before); got < 10*time.Second {
			t.Errorf("it asks again after %v", got)
		}
		r.cancel(nil)
		r.ends(context.Canceled)
	})
}

func TestRunnerUsesAnAddressWhereItCannotProbe(t *testing.T) {
	inRun(t, func(r *dhcp.Runner, c *dhcp.Config) { c.Probe = true }, func(r *run) {
		r.acquire()
		r.cancel(nil)
		r.ends(context.Canceled)
	})
}

func TestRunnerEndsWithItsSocket(t *testing.T) {
	inRun(t, nil, func(r *run) {
		r.acquire()
		close(r.dev.rcvd)
		r.ends(netdev.ErrNetDown)
		r.told(dhcp.EventLost)
	})
}

func TestRunnerEndsWhereThereIsNoSocket(t *testing.T) {
	dev := newFakeDevice()
	dev.failing(netdev.ErrNoMoreSockets)
	r := dhcp.Runner{Client: dhcp.New(dhcp.Config{Rand: middle}), Device: dev}
	if err := r.Run(t.Context()); !errors.Is(err, netdev.ErrNoMoreSockets) {
		t.Errorf("Run returned %v", err)
	}
	dev.failing(nil)
	fd, err := dev.Socket(0, 0, 0)
	if err == nil {
		err = dev.Bind(fd, netip.MustParseAddrPort("0.0.0.0:68"))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Run(t.Context()); !errors.Is(err, netdev.ErrAddrInUse) {
		t.Errorf("Run returned %v", err)
	}
	if dev.open() != 1 {
		t.Error("a socket is left")
	}
}

func TestRunnerNeedsDatagramsWithAddresses(t *testing.T) {
	r := dhcp.Runner{Client: dhcp.New(dhcp.Config{Rand: middle}), Device: bare.Device(newFakeDevice())}
	if err := r.Run(t.Context()); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Run returned %v", err)
	}
}
