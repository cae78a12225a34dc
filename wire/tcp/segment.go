package tcp

import "encoding/binary"

// Protocol is TCP's number in an IP header.
const Protocol = 6

const (
	// HeaderLen is the length of a header without options.
	HeaderLen = 20
	// MaxHeaderLen is the length of a header with as many options as fit.
	MaxHeaderLen = 60
	// MaxOptionsLen is how many bytes of options fit into a header.
	MaxOptionsLen = MaxHeaderLen - HeaderLen
)

// Segment is a view of a segment's bytes, which stay the caller's. No method of
// one that [Parse] returned panics, whatever the bytes are, as long as nothing
// else changes its data offset.
type Segment []byte

// Parse returns b as a segment. It checks the lengths and nothing else: the
// checksum is [Segment.ChecksumOK]'s, the options are [Options.Parse]'s.
func Parse(b []byte) (Segment, error) {
	if len(b) < HeaderLen {
		return nil, ErrShort
	}
	n := int(b[12]>>4) * 4
	if n < HeaderLen {
		return nil, ErrDataOffset
	}
	if n > len(b) {
		return nil, ErrShort
	}
	return Segment(b), nil
}

// SrcPort returns the port of the sender.
func (s Segment) SrcPort() uint16 { return binary.BigEndian.Uint16(s[0:2]) }

// DstPort returns the port of the receiver.
func (s Segment) DstPort() uint16 { return binary.BigEndian.Uint16(s[2:4]) }

// Seq returns SEG.SEQ, the number of the SYN or, without one, of the first byte.
func (s Segment) Seq() Seq { return Seq(binary.BigEndian.Uint32(s[4:8])) }

// Ack returns SEG.ACK, which has a meaning only beside [ACK].
func (s Segment) Ack() Seq { return Seq(binary.BigEndian.Uint32(s[8:12])) }

// HeaderLen returns the length of the header with its options: the data offset,
// in bytes.
func (s Segment) HeaderLen() int { return int(s[12]>>4) * 4 }

// Flags returns the control bits.
func (s Segment) Flags() Flags { return Flags(s[13]) }

// Window returns the window field, not yet scaled.
func (s Segment) Window() uint16 { return binary.BigEndian.Uint16(s[14:16]) }

// Checksum returns the checksum field.
func (s Segment) Checksum() uint16 { return binary.BigEndian.Uint16(s[16:18]) }

// UrgentPointer returns the urgent pointer, which has a meaning only beside [URG].
func (s Segment) UrgentPointer() uint16 { return binary.BigEndian.Uint16(s[18:20]) }

// OptionBytes returns the options as they stand there, with their padding.
func (s Segment) OptionBytes() []byte { return s[HeaderLen:s.HeaderLen()] }

// Payload returns the data behind the header.
func (s Segment) Payload() []byte { return s[s.HeaderLen():] }

// Len returns SEG.LEN: how many sequence numbers the segment takes up, with its
// SYN and its FIN.
func (s Segment) Len() int {
	f := s[13]
	return len(s) - s.HeaderLen() + int(f&1) + int(f>>1&1)
}

// SetSrcPort changes the port of the sender. The checksum is then the caller's
// to put right.
func (s Segment) SetSrcPort(port uint16) { binary.BigEndian.PutUint16(s[0:2], port) }

// SetDstPort changes the port of the receiver. The checksum is then the caller's
// to put right.
func (s Segment) SetDstPort(port uint16) { binary.BigEndian.PutUint16(s[2:4], port) }

// SetChecksum puts sum into the checksum field.
func (s Segment) SetChecksum(sum uint16) { binary.BigEndian.PutUint16(s[16:18], sum) }
