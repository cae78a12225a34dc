package igmp

import (
	"encoding/binary"
	"net/netip"

	"github.com/netdev-go/netdev/internal/checksum"
)

// Protocol is IGMP's number in an IPv4 header. Its packets have a TTL of 1 and,
// from version 2 on, the router alert option.
const Protocol = 2

const (
	// HeaderLen is the length of all messages of versions 1 and 2, and of what a
	// version 3 report has before its records.
	HeaderLen = 8
	// QueryLen is the length of a version 3 query without sources.
	QueryLen = 12
	// RecordLen is the length of a group record without sources.
	RecordLen = 8
)

// Type says what a message is.
type Type uint8

// The types that hosts and routers know. Others are to be ignored.
const (
	TypeQuery    Type = 0x11
	TypeV1Report Type = 0x12
	TypeV2Report Type = 0x16
	TypeLeave    Type = 0x17
	TypeV3Report Type = 0x22
)

// Message is a view of a message's bytes, which stay the caller's. No method of
// one that [Parse] returned panics, whatever the bytes are, as long as nothing
// else changes its type and counts. The accessors that are there for some types
// only return zero values or meaningless bytes for others.
type Message []byte

// Parse returns b, all of an IP packet's payload, as a message. It checks the
// lengths and nothing else: the checksum, which covers what may follow the
// message too, is [Message.ChecksumOK]'s.
func Parse(b []byte) (Message, error) {
	if len(b) < HeaderLen {
		return nil, ErrShort
	}
	switch m := Message(b); m.Type() {
	case TypeQuery:
		if len(b) == HeaderLen {
			return m, nil
		}
		if len(b) < QueryLen {
			return nil, ErrQueryLen // RFC 3376 §7.1
		}
		if len(b)-QueryLen < 4*m.count(10) {
			return nil, ErrSources
		}
	case TypeV3Report:
		rest := b[HeaderLen:]
		for n := m.count(6); n > 0; n-- {
			if len(rest) < RecordLen || len(rest) < Record(rest).len() {
				return nil, ErrRecords
			}
			rest = rest[Record(rest).len():]
		}
	}
	return Message(b), nil
}

func (m Message) count(at int) int { return int(binary.BigEndian.Uint16(m[at : at+2])) }

// Type returns what the message is.
func (m Message) Type() Type { return Type(m[0]) }

// Version returns the version of IGMP that the message is of, 0 for a type that
// is not known. The three kinds of queries differ as RFC 3376 §7.1 says.
func (m Message) Version() int {
	switch m.Type() {
	case TypeV1Report:
		return 1
	case TypeV2Report, TypeLeave:
		return 2
	case TypeV3Report:
		return 3
	case TypeQuery:
		if len(m) >= QueryLen {
			return 3
		}
		if m[1] != 0 {
			return 2
		}
		return 1
	}
	return 0
}

// Checksum returns the checksum field.
func (m Message) Checksum() uint16 { return binary.BigEndian.Uint16(m[2:4]) }

// ChecksumOK reports whether the checksum is right.
func (m Message) ChecksumOK() bool { return checksum.Of(m).Valid() }

// Group returns the group that the message is about: 0.0.0.0 for a general query.
// In a version 3 report the records have it.
func (m Message) Group() netip.Addr { return netip.AddrFrom4(m.Group4()) }

// Group4 returns the bytes of Group.
func (m Message) Group4() [4]byte { return [4]byte(m[4:8]) }

// MaxRespTime returns within how many tenths of a second a query is to be
// answered. One of version 1 does not say, and means 100 (RFC 2236 §4). Of other
// messages it is 0.
func (m Message) MaxRespTime() int {
	if m.Type() != TypeQuery {
		return 0
	}
	switch m.Version() {
	case 1:
		return 100
	case 2:
		return int(m[1])
	}
	return DecodeCode(m[1])
}

func fillChecksum(b []byte) {
	b[2], b[3] = 0, 0
	binary.BigEndian.PutUint16(b[2:4], checksum.Of(b).Checksum())
}
