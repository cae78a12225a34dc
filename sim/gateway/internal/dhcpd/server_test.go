package dhcpd_test

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/netdev-go/netdev/sim/gateway/internal/dhcpd"
)

var (
	gateway   = netip.MustParseAddr("10.0.2.1")
	broadcast = netip.MustParseAddrPort("255.255.255.255:68")
	epoch     = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

const leaseTime = time.Hour

// A network is a server, its clock, and what it told.
type network struct {
	*dhcpd.Server
	t     *testing.T
	now   time.Time
	heard []string
}

func newNetwork(t *testing.T, change ...func(*dhcpd.Config)) *network {
	n := &network{t: t, now: epoch}
	c := dhcpd.Config{
		Server: gateway, Prefix: netip.MustParsePrefix("10.0.2.0/24"), First: netip.MustParseAddr("10.0.2.15"),
		Domain: "netdev", MTU: 1500, LeaseTime: leaseTime, MaxLeases: 1000, Reserved: []string{"gateway", "host"},
		Notify: func(c dhcpd.Change, l dhcpd.Lease) { n.heard = append(n.heard, fmt.Sprint(c, " ", l.Name)) },
	}
	for _, f := range change {
		f(&c)
	}
	n.Server = dhcpd.New(c)
	return n
}

// send returns the answer, nil for none, and where it goes.
func (n *network) send(m *dhcpv4.DHCPv4, err error) (*dhcpv4.DHCPv4, netip.AddrPort) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
	b, to := n.Handle(n.now, m.ToBytes())
	if b == nil {
		return nil, to
	}
	answer, err := dhcpv4.FromBytes(b)
	if err != nil {
		n.t.Fatal(err)
	}
	if answer.TransactionID != m.TransactionID || answer.OpCode != dhcpv4.OpcodeBootReply || answer.ClientHWAddr.String() != m.ClientHWAddr.String() {
		n.t.Fatalf("not an answer to the message:\n%s", answer.Summary())
	}
	return answer, to
}

// want sends m and asserts the type of the answer.
func (n *network) want(t dhcpv4.MessageType, m *dhcpv4.DHCPv4, err error) *dhcpv4.DHCPv4 {
	n.t.Helper()
	answer, _ := n.send(m, err)
	if answer == nil || answer.MessageType() != t {
		n.t.Fatalf("%s was answered with %v, want %v", m.Summary(), answer, t)
	}
	return answer
}

func (n *network) silent(m *dhcpv4.DHCPv4, err error) {
	n.t.Helper()
	if answer, _ := n.send(m, err); answer != nil {
		n.t.Fatalf("%s was answered with %s", m.Summary(), answer.Summary())
	}
}

// join has a client discover and request.
func (n *network) join(mac net.HardwareAddr, m ...dhcpv4.Modifier) *dhcpv4.DHCPv4 {
	n.t.Helper()
	discover, err := dhcpv4.NewDiscovery(mac, m...)
	offer := n.want(dhcpv4.MessageTypeOffer, discover, err)
	request, err := dhcpv4.NewRequestFromOffer(offer, append(m[:len(m):len(m)], wish(offer.YourIPAddr.String()))...)
	return n.want(dhcpv4.MessageTypeAck, request, err)
}

// told asserts what Notify was told since the last told.
func (n *network) told(want ...string) {
	n.t.Helper()
	if !slices.Equal(n.heard, want) {
		n.t.Errorf("told %v, want %v", n.heard, want)
	}
	n.heard = nil
}

func board(i int) net.HardwareAddr { return net.HardwareAddr{2, 0, 0, 0, byte(i >> 8), byte(i)} }

func hostname(name string) dhcpv4.Modifier { return dhcpv4.WithOption(dhcpv4.OptHostName(name)) }

func wish(addr string) dhcpv4.Modifier {
	return dhcpv4.WithOption(dhcpv4.OptRequestedIPAddress(net.ParseIP(addr)))
}

// reboot is a client that remembers an address (INIT-REBOOT).
func reboot(mac net.HardwareAddr, addr string) (*dhcpv4.DHCPv4, error) {
	return dhcpv4.NewDiscovery(mac, dhcpv4.WithMessageType(dhcpv4.MessageTypeRequest), wish(addr))
}

