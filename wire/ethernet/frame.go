package ethernet

import "encoding/binary"

const (
	// HeaderLen is the length of a header without tags.
	HeaderLen = 14
	// TagLen is the length of one tag.
	TagLen = 4
	// MaxHeaderLen is the length of a header with both tags.
	MaxHeaderLen = HeaderLen + 2*TagLen
	// MinLen is the length of the shortest frame, which [Pad] pads up to.
	MinLen = 60
)

// Frame is a view of a frame's bytes, which stay the caller's. No method of one
// that [Parse] returned panics, whatever the bytes are, as long as nothing else
// changes its types and tags.
type Frame []byte

// Parse returns b as a frame. One with a type has the padding of short frames
// still in its payload; one with a length is cut to it.
func Parse(b []byte) (Frame, error) {
	if len(b) < HeaderLen {
		return nil, ErrShort
	}
	n := HeaderLen
	t := EtherType(binary.BigEndian.Uint16(b[12:14]))
	for t.IsTag() && n < MaxHeaderLen {
		if n += TagLen; len(b) < n {
			return nil, ErrShort
		}
		t = EtherType(binary.BigEndian.Uint16(b[n-2 : n]))
	}
	if t >= minType {
		return Frame(b), nil
	}
	if !t.IsLength() {
		return nil, ErrType
	}
	if len(b)-n < int(t) {
		return nil, ErrLength
	}
	return Frame(b[:n+int(t)]), nil
}

// Dst returns the address of the receiver.
func (f Frame) Dst() [6]byte { return [6]byte(f[0:6]) }

// Src returns the address of the sender.
func (f Frame) Src() [6]byte { return [6]byte(f[6:12]) }

// HeaderLen returns the length of the header with its tags.
func (f Frame) HeaderLen() int {
	if !f.typeAt(12).IsTag() {
		return HeaderLen
	}
	if !f.typeAt(16).IsTag() {
		return HeaderLen + TagLen
	}
	return MaxHeaderLen
}

func (f Frame) typeAt(i int) EtherType { return EtherType(binary.BigEndian.Uint16(f[i : i+2])) }

// Type returns what the frame carries behind its tags.
func (f Frame) Type() EtherType { return f.typeAt(f.HeaderLen() - 2) }

// Payload returns what is behind the header.
func (f Frame) Payload() []byte { return f[f.HeaderLen():] }

// Tags returns the tags from the outer to the inner one. Those the frame does
// not have are zero.
func (f Frame) Tags() (tags [2]Tag) {
	for i := 0; i < (f.HeaderLen()-HeaderLen)/TagLen; i++ {
		at := 12 + TagLen*i
		tags[i] = makeTag(f.typeAt(at), binary.BigEndian.Uint16(f[at+2:at+4]))
	}
	return tags
}

// SetDst changes the address of the receiver.
func (f Frame) SetDst(addr [6]byte) { copy(f[0:6], addr[:]) }

// SetSrc changes the address of the sender.
func (f Frame) SetSrc(addr [6]byte) { copy(f[6:12], addr[:]) }
