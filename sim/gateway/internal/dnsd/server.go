package dnsd

import (
	"context"
	"errors"
	"net/netip"
	"sync/atomic"

	"github.com/miekg/dns"
	"github.com/netdev-go/netdev"
)

// ErrNoServers is what an Upstream without servers returns.
var ErrNoServers = errors.New("dnsd: no servers to ask")

const headerLen = 12

// ednsSize is the largest datagram that goes out: what every path carries whole.
const ednsSize = 1232

// resolvedTTL is for addresses that came without a time.
const resolvedTTL = 30

// Config describes a Server. All of it is needed.
type Config struct {
	Domain string       // of the network, without dots around it
	Addr   netip.Addr   // the gateway's
	Prefix netip.Prefix // of the network

	// Lookup and Reverse know the network's names, one label of lower case each.
	Lookup  func(label string) (netip.Addr, bool)
	Reverse func(addr netip.Addr) (string, bool)

	// Resolve returns all addresses of a name elsewhere. One that does not
	// exist is netdev.ErrHostUnknown.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)

	// Exchange has a query answered by a server elsewhere.
	Exchange func(ctx context.Context, q *dns.Msg) (*dns.Msg, error)
}

// Stats counts queries.
type Stats struct {
	Queries   uint64
	Malformed uint64 // no queries at all, or such that get an error at once
	Local     uint64 // answered from the network's own names
	Resolved  uint64 // by the host
	Forwarded uint64 // to a server
	Failed    uint64 // of those two, where the answer was no answer
	Truncated uint64
	Dropped   uint64 // as too many were under way
}

type counters struct {
	queries, malformed, local, resolved, forwarded, failed, truncated, dropped atomic.Uint64
}

// Server answers queries. Its methods are safe from any goroutine.
type Server struct {
	config Config
	count  counters

	queries, streams chan struct{} // hold a token for each that is under way
}

// New returns a Server.
func New(c Config) *Server {
	return &Server{config: c, queries: make(chan struct{}, maxQueries), streams: make(chan struct{}, maxStreams)}
}

// Stats returns what was counted so far.
func (s *Server) Stats() Stats {
	c := &s.count
	return Stats{
		Queries: c.queries.Load(), Malformed: c.malformed.Load(), Local: c.local.Load(), Resolved: c.resolved.Load(),
		Forwarded: c.forwarded.Load(), Failed: c.failed.Load(), Truncated: c.truncated.Load(), Dropped: c.dropped.Load(),
	}
}

// Handle answers a query, which takes as long as those who are asked take; nil
// is no answer. What is too long for a datagram is truncated in one.
func (s *Server) Handle(ctx context.Context, query []byte, datagram bool) []byte {
	x, done := s.begin(query)
	if !done {
		s.ask(ctx, x)
	}
	return s.pack(x, datagram)
}

// An exchange is a query and its answer, nil where none is due.
type exchange struct{ q, m *dns.Msg }

// begin makes an answer; done is false where others are to be asked for it.
func (s *Server) begin(query []byte) (x exchange, done bool) {
	s.count.queries.Add(1)
	q, m := s.parse(query)
	x = exchange{q, m}
	if m == nil || m.Rcode != dns.RcodeSuccess {
		s.count.malformed.Add(1)
		return x, true
	}
	if s.local(q.Question[0], m) {
		s.count.local.Add(1)
		return x, true
	}
	return x, false
}

func (s *Server) ask(ctx context.Context, x exchange) {
	switch question := x.q.Question[0]; question.Qtype {
	case dns.TypeA, dns.TypeAAAA:
		s.count.resolved.Add(1)
		s.resolve(ctx, question, x.m)
	default:
		s.count.forwarded.Add(1)
		s.forward(ctx, x.q, x.m)
	}
	if x.m.Rcode == dns.RcodeServerFailure {
		s.count.failed.Add(1)
	}
}

func (s *Server) pack(x exchange, datagram bool) []byte {
	if x.m == nil {
		return nil
	}
	size := dns.MaxMsgSize
	if datagram {
		size = dns.MinMsgSize
	}
	if edns := x.q.IsEdns0(); edns != nil {
		x.m.SetEdns0(ednsSize, false)
		if datagram {
			size = min(max(int(edns.UDPSize()), dns.MinMsgSize), ednsSize)
		}
	}
	x.m.Truncate(size)
	if x.m.Truncated {
		s.count.truncated.Add(1)
	}
	answer, err := x.m.Pack()
	if err != nil {
		// What another server sent cannot be said again.
		s.count.failed.Add(1)
		answer, _ = new(dns.Msg).SetRcode(x.q, dns.RcodeServerFailure).Pack()
	}
	return answer
}

// parse returns the query and the beginning of its answer, which is nil where
// none is due.
func (s *Server) parse(query []byte) (q, m *dns.Msg) {
	q = new(dns.Msg)
	err := q.Unpack(query)
	if err != nil && len(query) < headerLen || q.Response {
		return nil, nil
	}
	m = new(dns.Msg)
	m.Id, m.Opcode, m.Response, m.RecursionDesired, m.RecursionAvailable = q.Id, q.Opcode, true, q.RecursionDesired, true
	switch {
	case q.Opcode != dns.OpcodeQuery:
		m.Rcode = dns.RcodeNotImplemented
		return q, m
	case err != nil || len(q.Question) != 1:
		m.Rcode = dns.RcodeFormatError
		return q, m
	}
	m.Question = q.Question
	switch edns := q.IsEdns0(); {
	case edns != nil && edns.Version() != 0:
		m.Rcode = dns.RcodeBadVers
	case m.Question[0].Qclass != dns.ClassINET, m.Question[0].Qtype == dns.TypeAXFR, m.Question[0].Qtype == dns.TypeIXFR:
		m.Rcode = dns.RcodeRefused
	}
	return q, m
}

// resolve asks for both families at once: a name that has only the other one
// exists, and NXDOMAIN would deny that (RFC 8020).
func (s *Server) resolve(ctx context.Context, q dns.Question, m *dns.Msg) {
	host := q.Name[:len(q.Name)-1]
	if host == "" {
		return // the root has no address
	}
	addrs, err := s.config.Resolve(ctx, host)
	switch {
	case errors.Is(err, netdev.ErrHostUnknown):
		m.Rcode = dns.RcodeNameError
	case err != nil:
		m.Rcode = dns.RcodeServerFailure
	}
	for _, addr := range addrs {
		// What is the host itself to the host is the gateway to a board.
		if addr.IsLoopback() {
			addr = s.config.Addr
		}
		if r := record(q.Name, addr, resolvedTTL); r.Header().Rrtype == q.Qtype && !has(m.Answer, r) {
			m.Answer = append(m.Answer, r)
		}
	}
}

func has(list []dns.RR, r dns.RR) bool {
	for _, other := range list {
		if dns.IsDuplicate(other, r) {
			return true
		}
	}
	return false
}

func (s *Server) forward(ctx context.Context, q, m *dns.Msg) {
	a, err := s.config.Exchange(ctx, q)
	if err != nil {
		m.Rcode = dns.RcodeServerFailure
		return
	}
	m.Rcode, m.AuthenticatedData = a.Rcode, a.AuthenticatedData
	m.Answer, m.Ns = a.Answer, a.Ns
	for _, r := range a.Extra {
		if r.Header().Rrtype != dns.TypeOPT { // that one is between two neighbours
			m.Extra = append(m.Extra, r)
		}
	}
}