func server(addr string) dhcpv4.Modifier {
	return dhcpv4.WithOption(dhcpv4.OptServerIdentifier(net.ParseIP(addr)))
}

func TestALeaseCarriesWhatABoardNeeds(t *testing.T) {
	n := newNetwork(t)
	ack := n.join(board(1), hostname("Sensor.example.org"))
	type lease struct {
		Mask, Router, DNS, Server, Domain, Name string
		Lease, T1, T2                           time.Duration
		MTU                                     uint16
	}
	mtu, err := dhcpv4.GetUint16(dhcpv4.OptionInterfaceMTU, ack.Options)
	if err != nil {
		t.Error(err)
	}
	got := lease{
		Mask: net.IP(ack.SubnetMask()).String(), Router: ack.Router()[0].String(), DNS: ack.DNS()[0].String(),
		Server: ack.ServerIdentifier().String(), Domain: ack.DomainName(), Name: ack.HostName(),
		Lease: ack.IPAddressLeaseTime(0), T1: ack.IPAddressRenewalTime(0), T2: ack.IPAddressRebindingTime(0), MTU: mtu,
	}
	want := lease{
		Mask: "255.255.255.0", Router: "10.0.2.1", DNS: "10.0.2.1", Server: "10.0.2.1", Domain: "netdev", Name: "sensor",
		Lease: time.Hour, T1: 30 * time.Minute, T2: time.Hour * 7 / 8, MTU: 1500,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	leases := n.Leases(n.now)
	if len(leases) != 1 || leases[0].Addr.String() != ack.YourIPAddr.String() || leases[0].Name != "sensor" ||
		net.HardwareAddr(leases[0].MAC[:]).String() != board(1).String() || !leases[0].Expires.Equal(epoch.Add(time.Hour)) {
		t.Errorf("Leases = %+v, the client has %v", leases, ack.YourIPAddr)
	}
	n.told("1 sensor")
}

func TestAnAddressIsTheBoardsOwnInAnyOrder(t *testing.T) {
	a, b := newNetwork(t), newNetwork(t)
	first, second := a.join(board(1)).YourIPAddr, a.join(board(2)).YourIPAddr
	if got := b.join(board(2)).YourIPAddr; !got.Equal(second) {
		t.Errorf("the second board has %v when it is first, %v when it is second", got, second)
	}
	if got := b.join(board(1)).YourIPAddr; !got.Equal(first) {
		t.Errorf("the first board has %v when it is second, %v when it is first", got, first)
	}
	if ip := netip.MustParseAddr(first.String()); ip.Less(netip.MustParseAddr("10.0.2.15")) {
		t.Errorf("%v is before the pool", ip)
	}
}

func TestARequestedAddressIsHonouredWhereItIsFree(t *testing.T) {
	n := newNetwork(t)
	if got := n.join(board(1), wish("10.0.2.99")).YourIPAddr.String(); got != "10.0.2.99" {
		t.Errorf("got %s", got)
	}
	for _, addr := range []string{"10.0.2.99", "10.0.2.1", "10.0.2.0", "10.0.2.255", "10.0.3.5", "0.0.0.0"} {
		discover, err := dhcpv4.NewDiscovery(board(2), wish(addr))
		offer := n.want(dhcpv4.MessageTypeOffer, discover, err)
		if offer.YourIPAddr.String() == addr {
			t.Errorf("offered %s", addr)
		}
	}
}

func TestRenewalExtendsTheLease(t *testing.T) {
	n := newNetwork(t)
	ack := n.join(board(1), hostname("sensor"))
	n.now = n.now.Add(leaseTime / 2)
	renew, err := dhcpv4.NewRenewFromAck(ack)
	b, to := n.Handle(n.now, must(t, renew, err))
	if again, err := dhcpv4.FromBytes(b); err != nil || again.MessageType() != dhcpv4.MessageTypeAck || !again.YourIPAddr.Equal(ack.YourIPAddr) {
		t.Fatalf("%v, %v", again, err)
	}
	if to.Addr().String() != ack.YourIPAddr.String() || to.Port() != 68 {
		t.Errorf("the answer goes to %v, the client speaks from %v", to, ack.YourIPAddr)
	}
	n.told("1 sensor", "2 sensor")
	n.now = n.now.Add(leaseTime - time.Second)
	if l := n.Leases(n.now); len(l) != 1 || l[0].Name != "sensor" {
		t.Errorf("Leases = %v before the renewed lease is over", l)
	}
	n.now = n.now.Add(time.Second)
	if l := n.Leases(n.now); len(l) != 0 {
		t.Errorf("Leases = %v after the renewed lease is over", l)
	}
}

func must(t *testing.T, m *dhcpv4.DHCPv4, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return m.ToBytes()
}

func TestRebindingBroadcastIsAnsweredAsRenewal(t *testing.T) {
	n := newNetwork(t)
	ack := n.join(board(1))
	n.now = n.now.Add(leaseTime * 9 / 10)
	rebind, err := dhcpv4.NewRenewFromAck(ack, dhcpv4.WithBroadcast(true))
	n.want(dhcpv4.MessageTypeAck, rebind, err)
	n.told("1 ", "2 ")
}

func TestAnExpiredLeaseGoesToOthers(t *testing.T) {
	n := newNetwork(t)
	n.join(board(1), wish("10.0.2.50"), hostname("old"))
	n.now = n.now.Add(leaseTime)
	if got := n.join(board(2), wish("10.0.2.50"), hostname("new")).YourIPAddr.String(); got != "10.0.2.50" {
		t.Errorf("got %s", got)
	}
	n.told("1 old", "5 old", "1 new")
}

func TestAClientThatRemembersItsAddress(t *testing.T) {
	for _, c := range []struct {
		name, addr string
		want       dhcpv4.MessageType
	}{
		{"free", "10.0.2.77", dhcpv4.MessageTypeAck},
		{"of another network", "192.168.1.5", dhcpv4.MessageTypeNak},
		{"the gateway's", "10.0.2.1", dhcpv4.MessageTypeNak},
		{"another board's", "10.0.2.50", dhcpv4.MessageTypeNak},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := newNetwork(t)
			n.join(board(1), wish("10.0.2.50"))
			m, err := reboot(board(2), c.addr)
			b, to := n.Handle(n.now, must(t, m, err))
			answer, err := dhcpv4.FromBytes(b)
			if err != nil || answer.MessageType() != c.want {
				t.Fatalf("%v, %v; want %v", answer, err, c.want)
			}
			if to != broadcast {
				t.Errorf("the answer goes to %v", to)
			}
		})
	}
}

