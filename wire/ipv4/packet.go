package ipv4

import (
	"encoding/binary"
	"net/netip"
)

const (
	// HeaderLen is the length of a header without options.
	HeaderLen = 20
	// MaxHeaderLen is the length of a header with as many options as fit.
	MaxHeaderLen = 60
	// MaxOptionsLen is how many bytes of options fit into a header.
	MaxOptionsLen = MaxHeaderLen - HeaderLen
	// MaxLen is the length of the longest packet.
	MaxLen = 1<<16 - 1
	// MinMTU is what every link carries in one piece.
	MinMTU = 68
	// MinReassembly is the length of the longest packet that every host takes.
	MinReassembly = 576
)

// Packet is a view of a packet's bytes, which stay the caller's. No method of one
// that [Parse] or [ParseQuote] returned panics, whatever the bytes are, as long as
// nothing else changes its header length.
type Packet []byte

// Parse returns b as a packet, without what follows its total length. It checks
// the lengths and the version and nothing else: the checksum is
// [Packet.ChecksumOK]'s, the options are [Options.Next]'s.
func Parse(b []byte) (Packet, error) {
	p, err := ParseQuote(b)
	if err == nil && len(p) < p.TotalLen() {
		return nil, ErrShort
	}
	return p, err
}

// ParseQuote is [Parse] for the packet that an ICMP error quotes: the header has
// to be whole, but the payload may end before the total length says so.
func ParseQuote(b []byte) (Packet, error) {
	if len(b) < HeaderLen {
		return nil, ErrShort
	}
	if b[0]>>4 != 4 {
		return nil, ErrVersion
	}
	n := Packet(b).HeaderLen()
	if n < HeaderLen {
		return nil, ErrHeaderLen
	}
	if n > len(b) {
		return nil, ErrShort
	}
	total := Packet(b).TotalLen()
	if total < n {
		return nil, ErrTotalLen
	}
	if total < len(b) {
		b = b[:total]
	}
	return Packet(b), nil
}

// HeaderLen returns the length of the header with its options.
func (p Packet) HeaderLen() int { return int(p[0]&15) * 4 }

// TOS returns the type of service: DSCP in the upper six bits (RFC 2474), ECN in
// the lower two (RFC 3168).
func (p Packet) TOS() uint8 { return p[1] }

// TotalLen returns the length of header and payload.
func (p Packet) TotalLen() int { return int(binary.BigEndian.Uint16(p[2:4])) }

// ID returns the identification that the fragments of one packet share.
func (p Packet) ID() uint16 { return binary.BigEndian.Uint16(p[4:6]) }

// Flags returns the control flags.
func (p Packet) Flags() Flags { return Flags(p[6] >> 5) }

// FragmentOffset returns where in its packet the payload belongs, in bytes. What
// follows may pass [MaxLen], which is for who reassembles to check.
func (p Packet) FragmentOffset() int {
	return int(binary.BigEndian.Uint16(p[6:8])&0x1fff) * 8
}

// IsFragment tells whether this is a part of a packet.
func (p Packet) IsFragment() bool {
	return binary.BigEndian.Uint16(p[6:8])&0x3fff != 0
}

// TTL returns the time to live.
func (p Packet) TTL() uint8 { return p[8] }

// Protocol returns the number of the payload's protocol.
func (p Packet) Protocol() uint8 { return p[9] }

// Checksum returns the checksum field.
func (p Packet) Checksum() uint16 { return binary.BigEndian.Uint16(p[10:12]) }

// Src returns the sender's address.
func (p Packet) Src() netip.Addr { return netip.AddrFrom4(p.Src4()) }

// Src4 returns the bytes of Src.
func (p Packet) Src4() [4]byte { return [4]byte(p[12:16]) }

// Dst returns the receiver's address.
func (p Packet) Dst() netip.Addr { return netip.AddrFrom4(p.Dst4()) }

// Dst4 returns the bytes of Dst.
func (p Packet) Dst4() [4]byte { return [4]byte(p[16:20]) }

// OptionBytes returns the options as they stand there, with their padding.
func (p Packet) OptionBytes() []byte { return p[HeaderLen:p.HeaderLen()] }

// Payload returns what is behind the header.
func (p Packet) Payload() []byte { return p[p.HeaderLen():] }

// SetID changes the identification. The checksum is then the caller's to put
// right.
func (p Packet) SetID(id uint16) { binary.BigEndian.PutUint16(p[4:6], id) }

// SetTTL changes the time to live. The checksum is then the caller's to put right.
func (p Packet) SetTTL(ttl uint8) { p[8] = ttl }

// SetChecksum puts sum into the checksum field.
func (p Packet) SetChecksum(sum uint16) { binary.BigEndian.PutUint16(p[10:12], sum) }
