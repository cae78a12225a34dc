package icmp

import (
	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/wire/icmpv4"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// Fault is what an ICMP error tells.
type Fault struct {
	// Err is what the socket's user gets to know, one of package netdev's errors.
	Err error
	// Hard is true if trying again is in vain (RFC 1122 §4.2.3.9). A soft one is
	// for a connection to remember, in case that it times out.
	Hard bool
	// MTU is how long packets to the quoted destination may be, if that is what the
	// error is about, and else 0.
	MTU int
	// Quote is the packet that the error is about, with 8 bytes of its payload at
	// least and perhaps no more.
	Quote ipv4.Packet
}

// Decode returns what m tells, and false if it is no error to heed. Those are
// source quench, which is obsolete (RFC 6633), redirects, by which anybody on the
// link could take all traffic, and what does not quote enough to tell whose packet
// it is about.
func Decode(m icmpv4.Message) (f Fault, ok bool) {
	switch m.Type() {
	case icmpv4.TypeUnreachable, icmpv4.TypeTimeExceeded, icmpv4.TypeParameterProblem:
	default:
		return f, false
	}
	q, err := ipv4.ParseQuote(m.Quote())
	if err != nil || len(q.Payload()) < quotedPayload {
		return f, false
	}
	f.Quote = q
	switch m.Type() {
	case icmpv4.TypeTimeExceeded:
		f.Err = netdev.ErrHostUnreachable
	case icmpv4.TypeParameterProblem:
		f.Err = netdev.ErrInvalid
	default:
		f.Err, f.Hard = unreachable(m.Code())
		if m.IsFragmentationNeeded() {
			f.MTU = nextMTU(m.MTU(), q.TotalLen())
		}
	}
	return f, true
}

// quotedPayload is what every error quotes of a payload (RFC 792): ports, and TCP's
// sequence number.
const quotedPayload = 8

// unreachable maps codes as Linux does, where that has an error that netdev has
// too.
func unreachable(code uint8) (err error, hard bool) {
	switch code {
	case icmpv4.CodeNetUnreachable, icmpv4.CodeNetTOS:
		return netdev.ErrNetUnreachable, false
	case icmpv4.CodeNetUnknown, icmpv4.CodeNetProhibited:
		return netdev.ErrNetUnreachable, true
	case icmpv4.CodePortUnreachable:
		return netdev.ErrConnRefused, true
	case icmpv4.CodeProtocolUnreachable:
		return netdev.ErrProtocolNotSupported, true
	case icmpv4.CodeFragmentationNeeded:
		return netdev.ErrMessageTooLong, false
	case icmpv4.CodeSourceRouteFailed:
		return netdev.ErrNotSupported, false
	case icmpv4.CodeHostUnreachable, icmpv4.CodeHostTOS:
		return netdev.ErrHostUnreachable, false
	case icmpv4.CodeHostUnknown, icmpv4.CodeSourceIsolated, icmpv4.CodeHostProhibited, icmpv4.CodeAdminProhibited,
		icmpv4.CodePrecedenceViolation, icmpv4.CodePrecedenceCutoff:
		return netdev.ErrHostUnreachable, true
	}
	// RFC 1122 §3.2.2.1 has no more; what a later one says is not known to be final.
	return netdev.ErrHostUnreachable, false
}

// nextMTU returns how long packets may be, told by a router that carries mtu, or by
// one older than RFC 1191 that does not say, of a packet that was n long.
func nextMTU(mtu, n int) int {
	if mtu == 0 {
		mtu = Plateau(n)
	}
	return max(mtu, ipv4.MinMTU)
}
