package flight

import (
	"time"

	"github.com/netdev-go/netdev/stack/tcp/congestion"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// DefaultLimit is the most records of a Flight whose Limit is 0.
const DefaultLimit = 4096

// A Flight is what one connection has under way. The zero value is ready. It is
// not safe for concurrent use, and reads no clock: now is the owner's, above 0.
type Flight struct {
	// Limit is the most records, DefaultLimit where it is 0. Beyond it new data
	// joins the last record, and a SACK for a part of one is not taken up.
	Limit int32

	una, nxt wire.Seq
}

// Options is what Ack may know besides the acknowledgement and the SACK blocks.
type Options struct {
	// Echo is the end of that tick of the timestamp clock which the segment
	// echoes (TSecr): what was sent at Echo or later bears a newer timestamp.
	// 0 where there is none.
	Echo time.Duration
	// MinRTT is the connection's windowed least round-trip time, 0 if unknown.
	MinRTT time.Duration
	// NoSACK tells that the peer does not SACK.
	NoSACK bool
	// Duplicate tells of a duplicate acknowledgement as RFC 5681 §2 defines it:
	// no data, no change of window, data outstanding. It counts with NoSACK only.
	Duplicate bool
}

// A Result is what an acknowledgement brought.
type Result struct {
	Acked  int // bytes newly acknowledged in sequence, also those SACKed before
	Sacked int // bytes newly SACKed
	// Delivered counts the bytes now known to have arrived: Acked without those
	// SACKed before, and Sacked.
	Delivered int

	// RTT is the round-trip time of the newest segment delivered, and OldestRTT
	// that of the oldest one: how long the peer delayed an ACK is in the latter.
	// 0 where only retransmitted ones were delivered (Karn).
	// Congestion control and MinRTT want RTT, the RTO estimator OldestRTT.
	RTT, OldestRTT time.Duration

	RoundStart bool // a round trip has passed since this was last set
	Reordered  bool // a segment arrived after one sent later
	DSACK      bool // the peer got something twice
	Spurious   bool // nothing of the newest episode was lost: undo it. Said once
	Recovered  bool // the episode is over
	ProbeLost  bool // the tail loss probe repaired a loss: congestion all the same

	Rate congestion.RateSample
}

// Sent notes n bytes of new data from left on, which must follow what was sent before.
func (f *Flight) Sent(now time.Duration, left wire.Seq, n int) {}

// Resent notes that the bytes from left to right were sent again.
func (f *Flight) Resent(now time.Duration, left, right wire.Seq) {}

// Ack takes an acknowledgement up to ack with the SACK blocks of the segment in
// their order, D-SACK included. Blocks and numbers that make no sense are passed over.
func (f *Flight) Ack(now time.Duration, ack wire.Seq, blocks []wire.SACKBlock, o Options) Result {
	return Result{}
}

// DetectLoss marks what must be taken for lost at now, and returns how many bytes
// that were and when it has to be called again at the latest, 0 for not.
func (f *Flight) DetectLoss(now, srtt, minRTT time.Duration) (lost int, deadline time.Duration) {
	return 0, 0
}

// Timeout marks all that is not SACKed as lost (RTO). If the oldest byte is SACKed,
// the peer has dropped what it had SACKed, and all SACKs are forgotten.
// It returns how many bytes became lost.
func (f *Flight) Timeout(now time.Duration) (lost int) { return 0 }

// Lost returns the first range that is lost and was not sent again since. It is
// one record: what follows may be lost as well.
func (f *Flight) Lost() (left, right wire.Seq, ok bool) { return 0, 0, false }

// Pipe returns how many bytes are in the network: sent, not SACKed, not lost.
func (f *Flight) Pipe() int { return 0 }

// Last returns the newest segment that is not SACKed, for a tail loss probe:
// where nothing is outstanding both are equal.
func (f *Flight) Last() (left, right wire.Seq) { return 0, 0 }

// Probed notes that what was sent just now, by Sent or Resent, is a tail loss probe.
func (f *Flight) Probed(resent bool) {}

// Probing reports whether a probe waits for its answer.
func (f *Flight) Probing() bool { return false }

// PTO returns how long after the last transmission or ACK to send a probe
// (RFC 8985 §7.2), before it is bounded by the RTO. maxAckDelay is the longest that the
// peer may delay an ACK, for a lone segment.
func (f *Flight) PTO(srtt, maxAckDelay time.Duration) time.Duration { return 0 }

// Recovering reports whether an episode of loss recovery is under way.
func (f *Flight) Recovering() bool { return false }

// RecoveryPoint returns the number whose acknowledgement ends the episode.
func (f *Flight) RecoveryPoint() wire.Seq { return 0 }

// AppLimited notes that there was nothing more to send though the window was open.
func (f *Flight) AppLimited() {}

// Delivered returns how many bytes have arrived since the connection began, modulo 2³².
func (f *Flight) Delivered() uint32 { return 0 }

// Outstanding returns how many bytes are sent and not acknowledged in sequence.
func (f *Flight) Outstanding() int { return f.nxt.Diff(f.una) }

// Sacked returns how many outstanding bytes are SACKed.
func (f *Flight) Sacked() int { return 0 }

// LostBytes returns how many outstanding bytes are lost and not sent again.
func (f *Flight) LostBytes() int { return 0 }

// OldestSent returns when the oldest outstanding segment was last sent, 0 where there is none:
// what the retransmission timer counts from.
func (f *Flight) OldestSent() time.Duration { return 0 }

// Una returns the oldest number not acknowledged.
func (f *Flight) Una() wire.Seq { return f.una }

// Nxt returns the number after the last one sent.
func (f *Flight) Nxt() wire.Seq { return f.nxt }

// Empty reports whether nothing is outstanding.
func (f *Flight) Empty() bool { return f.una == f.nxt }

// Reset forgets everything but Limit. The memory stays.
func (f *Flight) Reset() {}
