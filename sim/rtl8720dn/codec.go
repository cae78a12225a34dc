package rtl8720dn

import "encoding/binary"

// Kinds of messages.
const (
	invocation   = 0
	oneWay       = 1
	reply        = 2
	version      = 1
	messageStart = 8 // type, request, service, version, sequence
)

// A call is a request, and the reply that is being made. Parameters are read in
// their order; results are written in theirs, the return value last.
type call struct {
	in      []byte // what is left of the parameters
	short   bool   // in ended too early
	frame   []byte // of the reply
	noEmpty bool   // data of no bytes counts as missing

	// data is how long the first data was, of the parameters or else of the
	// results; -1 is none.
	data int
}

// begin makes c the call of another request.
func (c *call) begin(request, service uint8, sequence uint32, in []byte) {
	c.in, c.short, c.data = in, false, -1
	c.frame = appendHeader(c.frame[:frameHeader], reply, request, service, sequence)
}

func (c *call) take(n int) []byte {
	if n < 0 || n > len(c.in) {
		c.in, c.short = nil, true
		return make([]byte, min(max(n, 0), 8))
	}
	b := c.in[:n:n]
	c.in = c.in[n:]
	return b
}

func (c *call) u8() uint8   { return c.take(1)[0] }
func (c *call) u16() uint16 { return binary.LittleEndian.Uint16(c.take(2)) }
func (c *call) u32() uint32 { return binary.LittleEndian.Uint32(c.take(4)) }
func (c *call) i32() int32  { return int32(c.u32()) }

// binary reads data.
func (c *call) binary() []byte {
	b := c.text()
	c.short = c.short || c.noEmpty && len(b) == 0
	c.note(len(b))
	return b
}

func (c *call) note(data int) {
	if c.data < 0 {
		c.data = data
	}
}

// text reads a string, which is written as data is.
func (c *call) text() []byte {
	n := c.u32()
	if uint64(n) > uint64(len(c.in)) {
		c.short = true
		return nil
	}
	return c.take(int(n))
}

// nullable reports whether the value that follows is there.
func (c *call) nullable() bool { return c.u8() == 0 }

func (c *call) putU8(v uint8)   { c.frame = append(c.frame, v) }
func (c *call) putU16(v uint16) { c.frame = binary.LittleEndian.AppendUint16(c.frame, v) }
func (c *call) putU32(v uint32) { c.frame = binary.LittleEndian.AppendUint32(c.frame, v) }
func (c *call) putI32(v int32)  { c.putU32(uint32(v)) }
func (c *call) put(b []byte)    { c.frame = append(c.frame, b...) }

func (c *call) putBinary(b []byte) {
	c.note(len(b))
	c.putText(b)
}

func (c *call) putText(b []byte) {
	c.putU32(uint32(len(b)))
	c.put(b)
}

func (c *call) putBool(v bool) {
	if v {
		c.putU8(1)
	} else {
		c.putU8(0)
	}
}

func appendHeader(b []byte, kind, request, service uint8, sequence uint32) []byte {
	return binary.LittleEndian.AppendUint32(append(b, kind, request, service, version), sequence)
}
