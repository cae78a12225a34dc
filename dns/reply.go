package dns

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

const (
	// maxAliases is how long a chain of aliases may be, over all messages.
	maxAliases = 10

	// maxAddrs is how many addresses of a name are taken.
	maxAddrs = 256
)

// A reply is what a message says about a query.
type reply struct {
	answer
	alias   string // the name to ask for next, without the final dot, where the message ends at an alias
	aliases int    // how many have been followed
	rcode   dnsmessage.RCode
	useTCP  bool // the message must be asked for again over TCP
}

// errNotOurs is a message that does not answer the query.
var errNotOurs error = textError("no answer to the query")

// read reads msg as the reply to q. It is errNotOurs where somebody who only
// guesses could have sent it, and ErrBadAnswer where the rest makes no sense.
// aliases is how many have led to q.
func (q *query) read(msg []byte, aliases int, maxTTL time.Duration) (reply, error) {
	var p dnsmessage.Parser
	h, err := p.Start(msg)
	if err != nil || h.ID != q.id || !h.Response || h.OpCode != 0 {
		return reply{}, errNotOurs
	}
	r := reply{aliases: aliases, rcode: h.RCode}
	asked, err := p.Question()
	if err == dnsmessage.ErrSectionDone && r.notUnderstood() {
		return r, nil // such a server may not have found the question
	}
	if err != nil || asked.Type != q.qtype || asked.Class != dnsmessage.ClassINET || !sameName(&asked.Name, &q.name) {
		return reply{}, errNotOurs
	}
	if _, err := p.Question(); err != dnsmessage.ErrSectionDone {
		return reply{}, errNotOurs
	}
	if h.Truncated || q.mixed && asked.Name != q.name {
		// Nobody can guess their way into a TCP connection, so that is where a
		// server is asked that does not keep the case.
		r.useTCP = true
		return r, nil
	}
	if h.RCode != dnsmessage.RCodeSuccess && h.RCode != dnsmessage.RCodeNameError {
		return r, nil
	}
	if err := r.readRecords(&p, q, maxTTL); err != nil {
		return reply{}, ErrBadAnswer
	}
	if r.isReferral(h) {
		return reply{}, ErrBadAnswer
	}
	return r, nil
}

// notUnderstood tells whether the server may understand a query without EDNS
// (RFC 6891 §7).
func (r *reply) notUnderstood() bool {
	const badVersion = 16
	return r.rcode == dnsmessage.RCodeFormatError || r.rcode == dnsmessage.RCodeNotImplemented || r.rcode == badVersion
}

// isReferral tells whether the server sent nothing but other servers' names: it
// does not resolve for us.
func (r *reply) isReferral(h dnsmessage.Header) bool {
	return r.rcode == dnsmessage.RCodeSuccess && !h.Authoritative && !h.RecursionAvailable &&
		len(r.addrs) == 0 && r.alias == "" && r.ttl == 0
}

// readRecords reads what follows the question.
func (r *reply) readRecords(p *dnsmessage.Parser, q *query, maxTTL time.Duration) error {
	r.ttl = maxTTL
	name := q.name
	first := *p
	for {
		*p = first // an alias may stand behind what it leads to
		target, err := r.readAnswers(p, &name, q.qtype)
		if err != nil {
			return err
		}
		if len(r.addrs) > 0 {
			r.alias = ""
			return nil
		}
		if target.Length <= 1 {
			break
		}
		if r.aliases++; r.aliases > maxAliases {
			return ErrBadAnswer
		}
		name = target
		r.alias = strings.TrimSuffix(target.String(), ".")
	}
	soa, err := r.readAuthorities(p, maxTTL)
	if err != nil {
		return err
	}
	if err := r.readAdditionals(p); err != nil {
		return err
	}
	switch {
	case r.rcode == dnsmessage.RCodeNameError:
		r.noName = true
		r.alias = ""
	case soa:
		r.alias = ""
	}
	if !soa && r.alias == "" {
		r.ttl = 0 // RFC 2308 §5: not without a SOA
	}
	return nil
}

// readAnswers collects the addresses of name, or else returns what it is an
// alias for.
func (r *reply) readAnswers(p *dnsmessage.Parser, name *dnsmessage.Name, qtype dnsmessage.Type) (target dnsmessage.Name, err error) {
	for {
		h, err := p.AnswerHeader()
		if err == dnsmessage.ErrSectionDone {
			return target, nil
		}
		if err != nil {
			return target, err
		}
		isAlias := h.Type == dnsmessage.TypeCNAME && target.Length == 0
		if h.Class != dnsmessage.ClassINET || h.Type != qtype && !isAlias || !sameName(&h.Name, name) {
			if err := p.SkipAnswer(); err != nil {
				return target, err
			}
			continue
		}
		r.ttl = min(r.ttl, lifetime(h.TTL))
		if h.Type == dnsmessage.TypeCNAME {
			c, err := p.CNAMEResource()
			if err != nil {
				return target, err
			}
			target = c.CNAME
			continue
		}
		addr, err := readAddr(p, h)
		if err != nil {
			return target, err
		}
		if len(r.addrs) < maxAddrs && !slices.Contains(r.addrs, addr) {
			r.addrs = append(r.addrs, addr)
		}
	}
}

// readAddr reads an A or AAAA record. The parser does not look at its length.
func readAddr(p *dnsmessage.Parser, h dnsmessage.ResourceHeader) (netip.Addr, error) {
	switch {
	case h.Type == dnsmessage.TypeA && h.Length == 4:
		a, err := p.AResource()
		return netip.AddrFrom4(a.A), err
	case h.Type == dnsmessage.TypeAAAA && h.Length == 16:
		a, err := p.AAAAResource()
		return netip.AddrFrom16(a.AAAA).Unmap(), err
	}
	return netip.Addr{}, ErrBadAnswer
}

// readAuthorities looks for the SOA that says how long the name, or the type,
// will not exist (RFC 2308 §5).
func (r *reply) readAuthorities(p *dnsmessage.Parser, maxTTL time.Duration) (found bool, err error) {
	for {
		h, err := p.AuthorityHeader()
		if err == dnsmessage.ErrSectionDone {
			return found, nil
		}
		if err != nil {
			return found, err
		}
		if h.Type != dnsmessage.TypeSOA || found {
			if err := p.SkipAuthority(); err != nil {
				return found, err
			}
			continue
		}
		soa, err := p.SOAResource()
		if err != nil {
			return found, err
		}
		found = true
		r.ttl = min(r.ttl, lifetime(h.TTL), lifetime(soa.MinTTL), maxTTL/8)
	}
}

// readAdditionals completes the response code with its upper bits.
func (r *reply) readAdditionals(p *dnsmessage.Parser) error {
	for {
		h, err := p.AdditionalHeader()
		if err == dnsmessage.ErrSectionDone {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Type == dnsmessage.TypeOPT {
			r.rcode = h.ExtendedRCode(r.rcode)
		}
		if err := p.SkipAdditional(); err != nil {
			return err
		}
	}
}

// lifetime is a TTL; one with the top bit set is 0 (RFC 2181 §8).
func lifetime(ttl uint32) time.Duration {
	if ttl > 1<<31-1 {
		return 0
	}
	return time.Duration(ttl) * time.Second
}

// sameName tells whether two names are equal but for case.
func sameName(a, b *dnsmessage.Name) bool {
	if a.Length != b.Length {
		return false
	}
	for i := range a.Data[:a.Length] {
		if lowerByte(a.Data[i]) != lowerByte(b.Data[i]) {
			return false
		}
	}
	return true
}

func lowerByte(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		b += 'a' - 'A'
	}
	return b
}
