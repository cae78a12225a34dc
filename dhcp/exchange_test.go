package dhcp_test

import (
	"net"
	"testing"
	"time"

	oracle "github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/netdev-go/netdev/dhcp"
)

func TestAClientIsSilentUntilStart(t *testing.T) {
	tr := newTrace(t, nil)
	tr.is(dhcp.StateStopped, dhcp.EventNone)
	tr.never()
	tr.c.Advance(tr.now)
	tr.silent()
}

func TestALeaseTakesFourMessages(t *testing.T) {
	tr := newTrace(t, nil)
	tr.c.Start(tr.now)
	discover := tr.sends(oracle.MessageTypeDiscover, all)
	tr.is(dhcp.StateSelecting, dhcp.EventNone)
	if !discover.ClientIPAddr.Equal(net.IPv4zero) || discover.RequestedIPAddress() != nil || discover.ServerIdentifier() != nil {
		t.Errorf("DHCPDISCOVER names addresses: %s", discover.Summary())
	}
	tr.now += 3 * time.Second
	tr.offer(discover)
	request := tr.sends(oracle.MessageTypeRequest, all)
	tr.is(dhcp.StateRequesting, dhcp.EventNone)
	if request.TransactionID != discover.TransactionID {
		t.Errorf("the transaction is %v, want that of the offer, %v", request.TransactionID, discover.TransactionID)
	}
	if request.NumSeconds != discover.NumSeconds {
		t.Errorf("secs is %d, want that of DHCPDISCOVER, %d", request.NumSeconds, discover.NumSeconds)
	}
	if !request.RequestedIPAddress().Equal(offered) || !request.ServerIdentifier().Equal(server) || !request.ClientIPAddr.Equal(net.IPv4zero) {
		t.Errorf("DHCPREQUEST does not ask for what was offered: %s", request.Summary())
	}
	tr.now += 2 * time.Second
	tr.ack(request)
	tr.is(dhcp.StateBound, dhcp.EventBound)
	tr.silent()
	l := tr.c.Lease()
	if l.Addr.String() != "10.0.2.15/24" || l.Server != ip("10.0.2.1") {
		t.Errorf("the lease is of %v from %v", l.Addr, l.Server)
	}
	if asked := tr.now - 2*time.Second; l.Expiry != asked+time.Hour {
		t.Errorf("the lease ends %v after it was asked for, want an hour", l.Expiry-asked)
	}
}

func TestDiscoverIsSentAgainAfterFourToSixtyFourSeconds(t *testing.T) {
	tr := newTrace(t, nil)
	tr.c.Start(tr.now)
	first := tr.sends(oracle.MessageTypeDiscover, all)
	secs := uint16(0)
	for _, wait := range []time.Duration{4, 8, 16, 32, 64, 64, 64} {
		tr.next(wait * time.Second)
		again := tr.sends(oracle.MessageTypeDiscover, all)
		secs += uint16(wait)
		if again.NumSeconds != secs {
			t.Errorf("secs is %d, want %d", again.NumSeconds, secs)
		}
		if again.TransactionID != first.TransactionID {
			t.Error("the transaction is another one")
		}
	}
	// An answer to the first one is as good.
	tr.offer(first)
	tr.sends(oracle.MessageTypeRequest, all)
	tr.next(4 * time.Second)
	tr.ack(tr.sends(oracle.MessageTypeRequest, all))
	tr.is(dhcp.StateBound, dhcp.EventBound)
}

func TestWaitsAreSpreadByASecondToEitherSide(t *testing.T) {
	for _, c := range []struct {
		random uint32
		want   time.Duration
	}{
		{0, 3 * time.Second},
		{0xffffffff, 5*time.Second - 1},
	} {
		tr := newTrace(t, func(cfg *dhcp.Config) { cfg.Rand = func() uint32 { return c.random } })
		tr.c.Start(tr.now)
		if got := tr.c.Deadline() - tr.now; got != c.want {
			t.Errorf("with %#x the first wait is %v, want %v", c.random, got, c.want)
		}
	}
}

