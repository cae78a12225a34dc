package dhcp_test

import (
	"net"
	"testing"
	"time"

	oracle "github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/netdev-go/netdev/dhcp"
)

// What is not an answer from a server, or none that makes sense.
var junk = map[string]oracle.Modifier{
	"another transaction":      func(m *oracle.DHCPv4) { m.TransactionID[3]++ },
	"another client":           func(m *oracle.DHCPv4) { m.ClientHWAddr = net.HardwareAddr{2, 0, 0, 0, 0, 0x16} },
	"no Ethernet address":      func(m *oracle.DHCPv4) { m.ClientHWAddr = net.HardwareAddr{2, 0, 0, 0, 0, 0x15, 0, 0} },
	"a client's message":       func(m *oracle.DHCPv4) { m.OpCode = oracle.OpcodeBootRequest },
	"another identifier":       oracle.WithOption(oracle.OptClientIdentifier([]byte("\x00somebody"))),
	"no type":                  oracle.WithoutOption(oracle.OptionDHCPMessageType),
	"a type for servers":       oracle.WithMessageType(oracle.MessageTypeInform),
	"no server":                oracle.WithoutOption(oracle.OptionServerIdentifier),
	"server 0.0.0.0":           oracle.WithOption(oracle.OptServerIdentifier(net.IPv4zero)),
	"server 255.255.255.255":   oracle.WithOption(oracle.OptServerIdentifier(net.IPv4bcast)),
	"server multicast":         oracle.WithOption(oracle.OptServerIdentifier(net.IPv4(224, 0, 0, 1))),
	"no lease time":            oracle.WithoutOption(oracle.OptionIPAddressLeaseTime),
	"a lease of no time":       oracle.WithLeaseTime(0),
	"a lease of a second":      oracle.WithLeaseTime(1),
	"address 0.0.0.0":          oracle.WithYourIP(net.IPv4zero),
	"address 0.0.0.7":          oracle.WithYourIP(net.IPv4(0, 0, 0, 7)),
	"address 255.255.255.255":  oracle.WithYourIP(net.IPv4bcast),
	"address multicast":        oracle.WithYourIP(net.IPv4(239, 1, 2, 3)),
	"address loopback":         oracle.WithYourIP(net.IPv4(127, 0, 0, 1)),
	"address reserved":         oracle.WithYourIP(net.IPv4(240, 0, 0, 1)),
	"the network's address":    oracle.WithYourIP(net.IPv4(10, 0, 2, 0)),
	"the network's broadcasts": oracle.WithYourIP(net.IPv4(10, 0, 2, 255)),
}

func TestJunkIsNotTakenForAnOffer(t *testing.T) {
	for name, mod := range junk {
		t.Run(name, func(t *testing.T) {
			tr := newTrace(t, func(c *dhcp.Config) { c.ClientID = "\x00board" })
			tr.c.Start(tr.now)
			discover := tr.sends(oracle.MessageTypeDiscover, all)
			tr.offer(discover, mod)
			tr.is(dhcp.StateSelecting, dhcp.EventNone)
			tr.silent()
			tr.offer(discover)
			tr.is(dhcp.StateRequesting, dhcp.EventNone)
		})
	}
}

func TestJunkIsNotTakenForAnAcknowledgement(t *testing.T) {
	more := map[string]oracle.Modifier{
		"another server":  oracle.WithOption(oracle.OptServerIdentifier(other)),
		"another address": oracle.WithYourIP(net.IPv4(10, 0, 2, 16)),
		"an offer":        oracle.WithMessageType(oracle.MessageTypeOffer),
	}
	for name, mod := range junk {
		more[name] = mod
	}
	for name, mod := range more {
		t.Run(name, func(t *testing.T) {
			tr := newTrace(t, func(c *dhcp.Config) { c.ClientID = "\x00board" })
			tr.c.Start(tr.now)
			tr.offer(tr.sends(oracle.MessageTypeDiscover, all))
			request := tr.sends(oracle.MessageTypeRequest, all)
			tr.ack(request, mod)
			tr.is(dhcp.StateRequesting, dhcp.EventNone)
			tr.ack(request)
			tr.is(dhcp.StateBound, dhcp.EventBound)
		})
	}
}

func TestTheFirstAcceptableOfferIsTaken(t *testing.T) {
	tr := newTrace(t, nil)
	tr.c.Start(tr.now)
	discover := tr.sends(oracle.MessageTypeDiscover, all)
	tr.offer(discover, junk["no server"])
	tr.offer(discover, oracle.WithOption(oracle.OptServerIdentifier(other)))
	tr.offer(discover)
	if m := tr.sends(oracle.MessageTypeRequest, all); !m.ServerIdentifier().Equal(other) {
		t.Errorf("the request is for %v, want the first that offered", m.ServerIdentifier())
	}
}

func TestAnIdentifierThatServersEchoIsOurs(t *testing.T) {
	echo := oracle.WithOption(oracle.OptClientIdentifier([]byte("\x00board")))
	boundTrace(t, func(c *dhcp.Config) { c.ClientID = "\x00board" }, echo)
	// A client that has sent none does not mind.
	boundTrace(t, nil, echo)
}

func TestAMaskOfOneOrTwoAddressesIsTaken(t *testing.T) {
	for _, bits := range []int{31, 32} {
		tr := boundTrace(t, nil, oracle.WithNetmask(net.CIDRMask(bits, 32)))
		if got := tr.c.Lease().Addr.Bits(); got != bits {
			t.Errorf("the network has %d bits, want %d", got, bits)
		}
	}
}

func TestGarbageDoesNothing(t *testing.T) {
	tr := newTrace(t, nil)
	tr.c.Start(tr.now)
	discover := tr.sends(oracle.MessageTypeDiscover, all)
	whole := reply(discover, oracle.MessageTypeOffer).ToBytes()
	for _, b := range [][]byte{nil, {}, {2}, whole[:239], make([]byte, 300), make([]byte, 5000)} {
		tr.c.Input(tr.now, b)
	}
	tr.is(dhcp.StateSelecting, dhcp.EventNone)
	if got := tr.c.Deadline() - tr.now; got != 4*time.Second {
		t.Errorf("the deadline has moved to %v", got)
	}
}
