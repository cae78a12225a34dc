package ethernet

// Error says why bytes are not what they were taken for.
type Error uint8

const (
	// ErrShort is for bytes that end before the header or a tag does.
	ErrShort Error = iota + 1
	// ErrLength is for an IEEE 802.3 length that passes the end of the bytes.
	ErrLength
	// ErrType is for a field that is neither a length nor a type: 1501 to 1535.
	ErrType
)

// Error implements error.
func (e Error) Error() string {
	switch e {
	case ErrShort:
		return "ethernet: frame is cut short"
	case ErrLength:
		return "ethernet: length passes the end of the frame"
	case ErrType:
		return "ethernet: neither a length nor a type"
	}
	return "ethernet: unknown error"
}
