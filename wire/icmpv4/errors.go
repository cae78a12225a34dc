package icmpv4

// Error says why bytes are not what they were taken for.
type Error uint8

// ErrShort is for bytes that end before the header does.
const ErrShort Error = 1

// Error implements error.
func (e Error) Error() string {
	if e == ErrShort {
		return "icmpv4: message is cut short"
	}
	return "icmpv4: unknown error"
}
