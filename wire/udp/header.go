package udp

import "encoding/binary"

// Header has the fields of a datagram's header, as they are to be sent.
type Header struct {
	SrcPort, DstPort uint16
	Length           uint16 // of header and payload
	Checksum         uint16
}

// Len returns the length of the header.
func (h *Header) Len() int { return HeaderLen }

// Emit writes the header onto b, whatever b held before, and returns how many
// bytes that took, which is [Header.Len]; the payload goes behind them. It panics
// if b is shorter than Len.
func (h *Header) Emit(b []byte) int {
	_ = b[HeaderLen-1]
	binary.BigEndian.PutUint16(b[0:2], h.SrcPort)
	binary.BigEndian.PutUint16(b[2:4], h.DstPort)
	binary.BigEndian.PutUint16(b[4:6], h.Length)
	binary.BigEndian.PutUint16(b[6:8], h.Checksum)
	return HeaderLen
}

// Header returns the fields of d.
func (d Datagram) Header() Header {
	return Header{SrcPort: d.SrcPort(), DstPort: d.DstPort(), Length: d.Length(), Checksum: d.Checksum()}
}
