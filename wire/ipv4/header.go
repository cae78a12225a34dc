package ipv4

import (
	"encoding/binary"
	"net/netip"

	"github.com/netdev-go/netdev/internal/addr4"
)

// Header has the fields of a packet's header, as they are to be sent, without the
// checksum, which Emit computes. Addresses that are not IPv4, the zero one among
// them, are sent as 0.0.0.0.
type Header struct {
	TOS            uint8
	TotalLen       int // of header and payload, at most MaxLen
	ID             uint16
	Flags          Flags
	FragmentOffset int // in bytes, a multiple of 8
	TTL            uint8
	Protocol       uint8
	Src, Dst       netip.Addr
	Options        []byte // at most MaxOptionsLen
}

// Len returns the length of the header with its options, which are padded to a
// multiple of 4 bytes.
func (h *Header) Len() int { return HeaderLen + (len(h.Options)+3)&^3 }

// Emit writes the header, its options and its checksum onto b, whatever b held
// before, and returns how many bytes that took, which is [Header.Len]; the
// payload goes behind them. It panics if b is shorter than Len, or Len is more
// than [MaxHeaderLen]. Of values that are too large for their fields, the lower
// bits are sent.
func (h *Header) Emit(b []byte) int {
	n := h.Len()
	if n > MaxHeaderLen {
		panic("ipv4: options are too long for a header")
	}
	_ = b[n-1]
	b = b[:n]
	b[0] = 4<<4 | uint8(n/4)
	b[1] = h.TOS
	binary.BigEndian.PutUint16(b[2:4], uint16(h.TotalLen))
	binary.BigEndian.PutUint16(b[4:6], h.ID)
	binary.BigEndian.PutUint16(b[6:8], uint16(h.Flags)<<13|uint16(h.FragmentOffset>>3)&0x1fff)
	b[8] = h.TTL
	b[9] = h.Protocol
	addr4.Put(b[12:16], h.Src)
	addr4.Put(b[16:20], h.Dst)
	for i := HeaderLen + copy(b[HeaderLen:], h.Options); i < n; i++ {
		b[i] = byte(OptionEnd)
	}
	Packet(b).FillChecksum()
	return n
}

// Header returns the fields of p. The options are p's own bytes, with their
// padding.
func (p Packet) Header() Header {
	return Header{
		TOS:            p.TOS(),
		TotalLen:       p.TotalLen(),
		ID:             p.ID(),
		Flags:          p.Flags(),
		FragmentOffset: p.FragmentOffset(),
		TTL:            p.TTL(),
		Protocol:       p.Protocol(),
		Src:            p.Src(),
		Dst:            p.Dst(),
		Options:        p.OptionBytes(),
	}
}
