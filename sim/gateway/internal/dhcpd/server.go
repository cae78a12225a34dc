package dhcpd

import (
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/iana"
)

// How long an offer is kept for its client, and a declined address from all.
const (
	offerTime   = 30 * time.Second
	declineTime = 10 * time.Minute
)

const clientPort = 68

// Config describes a Server. All of it is needed but Domain, Fixed, Reserved and
// Notify.
type Config struct {
	Server    netip.Addr   // its own address, which is the router and the DNS server too
	Prefix    netip.Prefix // IPv4
	First     netip.Addr   // of the pool, which ends with the prefix
	Domain    string
	MTU       int
	LeaseTime time.Duration
	MaxLeases int      // offers and declined addresses included
	Reserved  []string // names that no client gets

	// Fixed are addresses that are kept for a client each, by its hardware address.
	Fixed map[[6]byte]netip.Addr

	// Notify is called without a lock, in the order of what happened.
	Notify func(Change, Lease)
}

// Stats counts messages. What had no answer is in Ignored, and in none of the
// other counts where it was no DHCP message of a client.
type Stats struct {
	Discover, Request, Decline, Release, Inform uint64 // received
	Offer, Ack, Nak                             uint64 // sent
	Ignored                                     uint64
	Exhausted                                   uint64 // no address left to offer
}

// Server has the leases of one network. Its methods are safe from any goroutine.
type Server struct {
	config   Config
	reserved map[string]bool

	mu      sync.Mutex
	table   *table
	stats   Stats
	pending []func()      // calls of Notify that are due
	changed chan struct{} // closed when a lease was given
}

// New returns a server without leases.
func New(c Config) *Server {
	s := &Server{config: c, table: newTable(c), reserved: make(map[string]bool), changed: make(chan struct{})}
	for _, name := range c.Reserved {
		s.reserved[name] = true
	}
	return s
}

// Stats returns what was counted so far.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// Leases returns the leases of now, by address.
func (s *Server) Leases(now time.Time) []Lease {
	s.mu.Lock()
	defer s.mu.Unlock()
	var leases []Lease
	for _, b := range s.table.byAddr {
		if b.state == leased && b.Expires.After(now) {
			leases = append(leases, b.Lease)
		}
	}
	slices.SortFunc(leases, func(a, b Lease) int { return a.Addr.Compare(b.Addr) })
	return leases
}

// Find returns the first lease of now, by address, for which match is true. When
// there is none, the channel is closed as soon as another lease is given.
func (s *Server) Find(now time.Time, match func(Lease) bool) (l Lease, ok bool, changed <-chan struct{}) {
	s.mu.Lock()
	changed = s.changed
	s.mu.Unlock()
	leases := s.Leases(now)
	if i := slices.IndexFunc(leases, match); i >= 0 {
		return leases[i], true, nil
	}
	return Lease{}, false, changed
}

// Handle takes a datagram that came to the server's port, and returns the one to
// send: nil for none.
func (s *Server) Handle(now time.Time, datagram []byte) (reply []byte, to netip.AddrPort) {
	request, err := dhcpv4.FromBytes(datagram)
	s.mu.Lock()
	var answer *dhcpv4.DHCPv4
	if err == nil && fromClient(request) {
		s.table.expire(now, func(l Lease) { s.notify(Expired, l) })
		answer = s.answer(now, request)
	}
	if answer == nil {
		s.stats.Ignored++
	}
	due := s.pending
	s.pending = nil
	s.mu.Unlock()
	for _, f := range due {
		f()
	}
	if answer == nil {
		return nil, netip.AddrPort{}
	}
	return answer.ToBytes(), netip.AddrPortFrom(destination(request, answer), clientPort)
}

// fromClient reports whether m came from a client on this network.
func fromClient(m *dhcpv4.DHCPv4) bool {
	return m.OpCode == dhcpv4.OpcodeBootRequest && m.HWType == iana.HWTypeEthernet && len(m.ClientHWAddr) == 6 &&
		m.ClientHWAddr[0]&1 == 0 && (m.GatewayIPAddr == nil || m.GatewayIPAddr.IsUnspecified())
}

// destination is RFC 2131 §4.1's, but for a client without an address that asks
// for unicast: it answers no ARP, and a broadcast reaches it too.
func destination(request, answer *dhcpv4.DHCPv4) netip.Addr {
	if client := addr4(request.ClientIPAddr); answer.MessageType() != dhcpv4.MessageTypeNak && isSet(client) {
		return client
	}
	return netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

func (s *Server) notify(c Change, l Lease) {
	if s.config.Notify != nil {
		s.pending = append(s.pending, func() { s.config.Notify(c, l) })
	}
	if c == Given {
		close(s.changed)
		s.changed = make(chan struct{})
	}
}
