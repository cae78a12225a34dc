package icmp

import (
	"github.com/netdev-go/netdev/wire/icmpv4"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// Fault is what an ICMP error tells.
type Fault struct {
	// Err is what the socket's user gets to know, of package netdev's errors.
	Err error
	// Hard is true if trying again is in vain (RFC 1122 §4.2.3.9). A soft one is
	// for a connection to remember, in case that it times out.
	Hard bool
	// MTU is how long packets to the quoted destination may be, if that is what the
	// error is about, and else 0.
	MTU int
	// Quote is the packet that the error is about, whose payload may be cut short.
	Quote ipv4.Packet
}

// Decode returns what m tells, and false if it is no error to heed or quotes no
// packet.
func Decode(m icmpv4.Message) (f Fault, ok bool) { return f, false }
