package ipv4

// Flags are the control flags, in the order of the header's bits.
type Flags uint8

const (
	// MoreFragments is set on all fragments but the last.
	MoreFragments Flags = 1 << iota
	// DontFragment forbids routers to take the packet apart.
	DontFragment
	// Reserved has to be 0.
	Reserved
)
