package flight

import (
	"time"

	wire "github.com/netdev-go/netdev/wire/tcp"
)

// Sent notes n bytes of new data from left on. It panics if left is not what
// follows the data sent before, unless nothing is outstanding.
func (f *Flight) Sent(now time.Duration, left wire.Seq, n int) {
	if n <= 0 {
		return
	}
	b := f.b
	if f.una == f.nxt {
		if b == nil {
			b = new(board)
			f.b = b
		}
		f.una, f.nxt = left, left
		b.start(left)
	} else if left != f.nxt {
		panic("flight: data sent leaves a gap")
	}
	f.restartRate(now)
	f.nxt = left + wire.Seq(n)
	r := b.push(f.limit())
	if r == nil {
		r = f.overflow()
	}
	if r == nil {
		r = f.join(now, uint32(n))
	} else {
		r.left, r.span, r.flags = left, 1, 0
	}
	r.right = f.nxt
	f.stamp(now, r)
}

// spare is how many records there may be above the limit, for what cannot join
// another one.
func spare(limit int) int { return limit/8 + 1 + min(1, limit/4) }

// overflow returns a new record for new data though the limit is reached, where
// records can be made one or where the last one cannot be joined.
func (f *Flight) overflow() *record {
	b, limit := f.b, f.limit()
	if b.unmerged > limit/8 || b.unmerged > 0 && b.n >= limit+spare(limit) {
		b.squeeze()
		b.unmerged = 0
	}
	if b.n >= limit && b.at(b.n-1).flags&(flagSacked|flagLost) != 0 {
		limit += spare(limit)
	}
	return b.push(limit)
}

// join returns the last record, for n bytes more.
func (f *Flight) join(now time.Duration, n uint32) *record {
	r := f.b.at(f.b.n - 1)
	if r.flags&flagSacked != 0 {
		// There is no other place: as if the peer had not told of it.
		r.flags &^= flagSacked
		f.sacked -= uint32(r.len())
		f.b.known = [4]wire.SACKBlock{}
		if r.left.Less(f.b.origHint) {
			f.b.origHint = r.left
		}
	}
	if r.flags&flagLost != 0 {
		f.lost += n
	}
	if r.flags&flagResent != 0 {
		f.b.noteResent(resending{r.left, f.nxt, now}, f.una)
	}
	return r
}

// Resent notes that the bytes from left to right were sent again.
func (f *Flight) Resent(now time.Duration, left, right wire.Seq) {
	from, to := max(0, left.Diff(f.una)), min(right.Diff(f.una), f.Outstanding())
	if from >= to {
		return
	}
	left, right = f.una.Add(from), f.una.Add(to)
	f.restartRate(now)
	b := f.b
	limit := f.limit()
	limit += spare(limit)
	i := b.find(left)
	if r := b.at(i); r.left != left && r.flags&flagSacked == 0 {
		if b.split(i, left, limit) {
			i++
		} else {
			left = r.left
		}
	}
	for i < b.n && b.at(i).left.Less(right) {
		r := b.at(i)
		if r.flags&flagSacked != 0 {
			i += int(r.span)
			continue
		}
		if right.Less(r.right) && !b.split(i, right, limit) {
			if i > 0 && f.lend(now, i, right) {
				if before := b.at(i - 1).left; before.Less(left) {
					left = before
				}
				break
			}
			right = r.right
		}
		f.again(now, b.at(i))
		i++
	}
	b.noteResent(resending{left, right, now}, f.una)
	if f.is(stateUndo) {
		f.resent += uint32(to - from)
		if f.firstResent == 0 {
			f.firstResent = now
		}
	}
}

// again notes that r was sent again.
func (f *Flight) again(now time.Duration, r *record) {
	if r.flags&flagLost != 0 {
		r.flags &^= flagLost
		f.lost -= uint32(r.len())
	}
	r.flags = r.flags&^flagAppLimited | flagResent
	f.stamp(now, r)
}

// lend gives the part of record i before right, which was sent again, to the one
// before it, and reports whether that could take it.
func (f *Flight) lend(now time.Duration, i int, right wire.Seq) bool {
	r, before := f.b.at(i), f.b.at(i-1)
	if before.flags&(flagSacked|flagLost) != 0 {
		return false
	}
	if r.flags&flagLost != 0 {
		f.lost -= uint32(right.Diff(r.left))
	}
	before.right, r.left = right, right
	f.again(now, before)
	return true
}
