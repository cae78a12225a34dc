package ipv4

// Error says why bytes are not what they were taken for.
type Error uint8

const (
	// ErrShort is for bytes that end before the packet does.
	ErrShort Error = iota + 1
	// ErrVersion is for packets of another version of IP.
	ErrVersion
	// ErrHeaderLen is for a header length of less than the fixed header.
	ErrHeaderLen
	// ErrTotalLen is for a total length of less than the header.
	ErrTotalLen
	// ErrOptionLength is for an option whose length is below 2 or passes the end.
	ErrOptionLength
)

// Error implements error.
func (e Error) Error() string {
	switch e {
	case ErrShort:
		return "ipv4: packet is cut short"
	case ErrVersion:
		return "ipv4: version is not 4"
	case ErrHeaderLen:
		return "ipv4: header length is inside the fixed header"
	case ErrTotalLen:
		return "ipv4: total length is inside the header"
	case ErrOptionLength:
		return "ipv4: option with an impossible length"
	}
	return "ipv4: unknown error"
}