func TestARequestThatNobodyAnswersEndsInDiscover(t *testing.T) {
	tr := newTrace(t, nil)
	tr.c.Start(tr.now)
	tr.offer(tr.sends(oracle.MessageTypeDiscover, all))
	first := tr.sends(oracle.MessageTypeRequest, all)
	for _, wait := range []time.Duration{4, 8} {
		tr.next(wait * time.Second)
		if again := tr.sends(oracle.MessageTypeRequest, all); again.TransactionID != first.TransactionID {
			t.Error("the transaction is another one")
		}
	}
	tr.next(16 * time.Second)
	discover := tr.sends(oracle.MessageTypeDiscover, all)
	if !discover.RequestedIPAddress().Equal(offered) {
		t.Errorf("DHCPDISCOVER wishes for %v, want what was offered", discover.RequestedIPAddress())
	}
	if discover.TransactionID == first.TransactionID {
		t.Error("the transaction is still the old one")
	}
	tr.ack(first)
	tr.is(dhcp.StateSelecting, dhcp.EventNone)
	tr.next(4 * time.Second)
	tr.sends(oracle.MessageTypeDiscover, all)
	tr.next(8 * time.Second)
	tr.sends(oracle.MessageTypeDiscover, all)
}

func TestALeaseCountsFromTheFirstRequest(t *testing.T) {
	tr := newTrace(t, nil)
	tr.c.Start(tr.now)
	tr.offer(tr.sends(oracle.MessageTypeDiscover, all))
	request := tr.sends(oracle.MessageTypeRequest, all)
	asked := tr.now
	tr.next(4 * time.Second)
	tr.sends(oracle.MessageTypeRequest, all)
	tr.now += time.Second
	tr.ack(request)
	if got := tr.c.Lease().Expiry - asked; got != time.Hour {
		t.Errorf("the lease ends %v after it was first asked for, want an hour", got)
	}
}

func TestANakAtOnceLeadsToDiscoverAndLaterOnesWait(t *testing.T) {
	tr := newTrace(t, nil)
	tr.c.Start(tr.now)
	for i, wait := range []time.Duration{0, 4, 8, 16, 32, 64, 64, 64} {
		tr.offer(tr.sends(oracle.MessageTypeDiscover, all))
		tr.nak(tr.sends(oracle.MessageTypeRequest, all))
		if wait != 0 {
			tr.is(dhcp.StateInit, dhcp.EventNone)
			tr.silent()
			tr.next(wait * time.Second)
		}
		tr.is(dhcp.StateSelecting, dhcp.EventNone)
		if t.Failed() {
			t.Fatalf("after NAK %d", i+1)
		}
	}
	discover := tr.sends(oracle.MessageTypeDiscover, all)
	if a := discover.RequestedIPAddress(); a != nil {
		t.Errorf("DHCPDISCOVER wishes for %v, which was refused", a)
	}
	tr.offer(discover)
	tr.ack(tr.sends(oracle.MessageTypeRequest, all))
	tr.is(dhcp.StateBound, dhcp.EventBound)
}

func TestANakFromAServerThatWasNotAskedIsPassedOver(t *testing.T) {
	tr := newTrace(t, nil)
	tr.c.Start(tr.now)
	tr.offer(tr.sends(oracle.MessageTypeDiscover, all))
	request := tr.sends(oracle.MessageTypeRequest, all)
	tr.nak(request, oracle.WithOption(oracle.OptServerIdentifier(other)))
	tr.is(dhcp.StateRequesting, dhcp.EventNone)
	tr.nak(request, oracle.WithoutOption(oracle.OptionServerIdentifier))
	tr.is(dhcp.StateRequesting, dhcp.EventNone)
	tr.ack(request)
	tr.is(dhcp.StateBound, dhcp.EventBound)
}

func TestNothingIsTakenForAnAnswerBeforeTheQuestionIsSent(t *testing.T) {
	tr := newTrace(t, nil)
	tr.c.Start(tr.now)
	discover := tr.sends(oracle.MessageTypeDiscover, all)
	tr.offer(discover)
	tr.ack(discover)
	tr.nak(discover)
	tr.is(dhcp.StateRequesting, dhcp.EventNone)
	tr.ack(tr.sends(oracle.MessageTypeRequest, all))
	tr.is(dhcp.StateBound, dhcp.EventBound)
}

func TestAMessageThatDoesNotFitStaysForALongerBuffer(t *testing.T) {
	tr := newTrace(t, nil)
	tr.c.Start(tr.now)
	if _, _, ok := tr.c.Output(tr.now, make([]byte, 100)); ok {
		t.Fatal("a message fits into 100 bytes")
	}
	tr.sends(oracle.MessageTypeDiscover, all)
}
