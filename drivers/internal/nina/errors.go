package nina

// An Error is why an exchange brought no reply.
type Error uint8

const (
	_ Error = iota

	// ErrRejected is a command that the firmware does not know. It was not
	// carried out.
	ErrRejected

	// ErrUnclear is a reply that made no sense, though the chip does now: whether
	// the command was carried out is not known, or even whether another one was,
	// with the same parameters.
	ErrUnclear

	// ErrSilent is a chip that does not answer, or not in a way that can be made
	// sense of. Only Boot helps.
	ErrSilent

	// ErrTooLong is a request that the chip's buffer has no room for. It was not
	// sent.
	ErrTooLong

	// errUnsent is a chip that did not see that it was selected.
	errUnsent

	// errOther is a chip that may have carried out another command.
	errOther
)

func (e Error) Error() string {
	switch e {
	case ErrRejected:
		return "nina: the firmware does not know the command"
	case ErrUnclear:
		return "nina: the reply makes no sense"
	case ErrSilent:
		return "nina: the chip does not answer"
	case ErrTooLong:
		return "nina: the request is too long"
	}
	return "nina: unknown error"
}
