package arp

// Error says why bytes are not what they were taken for.
type Error uint8

const (
	// ErrShort is for bytes that end before the packet does.
	ErrShort Error = iota + 1
	// ErrHardware is for addresses of other hardware than Ethernet.
	ErrHardware
	// ErrProtocol is for addresses of other protocols than IPv4.
	ErrProtocol
	// ErrAddrLength is for addresses that are not as long as those should be.
	ErrAddrLength
)

// Error implements error.
func (e Error) Error() string {
	switch e {
	case ErrShort:
		return "arp: packet is cut short"
	case ErrHardware:
		return "arp: hardware is not Ethernet"
	case ErrProtocol:
		return "arp: protocol is not IPv4"
	case ErrAddrLength:
		return "arp: address of a wrong length"
	}
	return "arp: unknown error"
}
