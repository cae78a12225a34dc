package icmpv4

import (
	"encoding/binary"
	"net/netip"
)

// Header has the fields of a message's header, as they are to be sent. What Rest
// is depends on the type, which the functions that make headers know.
type Header struct {
	Type     Type
	Code     uint8
	Checksum uint16
	Rest     uint32
}

// Echo is an echo request.
func Echo(id, seq uint16) Header {
	return Header{Type: TypeEcho, Rest: uint32(id)<<16 | uint32(seq)}
}

// EchoReply is the answer to an echo request with the same id and seq, whose
// payload comes back behind it.
func EchoReply(id, seq uint16) Header {
	return Header{Type: TypeEchoReply, Rest: uint32(id)<<16 | uint32(seq)}
}

// Unreachable is destination unreachable for the reason of code, for all but
// [CodeFragmentationNeeded].
func Unreachable(code uint8) Header { return Header{Type: TypeUnreachable, Code: code} }

// FragmentationNeeded is destination unreachable because the next link carries no
// more than mtu bytes (RFC 1191 §4), at most 65535.
func FragmentationNeeded(mtu int) Header {
	return Header{Type: TypeUnreachable, Code: CodeFragmentationNeeded, Rest: uint32(uint16(min(mtu, 0xffff)))}
}

// TimeExceeded is time exceeded, in transit or in reassembly.
func TimeExceeded(code uint8) Header { return Header{Type: TypeTimeExceeded, Code: code} }

// Redirect sends the sender of the quoted packet to gateway, which is IPv4.
// Another address is sent as 0.0.0.0.
func Redirect(code uint8, gateway netip.Addr) Header {
	h := Header{Type: TypeRedirect, Code: code}
	if gateway = gateway.Unmap(); gateway.Is4() {
		a := gateway.As4()
		h.Rest = binary.BigEndian.Uint32(a[:])
	}
	return h
}

// ParameterProblem says that the quoted packet is wrong at offset pointer.
func ParameterProblem(pointer uint8) Header {
	return Header{Type: TypeParameterProblem, Rest: uint32(pointer) << 24}
}

// Len returns [HeaderLen].
func (h *Header) Len() int { return HeaderLen }

// Emit writes the header onto b, whatever b held before, and returns how many
// bytes that took, [HeaderLen]; the payload goes behind them, and then the
// checksum has to be filled in. It panics if b is shorter than HeaderLen.
func (h *Header) Emit(b []byte) int {
	_ = b[HeaderLen-1]
	b[0] = byte(h.Type)
	b[1] = h.Code
	binary.BigEndian.PutUint16(b[2:4], h.Checksum)
	binary.BigEndian.PutUint32(b[4:8], h.Rest)
	return HeaderLen
}

// Header returns the fields of m.
func (m Message) Header() Header {
	return Header{Type: m.Type(), Code: m.Code(), Checksum: m.Checksum(), Rest: m.Rest()}
}
