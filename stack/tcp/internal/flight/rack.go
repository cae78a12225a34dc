package flight

import (
	"time"

	"github.com/netdev-go/netdev/stack/tcp/congestion"
)

// dupThresh of RFC 5681 and RFC 8985 §5.3.
const dupThresh = 3

// reoPersist is for how many recoveries a grown reordering window lasts
// (RFC 8985 §6.2 step 4).
const reoPersist = 16

// DetectLoss marks what must be taken for lost at now, and returns how many bytes
// that were and when it has to be called again at the latest, 0 for not.
func (f *Flight) DetectLoss(now, srtt, minRTT time.Duration) (lost int, deadline time.Duration) {
	b := f.b
	if f.una == f.nxt {
		return 0, 0
	}
	if f.is(stateNoSACK) {
		return f.detectByCount(now), 0
	}
	// What was sent once is in the order of time, and what was sent again is later
	// than what has lower numbers and was not.
	if r := b.at(0); r.flags&^flagAppLimited == 0 && !sentAfter(b.xmit, b.xmitRight, r.sent, r.right) {
		return 0, 0
	}
	b.reoWnd = f.reorderingWindow(srtt, minRTT)
	patience := f.rackRTT + b.reoWnd
	before := f.lostEver
	if f.detectOriginals(now, patience) {
		// By then all that was sent before the newest delivered one is due.
		deadline = b.xmit + patience
	}
	if due := f.detectResent(now, patience); due != 0 && (deadline == 0 || due < deadline) {
		deadline = due
	}
	return int(f.lostEver - before), deadline
}

// reorderingWindow is RACK_update_reo_wnd of RFC 8985 §6.2 step 4, without the
// growth that a D-SACK causes.
func (f *Flight) reorderingWindow(srtt, minRTT time.Duration) time.Duration {
	if !f.is(stateReordered) && (f.is(stateRecovering) || f.b.sackedSegments >= dupThresh) {
		return 0
	}
	return min((1+time.Duration(f.reoExtra))*minRTT/4, srtt)
}

// detectOriginals looks at what was sent once, in its order, and reports whether
// some of it may become due.
func (f *Flight) detectOriginals(now, patience time.Duration) (wait bool) {
	b := f.b
	i := f.indexFrom(b.origHint)
	for i < b.n {
		r := b.at(i)
		if r.flags&flagSacked != 0 {
			i += int(r.span)
			continue
		}
		if r.flags&(flagLost|flagResent) == 0 {
			if !sentAfter(b.xmit, b.xmitRight, r.sent, r.right) {
				break
			}
			if r.sent+patience > now {
				wait = true
				break
			}
			f.markLost(now, r)
		}
		i++
	}
	if i < b.n {
		b.origHint = b.at(i).left
	} else {
		b.origHint = f.nxt
	}
	return wait
}

// tiePatience is the least age at which what was sent again is lost because of
// something sent at the same time. With a coarse clock, or no delay, each ACK would
// otherwise find lost at once what the one before had sent again.
const tiePatience = time.Millisecond

// detectResent does the same for what was sent again, and returns when it becomes due.
func (f *Flight) detectResent(now, patience time.Duration) (due time.Duration) {
	b := f.b
	for b.resentHead < len(b.resent) {
		e := b.resent[b.resentHead]
		for i := f.indexFrom(e.left); i < b.n && b.at(i).left.Less(e.right); i++ {
			r := b.at(i)
			if r.sent != e.sent || r.flags&(flagSacked|flagLost) != 0 {
				continue
			}
			if !sentAfter(b.xmit, b.xmitRight, r.sent, r.right) {
				return 0
			}
			due := r.sent + patience
			if b.xmit == r.sent {
				due = r.sent + max(patience, tiePatience)
			}
			if due > now {
				return due
			}
			f.markLost(now, r)
		}
		b.resentHead++
	}
	b.resent, b.resentHead = b.resent[:0], 0
	return 0
}

// detectByCount is for a peer that does not SACK: the first segment is lost at
// the third duplicate ACK (RFC 5681 §3.2), and after each partial one
// (RFC 6582 §3.2 step 3).
func (f *Flight) detectByCount(now time.Duration) int {
	r := f.b.at(0)
	if r.flags&(flagLost|flagResent) != 0 {
		return 0
	}
	switch {
	case f.is(stateRecovering):
		if f.una == f.marker {
			return 0
		}
	case f.dups < dupThresh || f.una == f.point && f.marker != f.point:
		// At the recovery point they come from what was sent again without need.
		return 0
	}
	f.markLost(now, r)
	return r.len()
}

func (f *Flight) markLost(now time.Duration, r *record) {
	if !f.is(stateRecovering) {
		f.begin()
	}
	n := uint32(r.len())
	r.flags |= flagLost
	f.lost += n
	f.lostEver += n
	if r.left.Less(f.b.lostHint) {
		f.b.lostHint = r.left
	}
	if f.Observer != nil {
		f.tell(now, r)
	}
}

// tell has the Observer know that r was found lost.
func (f *Flight) tell(now time.Duration, r *record) {
	b := f.b
	if b.told == nil {
		b.told = new(congestion.Loss)
	}
	*b.told = congestion.Loss{
		Now: now, Size: r.len(), TxInFlight: int(r.inFlight), Lost: int(f.lostEver - r.lost), Delivered: f.delivered,
		AppLimited: r.flags&flagAppLimited != 0, Adjoins: r.left == b.end, NoSACK: f.is(stateNoSACK),
	}
	b.end = r.right
	f.Observer.OnLost(b.told)
}
