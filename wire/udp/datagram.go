package udp

import "encoding/binary"

// Protocol is UDP's number in an IP header.
const Protocol = 17

const (
	// HeaderLen is the length of the header.
	HeaderLen = 8
	// MaxPayload is the largest payload whose length fits into the header. What
	// fits into an IPv4 packet is 20 bytes less.
	MaxPayload = 0xffff - HeaderLen
)

// Datagram is a view of a datagram's bytes, which stay the caller's. No method of
// one that [Parse] returned panics, whatever the bytes are.
type Datagram []byte

// Parse returns b as a datagram, without what follows behind its length. It does
// not look at the checksum, which is [Datagram.ChecksumOK]'s.
func Parse(b []byte) (Datagram, error) {
	if len(b) < HeaderLen {
		return nil, ErrShort
	}
	n := int(binary.BigEndian.Uint16(b[4:6]))
	if n < HeaderLen {
		return nil, ErrLength
	}
	if n > len(b) {
		return nil, ErrShort
	}
	return Datagram(b[:n]), nil
}

// SrcPort returns the port of the sender, 0 where it expects no answer.
func (d Datagram) SrcPort() uint16 { return binary.BigEndian.Uint16(d[0:2]) }

// DstPort returns the port of the receiver.
func (d Datagram) DstPort() uint16 { return binary.BigEndian.Uint16(d[2:4]) }

// Length returns the length field: that of header and payload, and so of d.
func (d Datagram) Length() uint16 { return binary.BigEndian.Uint16(d[4:6]) }

// Checksum returns the checksum field, 0 where the sender did not compute one.
func (d Datagram) Checksum() uint16 { return binary.BigEndian.Uint16(d[6:8]) }

// Payload returns the data behind the header.
func (d Datagram) Payload() []byte { return d[HeaderLen:] }

// SetSrcPort changes the port of the sender. The checksum is then the caller's to
// put right.
func (d Datagram) SetSrcPort(port uint16) { binary.BigEndian.PutUint16(d[0:2], port) }

// SetDstPort changes the port of the receiver. The checksum is then the caller's
// to put right.
func (d Datagram) SetDstPort(port uint16) { binary.BigEndian.PutUint16(d[2:4], port) }

// SetChecksum puts sum into the checksum field, as it is.
func (d Datagram) SetChecksum(sum uint16) { binary.BigEndian.PutUint16(d[6:8], sum) }
