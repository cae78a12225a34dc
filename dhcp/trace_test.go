package dhcp_test

import (
	"net"
	"net/netip"
	"testing"
	"time"

	oracle "github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/netdev-go/netdev/dhcp"
	"github.com/netdev-go/netdev/wire/dhcpv4"
)

var (
	hw      = [6]byte{0x02, 0, 0, 0, 0, 0x15}
	server  = net.IPv4(10, 0, 2, 1)
	other   = net.IPv4(10, 0, 2, 2)
	offered = net.IPv4(10, 0, 2, 15)
	all     = "255.255.255.255"
)

// A trace is a client at a time, told message by message what happens to it. The
// other side's messages are made and read by another implementation.
type trace struct {
	testing.TB
	c   *dhcp.Client
	now time.Duration
}

// middle is a source of randomness that takes all jitter away: a wait for an answer
// is exactly 4, 8, … seconds, and transaction numbers count up.
func middle() uint32 { return 1 << 31 }

func newTrace(t testing.TB, change func(*dhcp.Config)) *trace {
	cfg := dhcp.Config{HardwareAddr: hw, Rand: middle}
	if change != nil {
		change(&cfg)
	}
	return &trace{TB: t, c: dhcp.New(cfg), now: time.Second}
}

// boundTrace has a lease of an hour.
func boundTrace(t testing.TB, change func(*dhcp.Config), mods ...oracle.Modifier) *trace {
	tr := newTrace(t, change)
	tr.c.Start(tr.now)
	tr.acquire(mods...)
	return tr
}

// acquire goes from DHCPDISCOVER to the lease.
func (tr *trace) acquire(mods ...oracle.Modifier) {
	tr.Helper()
	tr.offer(tr.sends(oracle.MessageTypeDiscover, all), mods...)
	tr.ack(tr.sends(oracle.MessageTypeRequest, all), mods...)
	tr.is(dhcp.StateBound, dhcp.EventBound)
}

// sends takes the next message, which must be the only one.
func (tr *trace) sends(typ oracle.MessageType, to string) *oracle.DHCPv4 {
	tr.Helper()
	b := dirty(dhcpv4.MaxLen)
	n, dst, ok := tr.c.Output(tr.now, b)
	if !ok {
		tr.Fatalf("at %v nothing is sent, want %v", tr.now, typ)
	}
	m, err := oracle.FromBytes(b[:n])
	if err != nil {
		tr.Fatalf("the message is not one: %v", err)
	}
	if m.MessageType() != typ || dst.String() != to {
		tr.Fatalf("at %v %v is sent to %v, want %v to %v", tr.now, m.MessageType(), dst, typ, to)
	}
	tr.silent()
	return m
}

func dirty(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = 0xa5
	}
	return b
}

func (tr *trace) silent() {
	tr.Helper()
	if n, dst, ok := tr.c.Output(tr.now, make([]byte, dhcpv4.MaxLen)); ok {
		tr.Fatalf("at %v %d bytes are sent to %v, want nothing", tr.now, n, dst)
	}
}

// reply is what a server says to m: an hour of the address, unless mods differ.
func reply(m *oracle.DHCPv4, typ oracle.MessageType, mods ...oracle.Modifier) *oracle.DHCPv4 {
	r, err := oracle.NewReplyFromRequest(m, append([]oracle.Modifier{
		oracle.WithMessageType(typ),
		oracle.WithYourIP(offered),
		oracle.WithServerIP(server),
		oracle.WithOption(oracle.OptServerIdentifier(server)),
		oracle.WithLeaseTime(3600),
		oracle.WithNetmask(net.CIDRMask(24, 32)),
	}, mods...)...)
	if err != nil {
		panic(err)
	}
	return r
}

func (tr *trace) offer(m *oracle.DHCPv4, mods ...oracle.Modifier) {
	tr.c.Input(tr.now, reply(m, oracle.MessageTypeOffer, mods...).ToBytes())
}

func (tr *trace) ack(m *oracle.DHCPv4, mods ...oracle.Modifier) {
	tr.c.Input(tr.now, reply(m, oracle.MessageTypeAck, mods...).ToBytes())
}

func (tr *trace) nak(m *oracle.DHCPv4, mods ...oracle.Modifier) {
	mods = append([]oracle.Modifier{oracle.WithYourIP(net.IPv4zero)}, mods...)
	tr.c.Input(tr.now, reply(m, oracle.MessageTypeNak, mods...).ToBytes())
}

// is checks the state and what Event tells.
func (tr *trace) is(s dhcp.State, e dhcp.Event) {
	tr.Helper()
	if got := tr.c.State(); got != s {
		tr.Fatalf("at %v the state is %v, want %v", tr.now, got, s)
	}
	if got := tr.c.Event(); got != e {
		tr.Fatalf("at %v the event is %v, want %v", tr.now, got, e)
	}
	has := s == dhcp.StateBound || s == dhcp.StateRenewing || s == dhcp.StateRebinding
	if (tr.c.Lease() != nil) != has {
		tr.Fatalf("in state %v the lease is %v", s, tr.c.Lease())
	}
}

// next goes to the deadline, which must be d from now.
func (tr *trace) next(d time.Duration) {
	tr.Helper()
	if got := tr.c.Deadline() - tr.now; got != d {
		tr.Fatalf("at %v the deadline is in %v, want %v", tr.now, got, d)
	}
	tr.c.Advance(tr.now + d - 1)
	tr.silent()
	tr.now += d
	tr.c.Advance(tr.now)
}

// never checks that there is no deadline.
func (tr *trace) never() {
	tr.Helper()
	if d := tr.c.Deadline(); d != 0 {
		tr.Fatalf("the deadline is %v, want none", d)
	}
}

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }
