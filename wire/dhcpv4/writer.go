package dhcpv4

import "net/netip"

// maxPart is the longest value that one option has room for.
const maxPart = 255

// Writer writes a message into a buffer, option by option. Its methods write
// nothing more once an option has not fitted, and [Writer.End] says so; the
// caller need not ask after each.
type Writer struct {
	b    []byte
	n    int
	full bool
}

// NewWriter begins a message in b with h. What b held before does not matter.
// With less than [MinLen] bytes no message fits.
func NewWriter(b []byte, h *Header) Writer {
	if len(b) < MinLen {
		return Writer{full: true}
	}
	return Writer{b: b, n: h.Emit(b)}
}

// Type writes [OptMessageType], which comes first by custom.
func (w *Writer) Type(t MessageType) { w.Uint8(OptMessageType, uint8(t)) }

// Uint8 writes an option that is a number of 8 bits.
func (w *Writer) Uint8(code Code, v uint8) {
	if b := w.option(code, 1); b != nil {
		b[0] = v
	}
}

// Uint16 writes an option that is a number of 16 bits.
func (w *Writer) Uint16(code Code, v uint16) {
	if b := w.option(code, 2); b != nil {
		b[0], b[1] = byte(v>>8), byte(v)
	}
}

// Uint32 writes an option that is a number of 32 bits.
func (w *Writer) Uint32(code Code, v uint32) {
	if b := w.option(code, 4); b != nil {
		b[0], b[1], b[2], b[3] = byte(v>>24), byte(v>>16), byte(v>>8), byte(v)
	}
}

// Addrs writes an option that is one IPv4 address or a list of them.
func (w *Writer) Addrs(code Code, addrs ...netip.Addr) {
	for len(addrs) > 0 {
		n := min(len(addrs), maxPart/4)
		b := w.option(code, 4*n)
		if b == nil {
			return
		}
		for i, a := range addrs[:n] {
			putAddr(b[4*i:], a)
		}
		addrs = addrs[n:]
	}
}

// Bytes writes an option of any kind but padding and the end. A value longer than
// 255 bytes is written in parts (RFC 3396).
func (w *Writer) Bytes(code Code, v []byte) {
	for {
		n := min(len(v), maxPart)
		copy(w.option(code, n), v)
		if v = v[n:]; len(v) == 0 || w.full {
			return
		}
	}
}

// Text is [Writer.Bytes] of a string.
func (w *Writer) Text(code Code, s string) {
	for {
		n := min(len(s), maxPart)
		copy(w.option(code, n), s)
		if s = s[n:]; s == "" || w.full {
			return
		}
	}
}

// End writes the end option and pads the message to [MinLen]. It returns the
// length of the message, or [ErrSpace] where not all of it has fitted.
func (w *Writer) End() (int, error) {
	if w.full {
		return 0, ErrSpace
	}
	w.b[w.n] = byte(OptEnd)
	w.n++
	if w.n < MinLen {
		clear(w.b[w.n:MinLen])
		w.n = MinLen
	}
	w.full = true
	return w.n, nil
}

// option makes room for a value of n bytes and returns it, nil where there is
// none. The last byte stays free for the end option.
func (w *Writer) option(code Code, n int) []byte {
	if w.full || len(w.b)-w.n < 2+n+1 {
		w.full = true
		return nil
	}
	w.b[w.n], w.b[w.n+1] = byte(code), byte(n)
	v := w.b[w.n+2 : w.n+2+n]
	w.n += 2 + n
	return v
}
