package reassembly

import (
	"github.com/netdev-go/netdev/internal/block"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

type seq = wire.Seq

// A Queue is the data of one connection that lies beyond a gap. The zero value is an
// empty one. It is not safe for concurrent use.
type Queue struct {
	first  *run // in sequence order; no two are adjacent
	newest *run // in order of their last addition
	held   int32
	runs   int16
	dup    bool
	dsack  wire.SACKBlock
}

// Held returns how many bytes the queue holds.
func (q *Queue) Held() int { return int(q.held) }

// Add stores those bytes of data, which begins at s, that the queue has not, and
// returns how many. What lies before nxt (RCV.NXT), or is there already, is a
// duplicate for [Queue.Blocks] to report. With limit bytes held it stores no more;
// what there is no memory for is left out, from the front of data on, and counted.
//
// Data must lie within the receive window, apart from what was received before.
func (q *Queue) Add(p *Pool, s wire.Seq, data []byte, nxt wire.Seq, limit int) (stored int) {
	reported := false
	if s.Less(nxt) {
		n := min(nxt.Diff(s), len(data))
		q.duplicate(s, n, &reported)
		s, data = s.Add(n), data[n:]
	}
	r := q.before(s)
	for len(data) > 0 {
		if r != nil && s.Less(r.right()) {
			n := min(r.right().Diff(s), len(data))
			q.duplicate(s, n, &reported)
			q.touch(r)
			s, data = s.Add(n), data[n:]
			continue
		}
		next := q.after(r)
		gap := len(data)
		if next != nil {
			gap = min(gap, next.left.Diff(s))
		}
		var n int
		r, n = q.fill(p, r, s, data[:gap], limit)
		stored += n
		if n < gap {
			p.Dropped += uint64(len(data) - n)
			break
		}
		s, data = s.Add(n), data[n:]
	}
	return stored
}

// fill stores data, which begins at s and fits between r and the run behind it. It
// returns the run that the data is in then, and how much of it.
func (q *Queue) fill(p *Pool, r *run, s seq, data []byte, limit int) (*run, int) {
	next := q.after(r)
	fit := data[:max(0, min(len(data), limit-int(q.held)))]
	if r == nil || r.right() != s {
		joins := next != nil && next.left == s.Add(len(fit))
		if !joins && q.full(p, limit) {
			return r, 0
		}
		made := p.get(s)
		n := p.append(&made.data, fit)
		if n == 0 || n < len(fit) && q.full(p, limit) {
			p.put(made) // it does not reach the next run after all
			return r, 0
		}
		q.insert(r, made)
		r, fit = made, fit[:n]
	} else {
		fit = fit[:p.append(&r.data, fit)]
	}
	q.held += int32(len(fit))
	if len(fit) > 0 {
		q.touch(r)
	}
	if next != nil && r.right() == next.left {
		r.data.Splice(p.Blocks, &next.data)
		q.remove(p, r, next)
	}
	return r, len(fit)
}

// full reports whether there may be no more runs: each one costs a block, however
// little is in it, and that too has to stay within the limit.
func (q *Queue) full(p *Pool, limit int) bool {
	return int(q.runs) >= min(MaxRuns, max(1, limit/p.Blocks.BlockSize()))
}

// Take moves what follows on nxt without a gap to the end of into, and returns how
// many bytes that is. Data before nxt, which by then has come in order too, is
// dropped, and reported as a duplicate.
func (q *Queue) Take(p *Pool, nxt wire.Seq, into *block.Queue) (n int) {
	reported := false
	for r := q.first; r != nil && r.left.LessEq(nxt); r = q.first {
		if twice := min(nxt.Diff(r.left), r.data.Len()); twice > 0 {
			q.duplicate(r.left, twice, &reported)
			r.data.Drop(p.Blocks, twice)
			q.held -= int32(twice)
		}
		moved := r.data.Len()
		into.Splice(p.Blocks, &r.data)
		q.held -= int32(moved)
		n += moved
		nxt = nxt.Add(moved)
		q.remove(p, nil, r)
	}
	return n
}

// Free drops everything.
func (q *Queue) Free(p *Pool) {
	for r := q.first; r != nil; {
		next := r.next
		p.put(r)
		r = next
	}
	*q = Queue{}
}
