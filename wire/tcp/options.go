package tcp

// The kinds of option that [Options] knows.
const (
	KindEnd           = 0  // RFC 9293 §3.2
	KindNOP           = 1  // RFC 9293 §3.2
	KindMSS           = 2  // RFC 9293 §3.7.1
	KindWindowScale   = 3  // RFC 7323 §2
	KindSACKPermitted = 4  // RFC 2018 §2
	KindSACK          = 5  // RFC 2018 §3
	KindTimestamps    = 8  // RFC 7323 §3
	KindUserTimeout   = 28 // RFC 5482 §3
)

// Lengths of the options, kind and length included.
const (
	mssLen           = 4
	windowScaleLen   = 3
	sackPermittedLen = 2
	sackBlockLen     = 8
	timestampsLen    = 10
	userTimeoutLen   = 4
)

// MaxWindowScale is the largest shift count that there is (RFC 7323 §2.3).
const MaxWindowScale = 14

// MaxSACKBlocks is how many SACK blocks fit into a header that has no other
// option. Beside timestamps there is room for three.
const MaxSACKBlocks = 4

// OptionSet is a set of options.
type OptionSet uint8

// The members of an [OptionSet].
const (
	HasMSS OptionSet = 1 << iota
	HasWindowScale
	HasSACKPermitted
	HasTimestamps
	HasSACK
	HasUserTimeout
)

// Options are the options of one segment, a SYN or any other. A field counts if
// Has has its bit; the zero value is no options at all.
type Options struct {
	Has         OptionSet
	WindowScale uint8       // the shift count, at most [MaxWindowScale]
	SACKLen     uint8       // how many of SACK count
	MSS         uint16      // as it was sent, 0 included
	UserTimeout UserTimeout // what the sender proposes
	TSVal       uint32      // the sender's clock
	TSEcr       uint32      // the clock it heard last from us
	SACK        [MaxSACKBlocks]SACKBlock
}

// UserTimeout is the value of a user timeout option: a granularity bit, set for
// minutes, and 15 bits of how many.
type UserTimeout uint16

// Seconds returns how long the timeout is.
func (u UserTimeout) Seconds() uint32 {
	n := uint32(u & 0x7fff)
	if u&0x8000 != 0 {
		n *= 60
	}
	return n
}

// UserTimeoutOf returns the value that says seconds. From 2¹⁵ seconds on there
// are only whole minutes, which it rounds up to, and at most 2¹⁵-1 of them.
func UserTimeoutOf(seconds uint32) UserTimeout {
	if seconds < 1<<15 {
		return UserTimeout(seconds)
	}
	minutes := seconds / 60
	if seconds%60 != 0 {
		minutes++
	}
	return 0x8000 | UserTimeout(min(minutes, 1<<15-1))
}
