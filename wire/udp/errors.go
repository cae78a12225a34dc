package udp

// Error says why bytes are not what they were taken for.
type Error uint8

const (
	// ErrShort is for bytes that end before the datagram does.
	ErrShort Error = iota + 1
	// ErrLength is for a length of less than the header.
	ErrLength
)

// Error implements error.
func (e Error) Error() string {
	switch e {
	case ErrShort:
		return "udp: datagram is cut short"
	case ErrLength:
		return "udp: length is less than the header"
	}
	return "udp: unknown error"
}
