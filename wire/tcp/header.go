package tcp

import "encoding/binary"

// Header has the fields of a segment's header, as they are to be sent.
type Header struct {
	SrcPort, DstPort uint16
	Seq, Ack         Seq
	Flags            Flags
	Window           uint16 // as the field has it: scaled already
	Checksum         uint16
	UrgentPointer    uint16
	Options          Options
}

// Len returns the length of the header with its options.
func (h *Header) Len() int { return HeaderLen + h.Options.Len() }

// Emit writes the header and its options onto b, whatever b held before, and
// returns how many bytes that took, which is [Header.Len]; the data goes behind
// them. It panics if b is shorter than Len.
func (h *Header) Emit(b []byte) int {
	_ = b[HeaderLen-1]
	n := HeaderLen + h.Options.Emit(b[HeaderLen:])
	binary.BigEndian.PutUint16(b[0:2], h.SrcPort)
	binary.BigEndian.PutUint16(b[2:4], h.DstPort)
	binary.BigEndian.PutUint32(b[4:8], uint32(h.Seq))
	binary.BigEndian.PutUint32(b[8:12], uint32(h.Ack))
	binary.BigEndian.PutUint32(b[12:16], Predict(n, h.Flags, h.Window))
	binary.BigEndian.PutUint16(b[16:18], h.Checksum)
	binary.BigEndian.PutUint16(b[18:20], h.UrgentPointer)
	return n
}

// Header returns the fields of s. Its error is that of [Options.Parse]; the rest
// is there all the same.
func (s Segment) Header() (Header, error) {
	h := Header{
		SrcPort:       s.SrcPort(),
		DstPort:       s.DstPort(),
		Seq:           s.Seq(),
		Ack:           s.Ack(),
		Flags:         s.Flags(),
		Window:        s.Window(),
		Checksum:      s.Checksum(),
		UrgentPointer: s.UrgentPointer(),
	}
	err := h.Options.Parse(s.OptionBytes())
	return h, err
}
