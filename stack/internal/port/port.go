package port

import "net/netip"

// The range of RFC 6335 §6, in which no service is registered.
const (
	First = 49152
	Last  = 65535
)

// Config is what an Allocator is made of.
type Config struct {
	First, Last uint16        // the range; both zero for that of the constants
	Rand        func() uint64 // where the secrets come from
}

// Allocator chooses ports. One is enough for all protocols. It is not safe for
// concurrent use.
type Allocator struct {
	first, size uint32
}

// New returns an Allocator.
func New(c Config) *Allocator { return &Allocator{} }

// Next returns a port for local to speak to remote from, for which used is false,
// and false if it is true for all. local may be invalid, and so may remote, for
// a socket that is not connected.
func (a *Allocator) Next(local netip.Addr, remote netip.AddrPort, used func(port uint16) bool) (port uint16, ok bool) {
	return 0, false
}
