package erpc

import "encoding/binary"

// Type is what a message is.
type Type uint8

const (
	Invocation Type = iota // wants a reply
	OneWay                 // does not
	Reply
	Notification
)

// version is the only one there is of the codec.
const version = 1

const messageHeader = 8

// Header begins a message.
type Header struct {
	Type     Type
	Request  uint8 // which of the service's
	Service  uint8
	Sequence uint32 // a reply has its invocation's
}

func (h Header) put(b []byte) {
	b[0], b[1], b[2], b[3] = byte(h.Type), h.Request, h.Service, version
	binary.LittleEndian.PutUint32(b[4:], h.Sequence)
}

// ParseMessage returns the header of a message and the values behind it, which
// alias b.
func ParseMessage(b []byte) (Header, Decoder, error) {
	if len(b) < messageHeader || b[3] != version {
		return Header{}, Decoder{}, ErrMalformed
	}
	h := Header{Type: Type(b[0]), Request: b[1], Service: b[2], Sequence: binary.LittleEndian.Uint32(b[4:])}
	return h, Decoder{rest: b[messageHeader:]}, nil
}
