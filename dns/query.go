package dns

import (
	"encoding/binary"

	"golang.org/x/net/dns/dnsmessage"
)

// The largest answer that is asked for in a datagram: what arrives unfragmented nearly
// everywhere, and what every server may send.
const (
	udpSize    = 1232
	minUDPSize = 512
)

// maxQuery has room for a header, a name, a type and class, and the EDNS record,
// behind the length that TCP puts in front.
const maxQuery = 2 + 12 + 255 + 4 + 11

// A query is a question as it is sent once.
type query struct {
	id    uint16
	name  dnsmessage.Name
	qtype dnsmessage.Type
	edns  bool
	mixed bool // the case of name's letters is part of the secret
	size  uint16
}

// newQuery makes a query with a new id.
func (c *Client) newQuery(name string, qtype dnsmessage.Type, edns, mixed bool) (query, error) {
	n, err := dnsmessage.NewName(name + ".")
	if err != nil {
		return query{}, ErrBadAnswer // names of users are checked; only an alias can be too long
	}
	q := query{id: uint16(c.cfg.Rand()), name: n, qtype: qtype, edns: edns, mixed: mixed, size: uint16(c.cfg.MaxDatagram)}
	if mixed {
		var bits uint32
		for i := range q.name.Data[:q.name.Length] {
			if i%32 == 0 {
				bits = c.cfg.Rand()
			}
			if b := &q.name.Data[i]; 'a' <= *b|0x20 && *b|0x20 <= 'z' {
				*b ^= byte(bits&1) << 5
			}
			bits >>= 1
		}
	}
	return q, nil
}

// message returns the query as TCP sends it, two bytes of length first, in buf if that
// has room for maxQuery.
func (q *query) message(buf []byte) ([]byte, error) {
	b := dnsmessage.NewBuilder(append(buf[:0], 0, 0), dnsmessage.Header{ID: q.id, RecursionDesired: true})
	if err := b.StartQuestions(); err != nil {
		return nil, err
	}
	if err := b.Question(dnsmessage.Question{Name: q.name, Type: q.qtype, Class: dnsmessage.ClassINET}); err != nil {
		return nil, ErrBadAnswer // a label of an alias is too long
	}
	if q.edns {
		var h dnsmessage.ResourceHeader
		if err := h.SetEDNS0(int(q.size), dnsmessage.RCodeSuccess, false); err != nil {
			return nil, err
		}
		if err := b.StartAdditionals(); err != nil {
			return nil, err
		}
		if err := b.OPTResource(h, dnsmessage.OPTResource{}); err != nil {
			return nil, err
		}
	}
	msg, err := b.Finish()
	if err != nil {
		return nil, err
	}
	binary.BigEndian.PutUint16(msg, uint16(len(msg)-2))
	return msg, nil
}
