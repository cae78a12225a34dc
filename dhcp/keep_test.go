package dhcp_test

import (
	"net"
	"testing"
	"time"

	oracle "github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/netdev-go/netdev/dhcp"
)

// The usual times of an hour, without the fuzz of middle: half of 1/64.
const (
	fuzz = time.Hour / 128
	t1   = time.Hour/2 - fuzz
	t2   = time.Hour*7/8 - fuzz
)

func TestAtT1TheServerIsAskedForMoreTime(t *testing.T) {
	tr := boundTrace(t, nil)
	asked := tr.now
	tr.next(t1)
	tr.is(dhcp.StateRenewing, dhcp.EventNone)
	request := tr.sends(oracle.MessageTypeRequest, "10.0.2.1")
	if !request.ClientIPAddr.Equal(offered) {
		t.Errorf("ciaddr is %v, want the address of the lease", request.ClientIPAddr)
	}
	if request.RequestedIPAddress() != nil || request.ServerIdentifier() != nil {
		t.Errorf("a renewal names the address or the server (RFC 2131 §4.3.6): %s", request.Summary())
	}
	if request.NumSeconds != 0 {
		t.Errorf("secs is %d, want that of a new exchange", request.NumSeconds)
	}
	tr.now += time.Second
	tr.ack(request)
	tr.is(dhcp.StateBound, dhcp.EventNone)
	l := tr.c.Lease()
	if want := asked + t1 + time.Hour; l.Expiry != want {
		t.Errorf("the lease ends at %v, want %v", l.Expiry, want)
	}
	if want := asked + t1 + t1; l.T1 != want || tr.c.Deadline() != want {
		t.Errorf("T1 is %v and the deadline %v, want %v", l.T1, tr.c.Deadline(), want)
	}
}

func TestEachExchangeHasItsOwnTransaction(t *testing.T) {
	random := uint32(7)
	tr := newTrace(t, func(c *dhcp.Config) {
		c.Rand = func() uint32 { random = random*1664525 + 1013904223; return random }
	})
	tr.c.Start(tr.now)
	seen := map[oracle.TransactionID]bool{}
	tr.offer(tr.sends(oracle.MessageTypeDiscover, all))
	for range 20 {
		m := tr.sends(oracle.MessageTypeRequest, map[bool]string{true: all, false: "10.0.2.1"}[len(seen) == 0])
		if seen[m.TransactionID] {
			t.Fatalf("transaction %v comes twice", m.TransactionID)
		}
		seen[m.TransactionID] = true
		tr.ack(m)
		tr.now = tr.c.Deadline()
		tr.c.Advance(tr.now)
	}
}

func TestARenewalIsAskedAgainAfterHalfOfWhatIsLeft(t *testing.T) {
	tr := boundTrace(t, nil)
	tr.next(t1)
	tr.sends(oracle.MessageTypeRequest, "10.0.2.1")
	for left := t2 - t1; left > time.Minute; left -= max(left/2, time.Minute) {
		tr.next(max(left/2, time.Minute))
		tr.is(dhcp.StateRenewing, dhcp.EventNone)
		tr.sends(oracle.MessageTypeRequest, "10.0.2.1")
	}
	if tr.c.Deadline() != tr.c.Lease().T2 {
		t.Errorf("the deadline is %v, want T2, %v", tr.c.Deadline(), tr.c.Lease().T2)
	}
}

func TestAtT2AnyServerIsAskedAndAtTheEndTheLeaseIsLost(t *testing.T) {
	tr := boundTrace(t, nil)
	start := tr.now
	tr.next(t1)
	renew := tr.sends(oracle.MessageTypeRequest, "10.0.2.1")
	for tr.now = tr.c.Deadline(); tr.now < start+t2; tr.now = tr.c.Deadline() {
		tr.c.Advance(tr.now)
		tr.sends(oracle.MessageTypeRequest, "10.0.2.1")
	}
	tr.c.Advance(tr.now)
	tr.is(dhcp.StateRebinding, dhcp.EventNone)
	if tr.now != start+t2 {
		t.Errorf("rebinding begins after %v, want %v", tr.now-start, t2)
	}
	rebind := tr.sends(oracle.MessageTypeRequest, all)
	if rebind.TransactionID == renew.TransactionID || !rebind.ClientIPAddr.Equal(offered) || rebind.ServerIdentifier() != nil {
		t.Errorf("the message is not one of REBINDING: %s", rebind.Summary())
	}
	for tr.now = tr.c.Deadline(); tr.now < start+time.Hour; tr.now = tr.c.Deadline() {
		tr.c.Advance(tr.now)
		tr.is(dhcp.StateRebinding, dhcp.EventNone)
		tr.sends(oracle.MessageTypeRequest, all)
	}
	tr.c.Advance(tr.now)
	if tr.now != start+time.Hour {
		t.Errorf("the lease is lost after %v, want an hour", tr.now-start)
	}
	tr.is(dhcp.StateSelecting, dhcp.EventLost)
	if m := tr.sends(oracle.MessageTypeDiscover, all); !m.RequestedIPAddress().Equal(offered) {
		t.Errorf("DHCPDISCOVER wishes for %v, want the address of before", m.RequestedIPAddress())
	}
}

