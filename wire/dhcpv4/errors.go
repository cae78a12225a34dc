package dhcpv4

// Error says why bytes are not what they were taken for, or could not be written.
type Error uint8

const (
	// ErrShort is for bytes that end before the options begin.
	ErrShort Error = iota + 1
	// ErrCookie is for a message of BOOTP's without DHCP's magic cookie.
	ErrCookie
	// ErrAddrLength is for a hardware address that is longer than its field.
	ErrAddrLength
	// ErrOption is for an option whose length passes the end of its field.
	ErrOption
	// ErrSpace is for a buffer that the message does not fit into.
	ErrSpace
)

// Error implements error.
func (e Error) Error() string {
	switch e {
	case ErrShort:
		return "dhcpv4: message is cut short"
	case ErrCookie:
		return "dhcpv4: no magic cookie"
	case ErrAddrLength:
		return "dhcpv4: hardware address of an impossible length"
	case ErrOption:
		return "dhcpv4: option passes the end of its field"
	case ErrSpace:
		return "dhcpv4: message does not fit into the buffer"
	}
	return "dhcpv4: unknown error"
}
