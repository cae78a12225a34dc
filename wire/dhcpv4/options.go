package dhcpv4

// Options steps through the options of a message, those in overloaded fields of
// the header too:
//
//	for it := m.Options(); it.Next(); {
//		… it.Code() … it.Data() …
//	}
type Options struct {
	m        Message
	rest     []byte
	data     []byte
	code     Code
	overload Overload // the fields still to come
	inHeader bool
	cut      bool // the last one passes the end of its field
}

// Options returns the options of m, before the first one. They come in the order
// of RFC 3396 §5: those behind the header, in its file field, in its sname field.
func (m Message) Options() Options { return Options{m: m, rest: m[HeaderLen:]} }

// Next goes on to the next option and reports whether there is one. Padding is
// passed over.
func (it *Options) Next() bool {
	for {
		if len(it.rest) == 0 || Code(it.rest[0]) == OptEnd {
			if !it.nextField() {
				return false
			}
			continue
		}
		if Code(it.rest[0]) == OptPad {
			it.rest = it.rest[1:]
			continue
		}
		if len(it.rest) < 2 || int(it.rest[1]) > len(it.rest)-2 {
			it.rest, it.overload, it.cut = nil, 0, true
			return false
		}
		it.code = Code(it.rest[0])
		n := 2 + int(it.rest[1])
		it.data, it.rest = it.rest[2:n:n], it.rest[n:]
		if it.code == OptOverload && len(it.data) == 1 && !it.inHeader {
			it.overload = Overload(it.data[0]) & (OverloadFile | OverloadSName)
		}
		return true
	}
}

// nextField goes on to the next field of the header that holds options.
func (it *Options) nextField() bool {
	it.rest, it.inHeader = nil, true
	switch {
	case it.overload&OverloadFile != 0:
		it.overload &^= OverloadFile
		it.rest = it.m[fileAt:cookieAt]
	case it.overload&OverloadSName != 0:
		it.overload &^= OverloadSName
		it.rest = it.m[snameAt:fileAt]
	default:
		return false
	}
	return true
}

// Code returns which option this is.
func (it *Options) Code() Code { return it.code }

// Data returns the option's value, as a part of the message.
func (it *Options) Data() []byte { return it.data }

// Option returns the value of an option, as a part of m. Where it comes in
// several parts (RFC 3396), that is the first one: see [Message.Join].
func (m Message) Option(code Code) (data []byte, ok bool) {
	for it := m.Options(); it.Next(); {
		if it.code == code {
			return it.data, true
		}
	}
	return nil, false
}

// Split reports whether an option comes in several parts, which together are its
// value (RFC 3396).
func (m Message) Split(code Code) bool {
	parts := 0
	for it := m.Options(); it.Next(); {
		if it.code == code {
			parts++
		}
	}
	return parts > 1
}

// Join returns the value of an option, of all its parts together. One that is
// whole is a part of m, the parts of another are copied together into buf. It
// returns false where there is no such option and where buf is too short for it.
func (m Message) Join(code Code, buf []byte) (data []byte, ok bool) {
	if !m.Split(code) {
		return m.Option(code)
	}
	n := 0
	for it := m.Options(); it.Next(); {
		if it.code != code {
			continue
		}
		if len(it.data) > len(buf)-n {
			return nil, false
		}
		n += copy(buf[n:], it.data)
	}
	return buf[:n:n], true
}

// Overload returns which fields of the header hold options.
func (m Message) Overload() Overload {
	var o Overload
	for it := m.Options(); it.Next() && !it.inHeader; {
		o = it.overload
	}
	return o
}
