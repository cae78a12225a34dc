package ntp

import "encoding/binary"

// Header has the fields of a packet's header, as they are to be sent.
type Header struct {
	Leap           Leap
	Version        uint8
	Mode           Mode
	Stratum        uint8
	Poll           int8
	Precision      int8
	RootDelay      Short
	RootDispersion Short
	ReferenceID    [4]byte
	ReferenceTime  Timestamp
	OriginTime     Timestamp
	ReceiveTime    Timestamp
	TransmitTime   Timestamp
}

// ClientHeader returns the header of a client's request. A server sends the
// transmit time back as it is: it may be a random number, which then tells nobody
// what time the client has and which nobody can guess.
func ClientHeader(transmit Timestamp) Header {
	return Header{Version: Version, Mode: ModeClient, TransmitTime: transmit}
}

// Len returns the length of the header.
func (h *Header) Len() int { return HeaderLen }

// Emit writes the header onto b, whatever b held before, and returns how many
// bytes that took, which is [Header.Len]. It panics if b is shorter than Len.
func (h *Header) Emit(b []byte) int {
	_ = b[HeaderLen-1]
	b[0] = byte(h.Leap)<<6 | h.Version&7<<3 | byte(h.Mode)&7
	b[1], b[2], b[3] = h.Stratum, byte(h.Poll), byte(h.Precision)
	binary.BigEndian.PutUint32(b[4:8], uint32(h.RootDelay))
	binary.BigEndian.PutUint32(b[8:12], uint32(h.RootDispersion))
	copy(b[12:16], h.ReferenceID[:])
	binary.BigEndian.PutUint64(b[16:24], uint64(h.ReferenceTime))
	binary.BigEndian.PutUint64(b[24:32], uint64(h.OriginTime))
	binary.BigEndian.PutUint64(b[32:40], uint64(h.ReceiveTime))
	binary.BigEndian.PutUint64(b[40:48], uint64(h.TransmitTime))
	return HeaderLen
}

// Header returns the fields of p.
func (p Packet) Header() Header {
	return Header{
		Leap:           p.Leap(),
		Version:        p.Version(),
		Mode:           p.Mode(),
		Stratum:        p.Stratum(),
		Poll:           p.Poll(),
		Precision:      p.Precision(),
		RootDelay:      p.RootDelay(),
		RootDispersion: p.RootDispersion(),
		ReferenceID:    p.ReferenceID(),
		ReferenceTime:  p.ReferenceTime(),
		OriginTime:     p.OriginTime(),
		ReceiveTime:    p.ReceiveTime(),
		TransmitTime:   p.TransmitTime(),
	}
}
