package flight

import (
	"time"

	wire "github.com/netdev-go/netdev/wire/tcp"
)

// An episode of recovery, and what it takes to see that it was for nothing.
type episode struct {
	firstResent time.Duration // when something was sent again for the first time
	point       wire.Seq      // the episode ends when this is acknowledged
	marker      wire.Seq      // what was the oldest at its beginning
	undoEnd     wire.Seq      // after this there is no word of it any more
	resent      uint32        // bytes sent again
	dsacked     uint32        // bytes of these that the peer had twice
	timeoutAt   uint32        // delivered at its timeout plus one, 0 without one
}

// Recovering reports whether an episode of loss recovery is under way.
func (f *Flight) Recovering() bool { return f.is(stateRecovering) }

// RecoveryPoint returns the number whose acknowledgement ends the episode.
func (f *Flight) RecoveryPoint() wire.Seq { return f.point }

func (f *Flight) begin() {
	// D-SACKs of the episode before may be on their way.
	var late uint32
	if f.is(stateUndo) && f.dsacked < f.resent {
		late = f.resent - f.dsacked
	}
	f.episode = episode{point: f.nxt, marker: f.una, resent: late}
	f.state = f.state&^(stateTLP|stateTLPResent) | stateRecovering | stateUndo
}

// Timeout marks as lost what the retransmission timeout at now leaves no hope for
// (RFC 8985 §6.3): the first segment, and those that RACK would find lost;
// without SACK all. If the first is SACKed the peer has dropped what it had
// SACKed (RFC 2018 §8), which is lost then. It returns how many bytes became lost.
func (f *Flight) Timeout(now time.Duration) (lost int) {
	if f.una == f.nxt {
		return 0
	}
	b := f.b
	reneged := b.at(0).flags&flagSacked != 0
	if reneged {
		b.sackedSegments = 0
		b.known = [4]wire.SACKBlock{}
	}
	if reneged || f.is(stateNoSACK) {
		f.sacked = 0
	}
	// Timeouts in a row are one, to be undone at once.
	if f.timeoutAt != f.delivered+1 || !f.is(stateUndo) {
		f.begin()
		f.timeoutAt = f.delivered + 1
	}
	f.point = f.nxt
	f.state = f.state&^(stateTLP|stateTLPResent) | stateRecovering
	f.dups = 0
	before := f.lostEver
	for i := 0; i < b.n; i++ {
		r := b.at(i)
		switch {
		case r.flags&flagLost != 0:
		case r.flags&flagSacked != 0:
			if reneged {
				r.flags &^= flagSacked
				f.markLost(now, r)
			}
		case i == 0 || f.is(stateNoSACK) || r.sent+f.rackRTT+b.reoWnd <= now:
			f.markLost(now, r)
		}
	}
	return int(f.lostEver - before)
}

// settle looks at what an acknowledgement means for the tail loss probe, the
// episode and the reordering window. before is what was the oldest number.
func (f *Flight) settle(ack, before wire.Seq, sacks bool, a *arrival, res *Result) {
	if f.is(stateTLP | stateProbed) {
		f.probeAck(ack, before, sacks, res)
	}
	if f.is(stateUndo) && f.spurious(a) {
		res.Spurious = true
		f.state &^= stateUndo
		if f.timeoutAt == 0 {
			f.state |= stateReordered
		}
		f.revive()
	}
	switch {
	case !f.is(stateRecovering):
		if f.undoEnd.Less(f.una) {
			f.state &^= stateUndo
		}
	case res.Spurious || f.point.LessEq(f.una):
		res.Recovered = true
		f.state &^= stateRecovering
		f.timeoutAt = 0
		f.undoEnd = f.nxt
		if f.is(stateNoSACK) {
			f.sacked = 0
		}
	}
	f.adaptWindow(res)
}

// spurious reports whether the episode was for nothing: because what arrived in
// the place of what was sent again had been sent before (Eifel, RFC 3522), or
// because in the end all that was sent again came twice (RFC 3708). What the episode
// before has sent again, beyond its recovery point, says nothing of this one.
func (f *Flight) spurious(a *arrival) bool {
	if echo := a.options.Echo; a.resent && echo > 0 && f.firstResent > 0 && echo <= f.firstResent && f.firstResent <= a.resentAt {
		return true
	}
	return f.point.LessEq(f.una) && f.dsacked >= f.resent
}

// revive takes for under way what was taken for lost and not sent again.
func (f *Flight) revive() {
	b := f.b
	if f.una == f.nxt {
		return
	}
	for i := 0; i < b.n; i++ {
		if r := b.at(i); r.flags&(flagLost|flagResent) == flagLost {
			r.flags &^= flagLost
			f.lost -= uint32(r.len())
			f.lostEver -= uint32(r.len())
		}
	}
	b.origHint = f.una
}

// adaptWindow is what RFC 8985 §6.2 step 4 does with a D-SACK, and without one.
func (f *Flight) adaptWindow(res *Result) {
	if f.is(stateDSACKRound) && f.dsackRound.LessEq(f.una) {
		f.state &^= stateDSACKRound
	}
	switch {
	case res.DSACK && !f.is(stateDSACKRound):
		f.state |= stateDSACKRound
		f.dsackRound = f.nxt
		f.reoPersist = reoPersist
		if f.reoExtra < 255 {
			f.reoExtra++
		}
	case res.Recovered && f.reoExtra > 0:
		if f.reoPersist--; f.reoPersist == 0 {
			f.reoExtra = 0
		}
	}
}
