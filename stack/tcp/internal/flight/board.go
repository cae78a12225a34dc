package flight

import (
	"time"

	"github.com/netdev-go/netdev/stack/tcp/congestion"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// A board is what a Flight needs only while something is outstanding.
type board struct {
	ring

	next *board // in a Pool

	// What was sent again, in the order of time. Records that are no longer as
	// they were then have outlived their entry.
	resent     []resending
	resentHead int

	lostHint wire.Seq // nothing before it is lost
	origHint wire.Seq // RACK is done with what was sent once before it

	// RACK.xmit_ts, RACK.end_seq and RACK.fack of RFC 8985 §5.3, and the window
	// that was last computed.
	xmit      time.Duration
	xmitRight wire.Seq
	fack      wire.Seq
	reoWnd    time.Duration

	sackedSegments int // RACK.segs_sacked: SACKed since none was
	unmerged       int // SACKed since the ring was last squeezed

	// known are the blocks of the ACK before: older ones come again and again.
	known [4]wire.SACKBlock
	hint  int // the record that the newest block was in, maybe

	told *congestion.Loss // what an Observer was told last; nil without one
	end  wire.Seq         // of what that was about
}

type resending struct {
	left, right wire.Seq
	sent        time.Duration
}

// start clears b for data from left on.
func (b *board) start(left wire.Seq) {
	b.head, b.n = 0, 0
	b.resent, b.resentHead = b.resent[:0], 0
	b.lostHint, b.origHint, b.fack, b.xmitRight = left, left, left, left
	b.xmit, b.reoWnd = 0, 0
	b.sackedSegments, b.unmerged, b.hint = 0, 0, 0
	b.known = [4]wire.SACKBlock{}
	b.end = left - 1
}

// noteResent appends to the queue of what was sent again. Before it grows, what
// has no meaning any more leaves it, so that it is never longer than the ring's
// records are many, but for a constant factor.
func (b *board) noteResent(e resending, una wire.Seq) {
	if len(b.resent) == cap(b.resent) {
		live := b.resent[:0]
		for _, r := range b.resent[b.resentHead:] {
			if b.outlives(r, una) {
				live = append(live, r)
			}
		}
		if 4*len(live) > 3*cap(b.resent) {
			more := max(2, cap(b.resent)&^(firstRing-1))
			live = append(make([]resending, 0, max(min(firstRing, len(b.buf)+2), cap(b.resent)+more)), live...)
		}
		b.resent, b.resentHead = live, 0
	}
	b.resent = append(b.resent, e)
}

// outlives reports whether a record of e is still under way as e has it.
func (b *board) outlives(e resending, una wire.Seq) bool {
	if e.right.LessEq(una) {
		return false
	}
	if e.left.Less(una) {
		e.left = una
	}
	for i := b.find(e.left); i < b.n && b.at(i).left.Less(e.right); i++ {
		if r := b.at(i); r.sent == e.sent && r.flags&(flagSacked|flagLost) == 0 {
			return true
		}
	}
	return false
}

// extend tells record i that all SACKed ones to the end are of its run.
func (b *board) extend(i, end int) { b.at(i).span = uint16(end - i) }