func TestAnotherServerMayTakeOverTheLease(t *testing.T) {
	tr := boundTrace(t, nil)
	tr.now = tr.c.Lease().T2
	tr.c.Advance(tr.now)
	tr.ack(tr.sends(oracle.MessageTypeRequest, all), oracle.WithOption(oracle.OptServerIdentifier(other)))
	tr.is(dhcp.StateBound, dhcp.EventBound)
	if got := tr.c.Lease().Server; got != ip("10.0.2.2") {
		t.Errorf("the server is %v", got)
	}
	tr.now = tr.c.Lease().T1
	tr.c.Advance(tr.now)
	tr.sends(oracle.MessageTypeRequest, "10.0.2.2")
}

func TestARenewalWithoutServerIdentifierIsTheServersOwn(t *testing.T) {
	tr := boundTrace(t, nil)
	tr.next(t1)
	tr.ack(tr.sends(oracle.MessageTypeRequest, "10.0.2.1"), oracle.WithoutOption(oracle.OptionServerIdentifier))
	tr.is(dhcp.StateBound, dhcp.EventNone)
}

func TestARenewalThatChangesSomethingIsANewLease(t *testing.T) {
	tr := boundTrace(t, nil, oracle.WithDNS(server))
	old := tr.c.Lease()
	tr.next(t1)
	tr.ack(tr.sends(oracle.MessageTypeRequest, "10.0.2.1"), oracle.WithDNS(other))
	tr.is(dhcp.StateBound, dhcp.EventBound)
	if got := tr.c.Lease().DNS; len(got) != 1 || got[0] != ip("10.0.2.2") {
		t.Errorf("DNS is %v", got)
	}
	if len(old.DNS) != 1 || old.DNS[0] != ip("10.0.2.1") {
		t.Errorf("the lease of before was changed: %v", old.DNS)
	}
}

func TestARenewalOfAnotherAddressIsPassedOver(t *testing.T) {
	tr := boundTrace(t, nil)
	tr.next(t1)
	tr.ack(tr.sends(oracle.MessageTypeRequest, "10.0.2.1"), oracle.WithYourIP(net.IPv4(10, 0, 2, 16)))
	tr.is(dhcp.StateRenewing, dhcp.EventNone)
}

func TestANakTakesTheLeaseAway(t *testing.T) {
	for name, at := range map[string]func(*dhcp.Lease) time.Duration{
		"renewing":  func(l *dhcp.Lease) time.Duration { return l.T1 },
		"rebinding": func(l *dhcp.Lease) time.Duration { return l.T2 },
	} {
		t.Run(name, func(t *testing.T) {
			tr := boundTrace(t, nil)
			to := all
			if name == "renewing" {
				to = "10.0.2.1"
			}
			tr.now = at(tr.c.Lease())
			tr.c.Advance(tr.now)
			tr.nak(tr.sends(oracle.MessageTypeRequest, to))
			tr.is(dhcp.StateSelecting, dhcp.EventLost)
			tr.acquire()
		})
	}
}

func TestABoundClientHearsNothing(t *testing.T) {
	tr := newTrace(t, nil)
	tr.c.Start(tr.now)
	tr.offer(tr.sends(oracle.MessageTypeDiscover, all))
	request := tr.sends(oracle.MessageTypeRequest, all)
	tr.ack(request)
	tr.is(dhcp.StateBound, dhcp.EventBound)
	end := tr.c.Lease().Expiry
	tr.now += time.Minute
	tr.nak(request)
	tr.offer(request)
	tr.ack(request, oracle.WithLeaseTime(60))
	tr.is(dhcp.StateBound, dhcp.EventNone)
	if tr.c.Lease().Expiry != end {
		t.Error("a late acknowledgement changed the lease")
	}
	tr.silent()
}

func TestAClientThatSleptThroughItsLeaseLosesIt(t *testing.T) {
	tr := boundTrace(t, nil)
	tr.now += 2 * time.Hour
	tr.c.Advance(tr.now)
	tr.is(dhcp.StateSelecting, dhcp.EventLost)
	tr.acquire()
}
