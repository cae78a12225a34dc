package igmp

import (
	"encoding/binary"
	"net/netip"

	"github.com/netdev-go/netdev/internal/addr4"
)

// Query is a query of version 3, as it is to be sent. Addresses that are not
// IPv4, the zero one among them, are sent as 0.0.0.0.
type Query struct {
	MaxRespTime int        // in tenths of a second, rounded down to what has a code
	Group       netip.Addr // zero to ask about all
	Suppress    bool       // the S flag: routers leave their timers alone
	Robustness  uint8      // QRV, 0 to 7
	Interval    int        // QQI in seconds, rounded down to what has a code
	Sources     []netip.Addr
}

// Len returns the length of the query.
func (q *Query) Len() int { return QueryLen + 4*len(q.Sources) }

// Emit writes the query with its checksum onto b, whatever b held before, and
// returns its length, which is [Query.Len]. It panics if b is shorter.
func (q *Query) Emit(b []byte) int {
	n := q.Len()
	_ = b[n-1]
	b = b[:n]
	b[0], b[1] = byte(TypeQuery), EncodeCode(q.MaxRespTime)
	addr4.Put(b[4:8], q.Group)
	b[8] = q.Robustness & 7
	if q.Suppress {
		b[8] |= 8
	}
	b[9] = EncodeCode(q.Interval)
	binary.BigEndian.PutUint16(b[10:12], uint16(len(q.Sources)))
	putSources(b[QueryLen:], q.Sources)
	fillChecksum(b)
	return n
}

// isV3Query tells whether the fields below are there.
func (m Message) isV3Query() bool { return m.Type() == TypeQuery && len(m) >= QueryLen }

// Suppress returns the S flag of a version 3 query.
func (m Message) Suppress() bool { return m.isV3Query() && m[8]&8 != 0 }

// Robustness returns the QRV of a version 3 query, 0 if the querier's is above 7.
func (m Message) Robustness() uint8 {
	if !m.isV3Query() {
		return 0
	}
	return m[8] & 7
}

// Interval returns the querier's interval of a version 3 query, in seconds.
func (m Message) Interval() int {
	if !m.isV3Query() {
		return 0
	}
	return DecodeCode(m[9])
}

// Sources returns the sources that a version 3 query asks about.
func (m Message) Sources() Sources {
	if !m.isV3Query() {
		return nil
	}
	return Sources(m[QueryLen:][:4*m.count(10)])
}

// Sources is a view of a list of addresses.
type Sources []byte

// Len returns how many addresses there are.
func (s Sources) Len() int { return len(s) / 4 }

// At returns address i. It panics if i is not below Len.
func (s Sources) At(i int) netip.Addr { return netip.AddrFrom4([4]byte(s[4*i : 4*i+4])) }

func putSources(b []byte, sources []netip.Addr) {
	for i, addr := range sources {
		addr4.Put(b[4*i:4*i+4], addr)
	}
}
