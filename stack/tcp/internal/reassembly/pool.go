package reassembly

import "github.com/netdev-go/netdev/internal/block"

// MaxRuns is how many runs a [Queue] has at most.
const MaxRuns = 128

// A Pool is what the queues of a stack share. Only Blocks has to be set.
type Pool struct {
	// Blocks is where the data goes.
	Blocks *block.Pool
	// Reserve is how many blocks stay free for data in order, without which
	// nothing of what is held here could ever be delivered: 0 is an eighth of all.
	Reserve int
	// Dropped counts the bytes for which there was no memory.
	Dropped uint64

	free *run
}

// A run is data without a gap. No run is empty.
type run struct {
	data  block.Queue
	next  *run // the one behind it, in sequence order
	older *run // the one that was added to last before it was
	left  seq
}

func (r *run) right() seq { return r.left.Add(r.data.Len()) }

// append stores of b what leaves the reserve alone.
func (p *Pool) append(q *block.Queue, b []byte) int {
	reserve := p.Reserve
	if reserve == 0 {
		reserve = (p.Blocks.Blocks() + 7) / 8
	}
	room := (p.Blocks.Free() - reserve) * p.Blocks.BlockSize()
	if room < len(b) {
		b = b[:max(room, 0)]
	}
	return q.Append(p.Blocks, b)
}

// get returns a run without data. There are never more of them than blocks.
func (p *Pool) get(left seq) *run {
	r := p.free
	if r == nil {
		return &run{left: left}
	}
	p.free = r.next
	r.next, r.left = nil, left
	return r
}

// put takes r back and frees its data.
func (p *Pool) put(r *run) {
	r.data.Free(p.Blocks)
	r.older, r.next, p.free = nil, p.free, r
}
