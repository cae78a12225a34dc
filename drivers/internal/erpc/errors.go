package erpc

// Error is why a call has no result.
type Error uint8

const (
	// ErrTimeout: no reply came. Whether the call was made is not known.
	ErrTimeout Error = 1 + iota
	// ErrIncomplete: a frame began and did not end.
	ErrIncomplete
	// ErrChecksum: a frame was damaged on its way.
	ErrChecksum
	// ErrTooLong: a frame is longer than there is room for, or a request is.
	ErrTooLong
	// ErrMalformed: a message does not have the values that it should.
	ErrMalformed
	// ErrWrite: the UART did not take a request.
	ErrWrite
	// ErrLost: the other end makes no sense any more.
	ErrLost
)

func (e Error) Error() string {
	switch e {
	case ErrTimeout:
		return "erpc: no reply"
	case ErrIncomplete:
		return "erpc: frame cut short"
	case ErrChecksum:
		return "erpc: wrong CRC"
	case ErrTooLong:
		return "erpc: message too long"
	case ErrMalformed:
		return "erpc: malformed message"
	case ErrWrite:
		return "erpc: request not sent"
	case ErrLost:
		return "erpc: no way back into step"
	}
	return "erpc: unknown error"
}