func TestARenewalOfAForeignAddressIsRefusedByBroadcast(t *testing.T) {
	n := newNetwork(t)
	m, err := dhcpv4.NewDiscovery(board(1), dhcpv4.WithMessageType(dhcpv4.MessageTypeRequest), dhcpv4.WithClientIP(net.IPv4(192, 168, 1, 5)))
	b, to := n.Handle(n.now, must(t, m, err))
	nak, err := dhcpv4.FromBytes(b)
	if err != nil || nak.MessageType() != dhcpv4.MessageTypeNak || to != broadcast {
		t.Fatalf("%v to %v, %v", nak, to, err)
	}
	if !nak.YourIPAddr.IsUnspecified() || nak.SubnetMask() != nil || nak.IPAddressLeaseTime(0) != 0 {
		t.Errorf("a refusal carries no address:\n%s", nak.Summary())
	}
	n.told("6 ")
}

func TestAClientHasOneAddress(t *testing.T) {
	n := newNetwork(t)
	had := n.join(board(1)).YourIPAddr.String()
	m, err := reboot(board(1), "10.0.2.200")
	n.want(dhcpv4.MessageTypeNak, m, err)
	if got := n.join(board(1), wish("10.0.2.200")).YourIPAddr.String(); got != had {
		t.Errorf("has %s, then gets %s", had, got)
	}
	if l := n.Leases(n.now); len(l) != 1 {
		t.Errorf("Leases = %v", l)
	}
}

func TestTheIdentifierTellsClientsApart(t *testing.T) {
	n := newNetwork(t)
	id := func(s string) dhcpv4.Modifier { return dhcpv4.WithOption(dhcpv4.OptClientIdentifier([]byte(s))) }
	a, b := n.join(board(1), id("one")), n.join(board(1), id("two"))
	if a.YourIPAddr.Equal(b.YourIPAddr) {
		t.Errorf("both have %v", a.YourIPAddr)
	}
	if got := a.GetOneOption(dhcpv4.OptionClientIdentifier); string(got) != "one" {
		t.Errorf("the answer's identifier is %q", got)
	}
	if again := n.join(board(9), id("one")); !again.YourIPAddr.Equal(a.YourIPAddr) {
		t.Errorf("a client has %v, and %v with another card", a.YourIPAddr, again.YourIPAddr)
	}
}

