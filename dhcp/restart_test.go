package dhcp_test

import (
	"net"
	"testing"
	"time"

	oracle "github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/netdev-go/netdev/dhcp"
)

func TestAfterTheLinkWasGoneTheOldLeaseIsAskedAbout(t *testing.T) {
	tr := boundTrace(t, nil)
	tr.c.Suspend(tr.now)
	tr.is(dhcp.StateStopped, dhcp.EventLost)
	tr.never()
	tr.silent()
	tr.now += 10 * time.Minute
	tr.c.Advance(tr.now)
	tr.silent()
	tr.c.Start(tr.now)
	tr.is(dhcp.StateRebooting, dhcp.EventNone)
	request := tr.sends(oracle.MessageTypeRequest, all)
	if !request.RequestedIPAddress().Equal(offered) || request.ServerIdentifier() != nil || !request.ClientIPAddr.Equal(net.IPv4zero) {
		t.Errorf("DHCPREQUEST is not that of INIT-REBOOT (RFC 2131 §4.3.2): %s", request.Summary())
	}
	tr.ack(request)
	tr.is(dhcp.StateBound, dhcp.EventBound)
	if got := tr.c.Lease().Expiry - tr.now; got != time.Hour {
		t.Errorf("the lease ends in %v, want an hour", got)
	}
}

func TestStartWhileBoundAsksAboutTheLeaseToo(t *testing.T) {
	tr := boundTrace(t, nil)
	tr.c.Start(tr.now)
	tr.is(dhcp.StateRebooting, dhcp.EventLost)
	tr.ack(tr.sends(oracle.MessageTypeRequest, all))
	tr.is(dhcp.StateBound, dhcp.EventBound)
}

func TestOnAnotherNetworkTheOldLeaseIsForgotten(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		tr := boundTrace(t, nil)
		tr.c.Start(tr.now)
		tr.is(dhcp.StateRebooting, dhcp.EventLost)
		tr.nak(tr.sends(oracle.MessageTypeRequest, all), oracle.WithOption(oracle.OptServerIdentifier(other)))
		tr.is(dhcp.StateSelecting, dhcp.EventNone)
		m := tr.sends(oracle.MessageTypeDiscover, all)
		if a := m.RequestedIPAddress(); a != nil {
			t.Errorf("DHCPDISCOVER wishes for %v, which was refused", a)
		}
	})
	t.Run("no answer", func(t *testing.T) {
		tr := boundTrace(t, nil)
		tr.c.Start(tr.now)
		tr.is(dhcp.StateRebooting, dhcp.EventLost)
		tr.sends(oracle.MessageTypeRequest, all)
		tr.next(4 * time.Second)
		tr.is(dhcp.StateSelecting, dhcp.EventNone)
		elsewhere := net.IPv4(192, 168, 1, 7)
		m := tr.sends(oracle.MessageTypeDiscover, all)
		tr.offer(m, oracle.WithYourIP(elsewhere))
		tr.ack(tr.sends(oracle.MessageTypeRequest, all), oracle.WithYourIP(elsewhere))
		tr.is(dhcp.StateBound, dhcp.EventBound)
		if got := tr.c.Lease().Addr.String(); got != "192.168.1.7/24" {
			t.Errorf("the address is %v", got)
		}
	})
}

func TestALeaseThatWasRefusedIsNotAskedAboutAgain(t *testing.T) {
	tr := boundTrace(t, nil)
	tr.next(t1)
	tr.nak(tr.sends(oracle.MessageTypeRequest, "10.0.2.1"))
	tr.is(dhcp.StateSelecting, dhcp.EventLost)
	tr.c.Suspend(tr.now)
	tr.c.Start(tr.now)
	tr.is(dhcp.StateSelecting, dhcp.EventNone)
	tr.acquire()
}

func TestALeaseThatEndedMeanwhileIsNotAskedAbout(t *testing.T) {
	tr := boundTrace(t, nil)
	tr.c.Suspend(tr.now)
	tr.is(dhcp.StateStopped, dhcp.EventLost)
	tr.now += time.Hour
	tr.c.Start(tr.now)
	tr.is(dhcp.StateSelecting, dhcp.EventNone)
	if m := tr.sends(oracle.MessageTypeDiscover, all); !m.RequestedIPAddress().Equal(offered) {
		t.Errorf("DHCPDISCOVER wishes for %v, want the address of before", m.RequestedIPAddress())
	}
}

func TestALinkThatGoesDuringAnExchangeBeginsItAnew(t *testing.T) {
	tr := newTrace(t, nil)
	tr.c.Start(tr.now)
	tr.offer(tr.sends(oracle.MessageTypeDiscover, all))
	request := tr.sends(oracle.MessageTypeRequest, all)
	tr.c.Suspend(tr.now)
	tr.ack(request)
	tr.is(dhcp.StateStopped, dhcp.EventNone)
	tr.c.Start(tr.now)
	tr.ack(request)
	tr.is(dhcp.StateSelecting, dhcp.EventNone)
	tr.acquire()
}

func TestStopGivesTheLeaseBack(t *testing.T) {
	tr := boundTrace(t, func(c *dhcp.Config) { c.Hostname = "board" })
	tr.c.Stop(tr.now)
	tr.is(dhcp.StateStopped, dhcp.EventLost)
	m := tr.sends(oracle.MessageTypeRelease, "10.0.2.1")
	if !m.ClientIPAddr.Equal(offered) || !m.ServerIdentifier().Equal(server) || m.RequestedIPAddress() != nil {
		t.Errorf("DHCPRELEASE does not say what is given back: %s", m.Summary())
	}
	tr.never()
	tr.c.Start(tr.now)
	tr.is(dhcp.StateSelecting, dhcp.EventNone)
	tr.acquire()
}

func TestStopWithoutALeaseSaysNothing(t *testing.T) {
	tr := newTrace(t, nil)
	tr.c.Stop(tr.now)
	tr.silent()
	tr.c.Start(tr.now)
	tr.offer(tr.sends(oracle.MessageTypeDiscover, all))
	tr.c.Stop(tr.now)
	tr.silent()
	tr.is(dhcp.StateStopped, dhcp.EventNone)

	tr = boundTrace(t, nil)
	tr.now += time.Hour
	tr.c.Stop(tr.now)
	tr.silent()
	tr.is(dhcp.StateStopped, dhcp.EventLost)
}

func TestStopWhileProbingGivesTheLeaseBack(t *testing.T) {
	tr := probing(t)
	tr.c.Stop(tr.now)
	tr.is(dhcp.StateStopped, dhcp.EventNone)
	tr.sends(oracle.MessageTypeRelease, "10.0.2.1")
}
