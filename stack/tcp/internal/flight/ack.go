package flight

import (
	"time"

	"github.com/netdev-go/netdev/stack/tcp/congestion"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// Options is what Ack may know besides the acknowledgement and the SACK blocks.
type Options struct {
	// Echo is the end of that tick of the timestamp clock which the segment
	// echoes (TSecr): what was sent at Echo or later bears a newer timestamp.
	// 0 where there is none.
	Echo time.Duration
	// MinRTT is the connection's windowed least round-trip time, 0 if unknown.
	MinRTT time.Duration
	// NoSACK tells that the peer does not SACK: always or never for a connection.
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
	// SACKed before, and Sacked. Without SACK a duplicate ACK counts a segment.
	Delivered int

	// RTT is the round-trip time of the newest segment delivered, and OldestRTT
	// that of the oldest one, with what the peer delayed its ACK.
	// 0 where only retransmitted ones were delivered (Karn).
	// Congestion control and MinRTT want RTT, the RTO estimator OldestRTT.
	RTT, OldestRTT time.Duration

	RoundStart bool // a round trip has passed since this was last set
	Reordered  bool // a segment arrived after one sent later
	DSACK      bool // the peer got something twice
	Spurious   bool // the newest episode was for nothing: undo it. Said once
	Recovered  bool // the episode is over
	ProbeLost  bool // the tail loss probe repaired a loss: congestion all the same

	Rate congestion.RateSample
}

// An arrival collects what the segments delivered by one ACK tell.
type arrival struct {
	newest   record        // the one sent last, of those that are not ambiguous
	high     wire.Seq      // the highest number
	resent   bool          // one that was sent more than once was acknowledged in sequence
	resentAt time.Duration // when the first of those was sent again
	options  Options
}

// Ack takes an acknowledgement up to ack with the SACK blocks of the segment in
// their order, D-SACK included. Blocks and numbers that make no sense are passed over.
func (f *Flight) Ack(now time.Duration, ack wire.Seq, blocks []wire.SACKBlock, o Options) (res Result) {
	if f.nxt.Less(ack) {
		return
	}
	a := arrival{options: o}
	a.high = f.una
	if o.NoSACK {
		f.state |= stateNoSACK
		blocks = nil
	}
	if len(blocks) > 0 {
		f.dsack(ack, blocks, &res)
	}
	b, before := f.b, f.una
	if f.una.Less(ack) {
		f.advance(now, ack, &a, &res)
	} else if o.NoSACK && o.Duplicate && ack == f.una && f.una != f.nxt {
		f.duplicate(&res)
	}
	if len(blocks) > 0 && f.una != f.nxt {
		f.sack(now, blocks, &a, &res)
	}
	if res.Delivered > 0 {
		f.delivered += uint32(res.Delivered)
		f.deliveredAt = now
		res.Rate.TotalDelivered = f.delivered
		if f.is(stateAppLimited) && int32(f.delivered-f.limitedTill) > 0 {
			f.state &^= stateAppLimited
		}
		if b.fack.Less(a.high) {
			b.fack = a.high
		}
		if r := &a.newest; r.sent > 0 {
			f.rackRTT = now - r.sent
			if sentAfter(r.sent, r.right, b.xmit, b.xmitRight) {
				b.xmit, b.xmitRight = r.sent, r.right
			}
			if int32(r.delivered-f.roundEnd) >= 0 {
				res.RoundStart = true
				f.roundEnd = f.delivered
			}
			f.sample(now, o.MinRTT, r, &res.Rate)
		}
	}
	if res.DSACK || f.state&^(stateReordered|stateNoSACK|stateAppLimited) != 0 {
		f.settle(ack, before, len(blocks) > 0, &a, &res)
	}
	return res
}

// advance takes away what is acknowledged in sequence.
func (f *Flight) advance(now time.Duration, ack wire.Seq, a *arrival, res *Result) {
	b := f.b
	res.Acked = ack.Diff(f.una)
	first := b.at(0).len()
	f.advancePlain(now, ack, a, res)
	for b.n > 0 {
		r := b.at(0)
		right := r.right
		if ack.Less(right) {
			if !r.left.Less(ack) {
				break
			}
			right = ack
		}
		if r.flags&flagSacked != 0 {
			f.sacked -= uint32(right.Diff(r.left))
		} else {
			f.arrived(now, r, right, true, a, res)
		}
		if right != r.right {
			r.left = right
			break
		}
		b.pop()
		b.hint--
	}
	if a.resent {
		// The ACK was due to what was sent again, and the rest may have arrived long
		// before: their SACKs were lost.
		res.RTT, res.OldestRTT = 0, 0
	}
	f.una = ack
	f.dups = 0
	if f.sacked == 0 {
		b.sackedSegments = 0
	} else if f.is(stateNoSACK) {
		// The first segment filled the hole, those after it had sent the
		// duplicate ACKs.
		n := min(f.sacked, uint32(max(0, res.Acked-first)))
		res.Delivered -= int(n)
		f.sacked -= n
		most := uint32(f.nxt-f.una) - f.lost
		if b.n > 0 && b.at(0).flags&flagLost == 0 {
			most -= uint32(b.at(0).len()) // which is missing
		}
		f.sacked = min(f.sacked, most)
	}
}

// advancePlain takes away the first records as far as they were sent once, and nothing is
// known of them: their times are in the order of their numbers, so that the first and the
// last of them tell all that each would.
func (f *Flight) advancePlain(now time.Duration, ack wire.Seq, a *arrival, res *Result) {
	b := f.b
	first, last := b.at(0), (*record)(nil)
	for b.n > 0 {
		r := b.at(0)
		if r.flags&^flagAppLimited != 0 || ack.Less(r.right) {
			break
		}
		last = r
		b.pop()
		b.hint--
	}
	if last == nil {
		return
	}
	res.Delivered += last.right.Diff(first.left)
	res.OldestRTT, res.RTT = max(1, now-first.sent), max(1, now-last.sent)
	if first.right.Less(b.fack) {
		res.Reordered = true
		f.state |= stateReordered
	}
	a.newest = *last
	if a.high.Less(last.right) {
		a.high = last.right
	}
}

// arrived notes that the peer has r up to right, and not from a SACK before.
func (f *Flight) arrived(now time.Duration, r *record, right wire.Seq, inSequence bool, a *arrival, res *Result) {
	n := right.Diff(r.left)
	res.Delivered += n
	if r.flags&flagLost != 0 {
		f.lost -= uint32(n)
	}
	if a.high.Less(right) {
		a.high = right
	}
	if r.flags&flagResent == 0 {
		if rtt := max(1, now-r.sent); !a.resent {
			res.OldestRTT = max(res.OldestRTT, rtt)
			if res.RTT == 0 || rtt < res.RTT {
				res.RTT = rtt
			}
		}
		// RFC 8985 §6.2 step 3. What this ACK brings is not held against itself.
		if right.Less(f.b.fack) {
			res.Reordered = true
			f.state |= stateReordered
		}
	} else {
		// Step 2: which transmission arrived? An echo tells only of what was
		// received in sequence; that on a SACK is older.
		if inSequence {
			if !a.resent {
				a.resent, a.resentAt = true, r.sent
			}
			if a.options.Echo > 0 && a.options.Echo <= r.sent {
				return
			}
		}
		if now-r.sent < a.options.MinRTT {
			return
		}
	}
	if a.newest.sent == 0 || sentAfter(r.sent, right, a.newest.sent, a.newest.right) {
		a.newest = *r
		a.newest.right = right
	}
}

// duplicate takes a duplicate ACK of a peer that does not SACK: something of the
// size of a segment has arrived, behind the first.
func (f *Flight) duplicate(res *Result) {
	if f.dups < 255 {
		f.dups++
	}
	seg := f.b.at(0).len()
	seg = min(seg, f.Pipe()-seg)
	if f.b.at(0).flags&flagLost != 0 {
		seg = min(f.b.at(0).len(), f.Pipe())
	}
	if seg > 0 {
		f.sacked += uint32(seg)
		res.Delivered = seg
	}
}
