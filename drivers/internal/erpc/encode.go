package erpc

import "encoding/binary"

// An Encoder writes a message into a buffer of its own, with the frame around
// it. What has no room makes Frame fail.
type Encoder struct {
	buf  []byte
	n    int
	full bool
}

// NewEncoder returns one for messages of up to max bytes.
func NewEncoder(max int) *Encoder {
	return &Encoder{buf: make([]byte, frameHeader+max)}
}

// Begin begins a message. The one before is gone.
func (e *Encoder) Begin(h Header) {
	e.n = frameHeader
	e.full = false
	if b := e.take(messageHeader); b != nil {
		h.put(b)
	}
}

// renumber gives the message another sequence number.
func (e *Encoder) renumber(sequence uint32) {
	if e.n >= frameHeader+messageHeader {
		binary.LittleEndian.PutUint32(e.buf[frameHeader+4:], sequence)
	}
}

// Frame returns the message in its frame, which stays until the next Begin.
func (e *Encoder) Frame() ([]byte, error) {
	if e.full || e.n < frameHeader+messageHeader {
		return nil, ErrTooLong
	}
	seal(e.buf[:e.n])
	return e.buf[:e.n], nil
}

func (e *Encoder) take(n int) []byte {
	if e.full || n > len(e.buf)-e.n {
		e.full = true
		return nil
	}
	e.n += n
	return e.buf[e.n-n : e.n]
}

// Uint8 writes an 8-bit integer, or a boolean.
func (e *Encoder) Uint8(v uint8) {
	if b := e.take(1); b != nil {
		b[0] = v
	}
}

// Uint16 writes a 16-bit integer.
func (e *Encoder) Uint16(v uint16) {
	if b := e.take(2); b != nil {
		binary.LittleEndian.PutUint16(b, v)
	}
}

// Uint32 writes a 32-bit integer.
func (e *Encoder) Uint32(v uint32) {
	if b := e.take(4); b != nil {
		binary.LittleEndian.PutUint32(b, v)
	}
}

// Int32 writes a signed 32-bit integer.
func (e *Encoder) Int32(v int32) { e.Uint32(uint32(v)) }

// Binary writes bytes behind their number.
func (e *Encoder) Binary(v []byte) {
	e.Uint32(uint32(len(v)))
	copy(e.take(len(v)), v)
}

// String writes a string as Binary writes bytes.
func (e *Encoder) String(v string) {
	e.Uint32(uint32(len(v)))
	copy(e.take(len(v)), v)
}

// NullableString writes a string that may be absent: "" is.
func (e *Encoder) NullableString(v string) {
	if v == "" {
		e.Uint8(1)
		return
	}
	e.Uint8(0)
	e.String(v)
}
