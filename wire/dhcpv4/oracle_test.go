package dhcpv4_test

import (
	"bytes"
	"net"
	"slices"
	"testing"
	"time"

	oracle "github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/rfc1035label"

	"github.com/netdev-go/netdev/wire/dhcpv4"
)

// What we write, another codec reads.
func TestOracleReadsWhatWeWrite(t *testing.T) {
	b := dirty(dhcpv4.MaxLen)
	n, err := ack(b)
	if err != nil {
		t.Fatal(err)
	}
	m, err := oracle.FromBytes(b[:n])
	if err != nil {
		t.Fatal(err)
	}
	if m.OpCode != oracle.OpcodeBootReply || m.MessageType() != oracle.MessageTypeAck || !bytes.Equal(m.ClientHWAddr, board[:]) ||
		!m.YourIPAddr.Equal(lease.AsSlice()) || !m.ServerIPAddr.Equal(server.AsSlice()) || !m.ServerIdentifier().Equal(server.AsSlice()) {
		t.Errorf("it reads %v", m.Summary())
	}
	if m.IPAddressLeaseTime(0) != 12*time.Hour || m.IPAddressRenewalTime(0) != 6*time.Hour || m.IPAddressRebindingTime(0) != 630*time.Minute {
		t.Errorf("it reads times of %v, %v, %v", m.IPAddressLeaseTime(0), m.IPAddressRenewalTime(0), m.IPAddressRebindingTime(0))
	}
	if len(m.Router()) != 1 || len(m.DNS()) != 2 || len(m.NTPServers()) != 1 || m.HostName() != "board" || m.DomainName() != "lab.example" {
		t.Errorf("it reads %v", m.Summary())
	}
	if search := m.DomainSearch(); search == nil || !slices.Equal(search.Labels, []string{"eng.lab.example", "lab.example"}) {
		t.Errorf("it reads the search list %v", search)
	}
}

// What it writes, we read: with a list of domains so long that it comes in parts.
func TestWeReadWhatTheOracleWrites(t *testing.T) {
	search := rfc1035label.NewLabels()
	for i := range 40 {
		search.Labels = append(search.Labels, "department-"+string(rune('a'+i%26))+string(rune('a'+i/26))+".example")
	}
	theirs, err := oracle.New(
		oracle.WithMessageType(oracle.MessageTypeOffer),
		oracle.WithHwAddr(board[:]),
		oracle.WithYourIP(lease.AsSlice()),
		oracle.WithServerIP(server.AsSlice()),
		oracle.WithBroadcast(true),
		oracle.WithNetmask(net.CIDRMask(20, 32)),
		oracle.WithRouter(server.AsSlice()),
		oracle.WithLeaseTime(90),
		oracle.WithOption(oracle.OptServerIdentifier(server.AsSlice())),
		oracle.WithOption(oracle.OptDomainSearch(search)),
		oracle.WithOption(oracle.OptMessage("welcome")),
	)
	if err != nil {
		t.Fatal(err)
	}
	m := parse(t, theirs.ToBytes())
	if m.Op() != dhcpv4.BootReply && m.Op() != dhcpv4.BootRequest || m.Type() != dhcpv4.Offer || m.YIAddr() != lease || m.SIAddr() != server ||
		m.Flags() != dhcpv4.FlagBroadcast || !bytes.Equal(m.CHAddr(), board[:]) || string(m.Text()) != "welcome" {
		t.Errorf("we read %+v", m.Header())
	}
	if n, ok := m.PrefixLen(); !ok || n != 20 {
		t.Errorf("we read a prefix of %d bits", n)
	}
	if n, ok := m.LeaseTime(); !ok || n != 90 {
		t.Errorf("we read a lease of %d s", n)
	}
	if id, ok := m.ServerID(); !ok || id != server || m.Routers().At(0) != server {
		t.Errorf("we read the server %v", id)
	}
	if got := m.DomainSearch(make([]byte, 2048)); !m.Split(dhcpv4.OptDomainSearch) || !bytes.Equal(got, search.ToBytes()) {
		t.Errorf("we read a search list of %d bytes, want %d", len(got), len(search.ToBytes()))
	}
}
