package tcp

// Error says why bytes are not what they were taken for.
type Error uint8

const (
	// ErrShort is for bytes that end before the header does.
	ErrShort Error = iota + 1
	// ErrDataOffset is for a data offset of less than the fixed header.
	ErrDataOffset
	// ErrOptionLength is for an option whose length is below 2 or passes the end.
	ErrOptionLength
)

// Error implements error.
func (e Error) Error() string {
	switch e {
	case ErrShort:
		return "tcp: segment is cut short"
	case ErrDataOffset:
		return "tcp: data offset is inside the fixed header"
	case ErrOptionLength:
		return "tcp: option with an impossible length"
	}
	return "tcp: unknown error"
}
