package dnsd

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// The names that are the gateway itself. A connection to it reaches the host.
const (
	Gateway = "gateway"
	Host    = "host"
)

// How long others may keep what is said here. A lease can end at any time.
const localTTL = 30

// local answers a question about the network itself; ok is false where others
// are to be asked.
func (s *Server) local(q dns.Question, m *dns.Msg) (ok bool) {
	name := strings.ToLower(strings.TrimSuffix(q.Name, "."))
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return s.localhost(q, m) // RFC 6761 §6.3
	}
	if addr, ok := reverse(name); ok {
		return s.pointer(q, m, addr)
	}
	if name == s.config.Domain {
		m.Authoritative = true
		s.negative(m, dns.RcodeSuccess)
		return true
	}
	label, inDomain := strings.CutSuffix(name, "."+s.config.Domain)
	addr, known := s.address(label)
	if !known {
		if inDomain {
			m.Authoritative = true
			s.negative(m, dns.RcodeNameError)
		}
		return inDomain
	}
	m.Authoritative = true
	if q.Qtype != dns.TypeA && q.Qtype != dns.TypeANY {
		s.negative(m, dns.RcodeSuccess)
		return true
	}
	m.Answer = append(m.Answer, record(q.Name, addr, localTTL))
	return true
}

func (s *Server) address(label string) (netip.Addr, bool) {
	switch label {
	case Gateway, Host:
		return s.config.Addr, true
	}
	return s.config.Lookup(label)
}

func (s *Server) localhost(q dns.Question, m *dns.Msg) bool {
	for _, addr := range []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()} {
		if r := record(q.Name, addr, localTTL); r.Header().Rrtype == q.Qtype || q.Qtype == dns.TypeANY {
			m.Answer = append(m.Answer, r)
		}
	}
	return true
}

// pointer answers for the addresses of the network; nobody else knows them.
func (s *Server) pointer(q dns.Question, m *dns.Msg, addr netip.Addr) bool {
	if !s.config.Prefix.Contains(addr) {
		return false
	}
	m.Authoritative = true
	name, ok := Gateway, addr == s.config.Addr
	if !ok {
		name, ok = s.config.Reverse(addr)
	}
	switch {
	case !ok:
		s.negative(m, dns.RcodeNameError)
	case q.Qtype != dns.TypePTR && q.Qtype != dns.TypeANY:
		s.negative(m, dns.RcodeSuccess)
	default:
		m.Answer = append(m.Answer, &dns.PTR{
			Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypePTR, Class: dns.ClassINET, Ttl: localTTL},
			Ptr: dns.Fqdn(name + "." + s.config.Domain),
		})
	}
	return true
}

// negative says that there is no such name, or no such record of it, and for
// how long that may be kept (RFC 2308 §3).
func (s *Server) negative(m *dns.Msg, rcode int) {
	m.Rcode = rcode
	zone := dns.Fqdn(s.config.Domain)
	m.Ns = append(m.Ns, &dns.SOA{
		Hdr: dns.RR_Header{Name: zone, Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: localTTL},
		Ns:  Gateway + "." + zone, Mbox: "hostmaster." + zone,
		Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400, Minttl: localTTL,
	})
}

func record(name string, addr netip.Addr, ttl uint32) dns.RR {
	h := dns.RR_Header{Name: name, Class: dns.ClassINET, Ttl: ttl}
	if addr.Is4() {
		h.Rrtype = dns.TypeA
		return &dns.A{Hdr: h, A: addr.AsSlice()}
	}
	h.Rrtype = dns.TypeAAAA
	return &dns.AAAA{Hdr: h, AAAA: addr.AsSlice()}
}

// reverse returns the address of a name such as 1.2.0.10.in-addr.arpa.
func reverse(name string) (netip.Addr, bool) {
	name, ok := strings.CutSuffix(name, ".in-addr.arpa")
	if !ok {
		return netip.Addr{}, false
	}
	labels := strings.Split(name, ".")
	if len(labels) != 4 {
		return netip.Addr{}, false
	}
	var b [4]byte
	for i, l := range labels {
		n, err := strconv.ParseUint(l, 10, 8)
		if err != nil {
			return netip.Addr{}, false
		}
		b[3-i] = byte(n)
	}
	return netip.AddrFrom4(b), true
}
