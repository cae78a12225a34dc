package dhcp_test

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"

	oracle "github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/rfc1035label"

	"github.com/netdev-go/netdev/dhcp"
	"github.com/netdev-go/netdev/wire/dhcpv4"
)

func TestDiscoverAsksForWhatALeaseHas(t *testing.T) {
	tr := newTrace(t, nil)
	tr.c.Start(tr.now)
	m := tr.sends(oracle.MessageTypeDiscover, all)
	want := []uint8{1, 121, 3, 6, 15, 119, 26, 28, 42, 51, 54, 58, 59}
	got := m.Options.Get(oracle.OptionParameterRequestList)
	if !bytes.Equal(got, want) {
		t.Errorf("the parameter request list is %v, want %v", got, want)
	}
	if m.IsBroadcast() || m.HWType != 1 || !bytes.Equal(m.ClientHWAddr, hw[:]) {
		t.Errorf("the header is not as it should be: %s", m.Summary())
	}
}

func TestMessagesSayWhatTheConfigSays(t *testing.T) {
	tr := newTrace(t, func(c *dhcp.Config) {
		c.Hostname = "board"
		c.ClientID = "\x01\x02\x00\x00\x00\x00\x15"
		c.VendorClass = "netdev"
		c.RequestedAddr = netip.AddrFrom4([4]byte{10, 0, 2, 77})
		c.Broadcast = true
		c.MaxMessageSize = 1400
	})
	tr.c.Start(tr.now)
	discover := tr.sends(oracle.MessageTypeDiscover, all)
	if a := discover.RequestedIPAddress(); a.String() != "10.0.2.77" {
		t.Errorf("DHCPDISCOVER wishes for %v", a)
	}
	tr.offer(discover)
	request := tr.sends(oracle.MessageTypeRequest, all)
	for _, m := range []*oracle.DHCPv4{discover, request} {
		size, err := m.MaxMessageSize()
		if m.HostName() != "board" || m.ClassIdentifier() != "netdev" || size != 1400 || err != nil || !m.IsBroadcast() {
			t.Errorf("%v is not as configured: %s", m.MessageType(), m.Summary())
		}
		if id := m.Options.Get(oracle.OptionClientIdentifier); string(id) != "\x01\x02\x00\x00\x00\x00\x15" {
			t.Errorf("the client identifier is %q", id)
		}
	}
	tr.ack(request)
	tr.is(dhcp.StateBound, dhcp.EventBound)
	tr.next(t1)
	// An address is there to answer to.
	if renew := tr.sends(oracle.MessageTypeRequest, "10.0.2.1"); renew.IsBroadcast() || renew.HostName() != "board" {
		t.Errorf("the renewal is not as it should be: %s", renew.Summary())
	}
}

// RFC 2131 table 5.
func TestDeclineAndReleaseHaveNothingThatTheyMustNotHave(t *testing.T) {
	change := func(c *dhcp.Config) {
		c.Hostname, c.ClientID, c.VendorClass, c.Broadcast = "board", "\x00board", "netdev", true
	}
	declined := boundTrace(t, change)
	declined.c.Conflict(declined.now)
	released := boundTrace(t, change)
	released.c.Stop(released.now)
	for _, m := range []*oracle.DHCPv4{
		declined.sends(oracle.MessageTypeDecline, all),
		released.sends(oracle.MessageTypeRelease, "10.0.2.1"),
	} {
		may := map[uint8]bool{50: m.MessageType() == oracle.MessageTypeDecline, 53: true, 54: true, 61: true}
		for code := range m.Options {
			if !may[code] && code != 255 {
				t.Errorf("%v has option %d", m.MessageType(), code)
			}
		}
		if m.NumSeconds != 0 || m.IsBroadcast() || m.Options.Get(oracle.OptionClientIdentifier) == nil {
			t.Errorf("the message is not as it should be: %s", m.Summary())
		}
	}
}

func TestAFullDomainNameIsSentAsOne(t *testing.T) {
	tr := newTrace(t, func(c *dhcp.Config) { c.Hostname = "board.lan.example" })
	tr.c.Start(tr.now)
	m := tr.sends(oracle.MessageTypeDiscover, all)
	if m.HostName() != "" {
		t.Errorf("the host name %q is there too", m.HostName())
	}
	b := m.Options.Get(oracle.OptionFQDN)
	if len(b) < 3 || b[0] != 0x05 || b[1] != 0 || b[2] != 0 {
		t.Fatalf("option 81 begins with % x, want flags S and E, and two zeros", b)
	}
	name, err := rfc1035label.FromBytes(b[3:])
	if err != nil || len(name.Labels) != 1 || name.Labels[0] != "board.lan.example" {
		t.Errorf("the name is %v, %v", name, err)
	}
}

func TestTheLongestTextsFitIntoAnyMessage(t *testing.T) {
	for _, change := range []func(*dhcp.Config){
		func(c *dhcp.Config) { c.Hostname = strings.Repeat("n.", 119) + "nn" },
		func(c *dhcp.Config) { c.Hostname = strings.Repeat("h", 240) },
		func(c *dhcp.Config) { c.ClientID, c.VendorClass = strings.Repeat("i", 120), strings.Repeat("v", 120) },
		func(c *dhcp.Config) {
			c.Hostname, c.ClientID, c.VendorClass = strings.Repeat("h.", 40), strings.Repeat("i", 80), strings.Repeat("v", 80)
		},
	} {
		tr := boundTrace(t, change)
		tr.next(t1)
		tr.sends(oracle.MessageTypeRequest, "10.0.2.1")
	}
}

func TestAMessageSizeBelowTheLeastIsTheLeast(t *testing.T) {
	for size, want := range map[int]uint16{0: 1500, 1: 576, 100000: 65535} {
		tr := newTrace(t, func(c *dhcp.Config) { c.MaxMessageSize = size })
		tr.c.Start(tr.now)
		if got, err := tr.sends(oracle.MessageTypeDiscover, all).MaxMessageSize(); got != want || err != nil {
			t.Errorf("with %d the size is %d, %v; want %d", size, got, err, want)
		}
	}
}

func TestNewRefusesWhatNoClientCanDoWith(t *testing.T) {
	for name, c := range map[string]dhcp.Config{
		"no randomness": {},
		"too much text": {Rand: middle, Hostname: strings.Repeat("h", 241)},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("New does not panic")
				}
			}()
			dhcp.New(c)
		})
	}
}

// Every message of ours is one that our own reader takes too.
func TestMessagesAreBootRequestsOfThreeHundredBytesAtLeast(t *testing.T) {
	tr := newTrace(t, nil)
	tr.c.Start(tr.now)
	b := dirty(dhcpv4.MaxLen)
	n, _, _ := tr.c.Output(tr.now, b)
	m, err := dhcpv4.Parse(b[:n])
	if err != nil || m.Op() != dhcpv4.BootRequest || n < dhcpv4.MinLen {
		t.Errorf("%d bytes, %v", n, err)
	}
}
