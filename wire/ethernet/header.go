package ethernet

import "encoding/binary"

// Header has the fields of a frame's header, as they are to be sent.
type Header struct {
	Dst, Src [6]byte
	Tags     [2]Tag // from the outer to the inner one
	Type     EtherType
}

// Len returns the length of the header with its tags.
func (h *Header) Len() int {
	n := HeaderLen
	for i := range h.Tags {
		if h.Tags[i].TPID != 0 {
			n += TagLen
		}
	}
	return n
}

// Emit writes the header and its tags onto b, whatever b held before, and returns
// how many bytes that took, which is [Header.Len]; the payload goes behind them.
// It panics if b is shorter than Len.
func (h *Header) Emit(b []byte) int {
	_ = b[h.Len()-1]
	copy(b[0:6], h.Dst[:])
	copy(b[6:12], h.Src[:])
	n := 12
	for i := range h.Tags {
		if t := &h.Tags[i]; t.TPID != 0 {
			binary.BigEndian.PutUint16(b[n:], uint16(t.TPID))
			binary.BigEndian.PutUint16(b[n+2:], t.tci())
			n += TagLen
		}
	}
	binary.BigEndian.PutUint16(b[n:], uint16(h.Type))
	return n + 2
}

// Header returns the fields of f.
func (f Frame) Header() Header {
	return Header{Dst: f.Dst(), Src: f.Src(), Tags: f.Tags(), Type: f.Type()}
}

// Pad writes zeros behind a frame of n bytes at the beginning of b until it is as
// long as the shortest one, and returns how long it is then. It panics if b has
// no room for them.
func Pad(b []byte, n int) int {
	if n >= MinLen {
		return n
	}
	_ = b[MinLen-1]
	pad := b[n:MinLen]
	for i := range pad {
		pad[i] = 0
	}
	return MinLen
}
