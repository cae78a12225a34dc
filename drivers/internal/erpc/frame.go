package erpc

import "encoding/binary"

// A frame is its message's length, the message's CRC, and the message.
const frameHeader = 4

// crcTable is CRC-16 of polynomial 0x1021, most significant bit first, four bits
// at a time: small enough for any board.
var crcTable = [16]uint16{
	0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50A5, 0x60C6, 0x70E7,
	0x8108, 0x9129, 0xA14A, 0xB16B, 0xC18C, 0xD1AD, 0xE1CE, 0xF1EF,
}

// Checksum returns the CRC of a message: it begins at 0xEF4A, and is not
// inverted.
func Checksum(b []byte) uint16 {
	crc := uint16(0xEF4A)
	for _, c := range b {
		crc = crc<<4 ^ crcTable[crc>>12^uint16(c>>4)]
		crc = crc<<4 ^ crcTable[crc>>12^uint16(c&15)]
	}
	return crc
}

// seal fills in the header of frame, whose message stands behind it.
func seal(frame []byte) {
	binary.LittleEndian.PutUint16(frame, uint16(len(frame)-frameHeader))
	binary.LittleEndian.PutUint16(frame[2:], Checksum(frame[frameHeader:]))
}

// A Receiver finds the messages in a stream of bytes. It neither waits nor reads:
// who has bytes puts them into Space and says so with Took.
type Receiver struct {
	buf  []byte // room for a frame
	have int
}

// NewReceiver returns one for messages of up to max bytes.
func NewReceiver(max int) *Receiver {
	return &Receiver{buf: make([]byte, frameHeader+max)}
}

// Space returns where the next bytes go. It ends where the frame does, so that
// what follows stays where it is.
func (r *Receiver) Space() []byte { return r.buf[r.have:r.need()] }

// need returns how many bytes are wanted before there is something to decide.
func (r *Receiver) need() int {
	if r.have < frameHeader {
		return frameHeader
	}
	return frameHeader + int(binary.LittleEndian.Uint16(r.buf))
}

// Took is for n bytes that are in Space now. It returns a message that they
// complete, which stays until the next Took; nil is none yet. After an error
// nothing is known about where the next frame begins.
func (r *Receiver) Took(n int) (message []byte, err error) {
	had := r.have
	r.have += n
	if had < frameHeader && r.have == frameHeader && r.need() > len(r.buf) {
		r.have = 0
		return nil, ErrTooLong
	}
	if r.have < frameHeader || r.have < r.need() {
		return nil, nil
	}
	message = r.buf[frameHeader:r.have]
	r.have = 0
	if binary.LittleEndian.Uint16(r.buf[2:]) != Checksum(message) {
		return nil, ErrChecksum
	}
	return message, nil
}

// Begun returns whether there is a part of a frame.
func (r *Receiver) Begun() bool { return r.have > 0 }

// Reset forgets it.
func (r *Receiver) Reset() { r.have = 0 }
