package flight

import (
	"time"

	wire "github.com/netdev-go/netdev/wire/tcp"
)

const (
	flagSacked     = 1 << iota // the peer has it
	flagLost                   // taken for lost and not sent again since
	flagResent                 // sent more than once
	flagAppLimited             // the application was the limit when it was sent
)

// A record is a segment that was sent, of 40 bytes.
type record struct {
	sent        time.Duration // the last time
	left, right wire.Seq

	// What the delivery rate is computed from: the connection's counts when it
	// was last sent, and how long before that its two clocks had started.
	firstAgo, deliveredAgo    ticks
	delivered, lost, inFlight uint32

	// span is a number of records from this one on that are all SACKed, if this
	// one is: perhaps not all that follow.
	span  uint16
	flags uint8
}

func (r *record) len() int { return r.right.Diff(r.left) }

// ticks is a time of up to 4½ minutes in 4 bytes.
type ticks uint32

const tick = 64 * time.Nanosecond

func toTicks(d time.Duration) ticks {
	if d = max(0, d) / tick; d > 1<<32-1 {
		return 1<<32 - 1
	}
	return ticks(d)
}

func (t ticks) duration() time.Duration { return time.Duration(t) * tick }

// sentAfter is RACK_sent_after of RFC 8985 §6.2.
func sentAfter(t1 time.Duration, seq1 wire.Seq, t2 time.Duration, seq2 wire.Seq) bool {
	return t1 > t2 || t1 == t2 && seq2.Less(seq1)
}
