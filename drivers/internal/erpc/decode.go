package erpc

import "encoding/binary"

// A Decoder reads the values of a message in their order. What is not there
// reads as zero and makes End fail.
type Decoder struct {
	rest []byte
	bad  bool
}

// take returns the next n bytes, or nil.
func (d *Decoder) take(n int) []byte {
	if d.bad || n < 0 || n > len(d.rest) {
		d.bad = true
		return nil
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

// Uint8 reads an 8-bit integer, or a boolean.
func (d *Decoder) Uint8() uint8 {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

// Uint16 reads a 16-bit integer.
func (d *Decoder) Uint16() uint16 {
	if b := d.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

// Uint32 reads a 32-bit integer.
func (d *Decoder) Uint32() uint32 {
	if b := d.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// Int32 reads a signed 32-bit integer.
func (d *Decoder) Int32() int32 { return int32(d.Uint32()) }

// Binary reads bytes, or a string, behind their number. They alias the message.
func (d *Decoder) Binary() []byte {
	n := d.Uint32()
	if uint64(n) > uint64(len(d.rest)) {
		d.bad = true
		return nil
	}
	return d.take(int(n))
}

// Raw reads n bytes without a number before them.
func (d *Decoder) Raw(n int) []byte { return d.take(n) }

// End returns ErrMalformed unless everything that was read was there, and
// nothing else is.
func (d *Decoder) End() error {
	if d.bad || len(d.rest) > 0 {
		return ErrMalformed
	}
	return nil
}