func TestReleaseFreesTheAddress(t *testing.T) {
	n := newNetwork(t)
	ack := n.join(board(1), wish("10.0.2.50"))
	for _, wrong := range []dhcpv4.Modifier{server("10.0.2.9"), dhcpv4.WithHwAddr(board(7)), dhcpv4.WithClientIP(net.IPv4(10, 0, 2, 51))} {
		m, err := dhcpv4.NewReleaseFromACK(ack, wrong)
		n.silent(m, err)
		if len(n.Leases(n.now)) != 1 {
			t.Fatalf("released by %s", m.Summary())
		}
	}
	release, err := dhcpv4.NewReleaseFromACK(ack)
	n.silent(release, err)
	if got := n.join(board(2), wish("10.0.2.50")).YourIPAddr.String(); got != "10.0.2.50" {
		t.Errorf("got %s", got)
	}
	n.told("1 ", "3 ", "1 ")
}

func TestADeclinedAddressIsGivenToNobodyForAWhile(t *testing.T) {
	n := newNetwork(t)
	ack := n.join(board(1))
	addr := ack.YourIPAddr.String()
	decline, err := dhcpv4.New(dhcpv4.WithHwAddr(board(1)), dhcpv4.WithMessageType(dhcpv4.MessageTypeDecline), wish(addr), server("10.0.2.1"))
	n.silent(decline, err)
	n.told("1 ", "4 ")
	if got := n.join(board(1)).YourIPAddr.String(); got == addr {
		t.Errorf("the client that declined %s got it again", addr)
	}
	if got := n.join(board(2), wish(addr)).YourIPAddr.String(); got == addr {
		t.Errorf("%s went to another", addr)
	}
	n.now = n.now.Add(11 * time.Minute)
	if got := n.join(board(3), wish(addr)).YourIPAddr.String(); got != addr {
		t.Errorf("got %s long after %s was declined", got, addr)
	}
}

func TestAnotherServersClientIsLeftAlone(t *testing.T) {
	n := newNetwork(t)
	discover, err := dhcpv4.NewDiscovery(board(1), wish("10.0.2.50"))
	offer := n.want(dhcpv4.MessageTypeOffer, discover, err)
	request, err := dhcpv4.NewRequestFromOffer(offer, server("10.0.2.9"))
	n.silent(request, err)
	if got := n.join(board(2), wish("10.0.2.50")).YourIPAddr.String(); got != "10.0.2.50" {
		t.Errorf("the offer that was not taken up still holds its address: got %s", got)
	}
}

func TestInformTellsWithoutALease(t *testing.T) {
	n := newNetwork(t)
	inform, err := dhcpv4.NewInform(board(1), net.IPv4(10, 0, 2, 5))
	b, to := n.Handle(n.now, must(t, inform, err))
	ack, err := dhcpv4.FromBytes(b)
	if err != nil || ack.MessageType() != dhcpv4.MessageTypeAck || ack.DNS()[0].String() != "10.0.2.1" {
		t.Fatalf("%v, %v", ack, err)
	}
	if !ack.YourIPAddr.IsUnspecified() || ack.Options.Has(dhcpv4.OptionIPAddressLeaseTime) || to.Addr().String() != "10.0.2.5" {
		t.Errorf("to %v:\n%s", to, ack.Summary())
	}
	if l := n.Leases(n.now); len(l) != 0 {
		t.Errorf("Leases = %v", l)
	}
}

func TestNames(t *testing.T) {
	n := newNetwork(t)
	for i, c := range []struct{ asks, gets string }{
		{"sensor", "sensor"}, {"SENSOR", "sensor-2"}, {"sensor.lan", "sensor-3"}, {"gateway", "gateway-2"}, {"host", "host-2"},
		{"", ""}, {"-x", ""}, {"a b", ""}, {"naïve", ""}, {"x\x00", "x"},
	} {
		if got := n.join(board(i), hostname(c.asks)).HostName(); got != c.gets {
			t.Errorf("%q is called %q, want %q", c.asks, got, c.gets)
		}
	}
}

