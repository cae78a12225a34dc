package ntp

// Error says why bytes are not what they were taken for.
type Error uint8

const (
	// ErrShort is for bytes that end before the header does.
	ErrShort Error = iota + 1
	// ErrVersion is for a version that is none of 1 to 4.
	ErrVersion
	// ErrMode is for the modes whose packets have another header, such as
	// control messages.
	ErrMode
)

// Error implements error.
func (e Error) Error() string {
	switch e {
	case ErrShort:
		return "ntp: packet is cut short"
	case ErrVersion:
		return "ntp: unknown version"
	case ErrMode:
		return "ntp: mode with another header"
	}
	return "ntp: unknown error"
}
