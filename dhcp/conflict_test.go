package dhcp_test

import (
	"testing"
	"time"

	oracle "github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/netdev-go/netdev/dhcp"
)

// probing has been given an address and not looked yet whether it is free.
func probing(t *testing.T) *trace {
	tr := newTrace(t, func(c *dhcp.Config) { c.Probe = true })
	tr.c.Start(tr.now)
	tr.toProbe()
	return tr
}

func (tr *trace) toProbe() {
	tr.Helper()
	tr.offer(tr.sends(oracle.MessageTypeDiscover, all))
	tr.ack(tr.sends(oracle.MessageTypeRequest, all))
	tr.is(dhcp.StateProbing, dhcp.EventNone)
}

func TestAnAddressIsNotUsedUntilItIsKnownToBeFree(t *testing.T) {
	tr := probing(t)
	if a, ok := tr.c.Probing(); !ok || a != ip("10.0.2.15") {
		t.Fatalf("what is to be probed is %v, %v", a, ok)
	}
	tr.now += 5 * time.Second
	tr.c.NoConflict(tr.now)
	tr.is(dhcp.StateBound, dhcp.EventBound)
	if a, ok := tr.c.Probing(); ok {
		t.Errorf("%v is still to be probed", a)
	}
	if got := tr.c.Lease().Expiry - tr.now; got != time.Hour-5*time.Second {
		t.Errorf("the lease ends in %v: the time of probing does not count", got)
	}
}

func TestAnAddressInUseIsDeclined(t *testing.T) {
	tr := probing(t)
	tr.c.Conflict(tr.now)
	tr.is(dhcp.StateInit, dhcp.EventNone)
	m := tr.sends(oracle.MessageTypeDecline, all)
	if !m.RequestedIPAddress().Equal(offered) || !m.ServerIdentifier().Equal(server) || !m.ClientIPAddr.IsUnspecified() {
		t.Errorf("DHCPDECLINE does not say what is declined: %s", m.Summary())
	}
	if wait := tr.c.Deadline() - tr.now; wait < 10*time.Second || wait > 11*time.Second {
		t.Errorf("the client waits %v, want ten seconds and no more than one on top", wait)
	}
	tr.now = tr.c.Deadline()
	tr.c.Advance(tr.now)
	discover := tr.sends(oracle.MessageTypeDiscover, all)
	if a := discover.RequestedIPAddress(); a != nil {
		t.Errorf("DHCPDISCOVER wishes for %v, which is in use", a)
	}
}

func TestADeclinedAddressIsNoWishAfterTheLinkWasGone(t *testing.T) {
	for name, restart := range map[string]func(*trace){
		"start":            func(tr *trace) { tr.c.Start(tr.now) },
		"suspend, start":   func(tr *trace) { tr.c.Suspend(tr.now); tr.c.Start(tr.now) },
		"nothing was sent": func(tr *trace) { tr.c.Conflict(tr.now); tr.c.Start(tr.now) },
	} {
		t.Run(name, func(t *testing.T) {
			tr := probing(t)
			if name != "nothing was sent" {
				tr.c.Conflict(tr.now)
				tr.sends(oracle.MessageTypeDecline, all)
			}
			restart(tr)
			if m := tr.sends(oracle.MessageTypeDiscover, all); m.RequestedIPAddress() != nil {
				t.Errorf("DHCPDISCOVER wishes for %v, which is in use", m.RequestedIPAddress())
			}
		})
	}
}

func TestAConflictInUseTakesTheLeaseAway(t *testing.T) {
	tr := boundTrace(t, nil)
	tr.next(t1)
	tr.sends(oracle.MessageTypeRequest, "10.0.2.1")
	tr.c.Conflict(tr.now)
	tr.is(dhcp.StateInit, dhcp.EventLost)
	tr.sends(oracle.MessageTypeDecline, all)
}

func TestAfterTenConflictsOneAddressIsTriedInAMinute(t *testing.T) {
	tr := probing(t)
	for i := 1; i <= 12; i++ {
		tr.c.Conflict(tr.now)
		tr.sends(oracle.MessageTypeDecline, all)
		wait, least := tr.c.Deadline()-tr.now, 10*time.Second
		if i >= 10 {
			least = time.Minute
		}
		if wait < least || wait > least+time.Second {
			t.Errorf("after conflict %d the client waits %v, want %v", i, wait, least)
		}
		tr.now = tr.c.Deadline()
		tr.c.Advance(tr.now)
		tr.toProbe()
	}
	tr.c.NoConflict(tr.now)
	tr.is(dhcp.StateBound, dhcp.EventBound)
}

func TestALeaseOfBeforeIsProbedTooButARenewedOneIsNot(t *testing.T) {
	tr := probing(t)
	tr.c.NoConflict(tr.now)
	tr.is(dhcp.StateBound, dhcp.EventBound)
	tr.next(t1)
	tr.ack(tr.sends(oracle.MessageTypeRequest, "10.0.2.1"))
	tr.is(dhcp.StateBound, dhcp.EventNone)
	tr.c.Start(tr.now)
	tr.ack(tr.sends(oracle.MessageTypeRequest, all))
	tr.is(dhcp.StateProbing, dhcp.EventLost)
}

func TestALeaseThatEndsWhileProbingIsGone(t *testing.T) {
	tr := probing(t)
	tr.next(time.Hour)
	tr.is(dhcp.StateSelecting, dhcp.EventNone)
}

func TestConflictAndNoConflictMeanNothingWithoutALease(t *testing.T) {
	tr := newTrace(t, nil)
	tr.c.Conflict(tr.now)
	tr.c.NoConflict(tr.now)
	tr.is(dhcp.StateStopped, dhcp.EventNone)
	tr.c.Start(tr.now)
	tr.c.Conflict(tr.now)
	tr.c.NoConflict(tr.now)
	tr.is(dhcp.StateSelecting, dhcp.EventNone)
	tr.acquire()
	tr.c.NoConflict(tr.now)
	tr.is(dhcp.StateBound, dhcp.EventNone)
}
