package icmpv4

import (
	"encoding/binary"
	"net/netip"
)

// Protocol is ICMP's number in an IPv4 header.
const Protocol = 1

const (
	// HeaderLen is the length of every header.
	HeaderLen = 8
	// MaxQuoteLen is how much of a packet an error quotes at most, so that with
	// headers of its own it stays within 576 bytes (RFC 1812 §4.3.2.3).
	MaxQuoteLen = 576 - 20 - HeaderLen
)

// Message is a view of a message's bytes, which stay the caller's. No method of
// one that [Parse] returned panics, whatever the bytes are. The accessors that are
// there for some types only read the same bytes in all others.
type Message []byte

// Parse returns b as a message. It checks the length and nothing else: the
// checksum is [Message.ChecksumOK]'s.
func Parse(b []byte) (Message, error) {
	if len(b) < HeaderLen {
		return nil, ErrShort
	}
	return Message(b), nil
}

// Type returns what the message is.
func (m Message) Type() Type { return Type(m[0]) }

// Code returns what it is more exactly, in the codes of its type.
func (m Message) Code() uint8 { return m[1] }

// Checksum returns the checksum field.
func (m Message) Checksum() uint16 { return binary.BigEndian.Uint16(m[2:4]) }

// Rest returns the second half of the header, whose meaning is the type's.
func (m Message) Rest() uint32 { return binary.BigEndian.Uint32(m[4:8]) }

// ID returns an echo's identifier.
func (m Message) ID() uint16 { return binary.BigEndian.Uint16(m[4:6]) }

// Seq returns an echo's sequence number.
func (m Message) Seq() uint16 { return binary.BigEndian.Uint16(m[6:8]) }

// IsFragmentationNeeded tells whether the message says that a packet was too long
// for a link and forbade to be taken apart.
func (m Message) IsFragmentationNeeded() bool {
	return m.Type() == TypeUnreachable && m.Code() == CodeFragmentationNeeded
}

// MTU returns what the next link would have carried, for a message of which
// IsFragmentationNeeded is true. It is 0 from a router older than RFC 1191.
func (m Message) MTU() int { return int(binary.BigEndian.Uint16(m[6:8])) }

// Gateway returns the router that a redirect points to.
func (m Message) Gateway() netip.Addr { return netip.AddrFrom4([4]byte(m[4:8])) }

// Pointer returns where in the quoted packet the problem is, for a parameter
// problem of [CodePointer].
func (m Message) Pointer() int { return int(m[4]) }

// Payload returns what is behind the header: an echo's data, say.
func (m Message) Payload() []byte { return m[HeaderLen:] }

// Quote returns the beginning of the packet that an error is about, to be read
// with the package of its protocol. It is nil if the message is no error.
func (m Message) Quote() []byte {
	if !m.Type().IsError() {
		return nil
	}
	b := m[HeaderLen:]
	switch m.Type() {
	case TypeUnreachable, TypeTimeExceeded, TypeParameterProblem:
		// RFC 4884 §5.1: the length of a quote that extensions follow, in words of
		// 32 bits. Less than 128 bytes is nobody's who knows of extensions.
		if n := int(m[5]) * 4; n >= 128 && n < len(b) {
			b = b[:n]
		}
	}
	return b
}

// SetID changes an echo's identifier. The checksum is then the caller's to put
// right.
func (m Message) SetID(id uint16) { binary.BigEndian.PutUint16(m[4:6], id) }

// SetChecksum puts sum into the checksum field.
func (m Message) SetChecksum(sum uint16) { binary.BigEndian.PutUint16(m[2:4], sum) }
