package igmp

import (
	"net/netip"

	"github.com/netdev-go/netdev/internal/addr4"
)

// Header has the fields of a message of version 1 or 2, as they are to be sent,
// without the checksum, which Emit computes. There is nothing behind them.
type Header struct {
	Type        Type
	MaxRespTime uint8 // of queries, in tenths of a second; 0 makes it version 1
	Group       netip.Addr
}

// Len returns [HeaderLen].
func (h *Header) Len() int { return HeaderLen }

// Emit writes the message with its checksum onto b, whatever b held before, and
// returns its length, [HeaderLen]. It panics if b is shorter.
func (h *Header) Emit(b []byte) int {
	_ = b[HeaderLen-1]
	b = b[:HeaderLen]
	b[0], b[1] = byte(h.Type), h.MaxRespTime
	addr4.Put(b[4:8], h.Group)
	fillChecksum(b)
	return HeaderLen
}

// Header returns the fields that all messages have at the same place, in version
// 3 with MaxRespTime as a code.
func (m Message) Header() Header {
	return Header{Type: m.Type(), MaxRespTime: m[1], Group: m.Group()}
}
