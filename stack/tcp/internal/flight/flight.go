package flight

import (
	"time"

	"github.com/netdev-go/netdev/stack/tcp/congestion"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// DefaultLimit is the most records of a Flight whose Limit is 0, and MaxLimit
// that of any.
const (
	DefaultLimit = 4096
	MaxLimit     = 1 << 15
)

// A Flight is what one connection has under way. The zero value is ready. It is
// not safe for concurrent use, and reads no clock: now is the owner's, above 0.
type Flight struct {
	// Limit is the most records, DefaultLimit where it is 0. Beyond it new data
	// joins the last record, and a SACK for a part of one is not taken up.
	Limit int32
	// Observer is told of each segment that is found lost, where it is set.
	Observer congestion.LossObserver

	una, nxt     wire.Seq
	sacked, lost uint32 // bytes outstanding that are SACKed, and lost

	// Of the delivery rate estimate: C.delivered, C.delivered_time,
	// C.first_sent_time, C.lost and C.app_limited, and where the round ends.
	delivered   uint32
	lostEver    uint32
	limitedTill uint32
	roundEnd    uint32
	deliveredAt time.Duration
	firstSent   time.Duration

	rackRTT    time.Duration // RACK.rtt
	dsackRound wire.Seq      // RACK.dsack_round
	reoExtra   uint8         // RACK.reo_wnd_mult above 1
	reoPersist uint8         // RACK.reo_wnd_persist

	dups  uint8 // duplicate ACKs in a row, without SACK
	state uint16

	episode
	tlpEnd wire.Seq // TLP.end_seq

	b *board
}

const (
	stateReordered  = 1 << iota // RACK.reordering_seen
	stateDSACKRound             // dsackRound is set
	stateRecovering             // from the first loss to the recovery point
	stateUndo                   // the newest episode may yet turn out spurious
	stateTLP                    // tlpEnd is set
	stateProbed                 // no RTT was measured since the last probe
	stateTLPResent              // TLP.is_retrans
	stateNoSACK                 // the peer does not SACK
	stateAppLimited             // limitedTill is set
)

func (f *Flight) is(state uint16) bool { return f.state&state != 0 }

func (f *Flight) limit() int {
	switch {
	case f.Limit <= 0:
		return DefaultLimit
	case f.Limit > MaxLimit:
		return MaxLimit
	}
	return int(f.Limit)
}

// Outstanding returns how many bytes are sent and not acknowledged in sequence.
func (f *Flight) Outstanding() int { return f.nxt.Diff(f.una) }

// Sacked returns how many outstanding bytes are SACKed.
func (f *Flight) Sacked() int { return int(f.sacked) }

// LostBytes returns how many outstanding bytes are lost and not sent again.
func (f *Flight) LostBytes() int { return int(f.lost) }

// Pipe returns how many bytes are in the network: sent, not SACKed, not lost.
// Bytes that were sent again count once.
func (f *Flight) Pipe() int { return int(uint32(f.nxt-f.una) - f.sacked - f.lost) }

// Delivered returns how many bytes have arrived since the connection began, modulo 2³².
func (f *Flight) Delivered() uint32 { return f.delivered }

// Una returns the oldest number not acknowledged.
func (f *Flight) Una() wire.Seq { return f.una }

// Nxt returns the number after the last one sent.
func (f *Flight) Nxt() wire.Seq { return f.nxt }

// Empty reports whether nothing is outstanding.
func (f *Flight) Empty() bool { return f.una == f.nxt }

// OldestSent returns when the oldest outstanding segment was last sent, 0 where
// there is none.
func (f *Flight) OldestSent() time.Duration {
	if f.Empty() {
		return 0
	}
	return f.b.at(0).sent
}

// Last returns the newest segment that is not SACKed, for a tail loss probe:
// where there is none both are equal.
func (f *Flight) Last() (left, right wire.Seq) {
	if f.Empty() {
		return f.nxt, f.nxt
	}
	for i := f.b.n - 1; i >= 0; i-- {
		if r := f.b.at(i); r.flags&flagSacked == 0 {
			return r.left, r.right
		}
	}
	return f.nxt, f.nxt
}

// Lost returns the first range that is lost and was not sent again since. It is
// one record: what follows may be lost as well.
func (f *Flight) Lost() (left, right wire.Seq, ok bool) {
	if f.lost == 0 {
		return 0, 0, false
	}
	b := f.b
	for i := f.indexFrom(b.lostHint); i < b.n; {
		r := b.at(i)
		switch {
		case r.flags&flagSacked != 0:
			i += int(r.span)
		case r.flags&flagLost != 0:
			b.lostHint = r.left
			return r.left, r.right, true
		default:
			i++
		}
	}
	return 0, 0, false
}

// indexFrom returns the index of the record with seq, or the first one where seq
// is acknowledged. Where seq was not sent yet it returns the number of records.
// Of a record that is SACKed it may return that of a later one, with none between
// them that is not.
func (f *Flight) indexFrom(seq wire.Seq) int {
	b := f.b
	switch {
	case seq.LessEq(f.una):
		return 0
	case !seq.Less(f.nxt):
		return b.n
	}
	// Mostly it lies in the newest run, or behind it.
	if h := b.hint; 0 <= h && h < b.n {
		if r := b.at(h); r.flags&flagSacked != 0 && r.left.LessEq(seq) {
			if end := h + int(r.span); seq.LessEq(b.at(end - 1).right) {
				return end
			}
		}
	}
	return b.find(seq)
}

// Reset forgets everything but Limit and Observer. The memory stays.
func (f *Flight) Reset() {
	b := f.b
	*f = Flight{Limit: f.Limit, Observer: f.Observer, b: b}
	if b != nil {
		b.start(0)
	}
}
