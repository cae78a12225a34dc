package tcp

import (
	"encoding/binary"

	"github.com/netdev-go/netdev/internal/checksum"
)

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

// EmitSum does as [Header.Emit] and puts the checksum into its field, given the sum of
// the pseudo-header and of the data.
func (h *Header) EmitSum(b []byte, rest checksum.Sum) int {
	if h.Options.Has != HasTimestamps {
		n := h.Emit(b)
		s := Segment(b[:n])
		s.SetChecksum(0)
		s.SetChecksum(rest.Add(checksum.Of(s)).Checksum())
		return n
	}
	const n = HeaderLen + 2 + timestampsLen
	p := (*[n]byte)(b)
	ports, word := uint32(h.SrcPort)<<16|uint32(h.DstPort), Predict(n, h.Flags, h.Window)
	val, ecr := h.Options.TSVal, h.Options.TSEcr
	sum := checksum.Words(uint64(rest) + uint64(ports) + uint64(h.Seq) + uint64(h.Ack) + uint64(word) +
		uint64(h.UrgentPointer) + uint64(timestampsOnly) + uint64(val) + uint64(ecr))
	binary.BigEndian.PutUint32(p[0:4], ports)
	binary.BigEndian.PutUint32(p[4:8], uint32(h.Seq))
	binary.BigEndian.PutUint32(p[8:12], uint32(h.Ack))
	binary.BigEndian.PutUint32(p[12:16], word)
	binary.BigEndian.PutUint32(p[16:20], uint32(sum.Checksum())<<16|uint32(h.UrgentPointer))
	binary.BigEndian.PutUint32(p[20:24], timestampsOnly)
	binary.BigEndian.PutUint32(p[24:28], val)
	binary.BigEndian.PutUint32(p[28:32], ecr)
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