func TestAFloodOfClientsIsBoundedAndKeepsNobodyOut(t *testing.T) {
	n := newNetwork(t, func(c *dhcpd.Config) { c.MaxLeases = 20 })
	for i := range 5 {
		n.join(board(i))
	}
	for i := range 500 {
		discover, err := dhcpv4.NewDiscovery(board(1000 + i))
		n.want(dhcpv4.MessageTypeOffer, discover, err)
	}
	for i := range 15 {
		n.join(board(100 + i))
	}
	discover, err := dhcpv4.NewDiscovery(board(200))
	n.silent(discover, err)
	m, err := reboot(board(201), "10.0.2.222")
	n.want(dhcpv4.MessageTypeNak, m, err)
	seen := map[netip.Addr]bool{}
	for _, l := range n.Leases(n.now) {
		seen[l.Addr] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d addresses are leased, want 20", len(seen))
	}
	if s := n.Stats(); s.Exhausted != 1 || s.Nak != 1 || s.Ack != 20 {
		t.Errorf("Stats = %+v", s)
	}
}

func TestAPoolIsUsedUpWhole(t *testing.T) {
	n := newNetwork(t)
	for i := range 1000 {
		// Offers are no leases: they make room for who takes one up.
		discover, err := dhcpv4.NewDiscovery(board(1000 + i))
		n.want(dhcpv4.MessageTypeOffer, discover, err)
	}
	for i := range 240 { // 15 to 254
		n.join(board(i))
	}
	discover, err := dhcpv4.NewDiscovery(board(999))
	n.silent(discover, err)
}

func TestWhoIsNoClientHereIsIgnored(t *testing.T) {
	for name, m := range map[string]dhcpv4.Modifier{
		"a reply":      func(d *dhcpv4.DHCPv4) { d.OpCode = dhcpv4.OpcodeBootReply },
		"a relay":      dhcpv4.WithRelay(net.IPv4(10, 0, 3, 1)),
		"no Ethernet":  dhcpv4.WithHWType(6),
		"a group":      dhcpv4.WithHwAddr(net.HardwareAddr{1, 0, 0, 0, 0, 1}),
		"long address": dhcpv4.WithHwAddr(net.HardwareAddr{2, 0, 0, 0, 0, 1, 0, 0}),
		"BOOTP":        dhcpv4.WithoutOption(dhcpv4.OptionDHCPMessageType),
	} {
		t.Run(name, func(t *testing.T) {
			n := newNetwork(t)
			discover, err := dhcpv4.NewDiscovery(board(1), m)
			n.silent(discover, err)
			if s := n.Stats(); s.Ignored != 1 {
				t.Errorf("Stats = %+v", s)
			}
		})
	}
}

func TestFindWaitsForALease(t *testing.T) {
	n := newNetwork(t)
	named := func(l dhcpd.Lease) bool { return l.Name == "sensor" }
	_, ok, changed := n.Find(n.now, named)
	if ok {
		t.Fatal("found before there is a lease")
	}
	n.join(board(1), hostname("sensor"))
	select {
	case <-changed:
	default:
		t.Error("not told of the lease")
	}
	if l, ok, _ := n.Find(n.now, named); !ok || l.Name != "sensor" {
		t.Errorf("Find = %v, %v", l, ok)
	}
}

func FuzzHandle(f *testing.F) {
	discover, err := dhcpv4.NewDiscovery(board(1), hostname("sensor"), wish("10.0.2.50"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(discover.ToBytes())
	request, err := reboot(board(2), "10.0.2.77")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(request.ToBytes())
	f.Fuzz(func(t *testing.T, packet []byte) {
		n := newNetwork(t)
		for range 2 {
			b, to := n.Handle(n.now, packet)
			if b == nil {
				continue
			}
			answer, err := dhcpv4.FromBytes(b)
			if err != nil || answer.OpCode != dhcpv4.OpcodeBootReply || to.Port() != 68 {
				t.Fatalf("to %v: %v, %v", to, answer, err)
			}
		}
		if l := n.Leases(n.now); len(l) > 1 {
			t.Fatalf("two messages made %v", l)
		}
	})
}
