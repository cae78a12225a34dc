package igmp

// Error says why bytes are not what they were taken for.
type Error uint8

const (
	// ErrShort is for bytes that end before the message does.
	ErrShort Error = iota + 1
	// ErrQueryLen is for a query of a length that is no version's: 9 to 11 bytes.
	ErrQueryLen
	// ErrSources is for more sources than there are bytes for them.
	ErrSources
	// ErrRecords is for group records that pass the end of the bytes.
	ErrRecords
)

// Error implements error.
func (e Error) Error() string {
	switch e {
	case ErrShort:
		return "igmp: message is cut short"
	case ErrQueryLen:
		return "igmp: query of a length that no version has"
	case ErrSources:
		return "igmp: sources pass the end of the message"
	case ErrRecords:
		return "igmp: group records pass the end of the message"
	}
	return "igmp: unknown error"
}
