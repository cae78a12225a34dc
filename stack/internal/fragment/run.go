package fragment

import (
	"bytes"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// A run is a part of a packet's payload without a gap. The bytes of the one that
// begins at 0 have the header before them.
type run struct {
	bytes   block.Queue
	at, end int
	next    int16 // the run behind it in its packet
}

// A part is what a fragment brings.
type part struct {
	header  []byte // of the first fragment only
	payload []byte
	at      int
	more    bool
}

func (f *part) end() int { return f.at + len(f.payload) }

// malformed tells whether no link makes such a fragment: an empty one, one that is
// not the last and does not end where another can begin, or is not the last and
// so small that there is room for 8 bytes more on any link.
func (f *part) malformed(headerLen int) bool {
	if len(f.payload) == 0 {
		return true
	}
	return f.more && (len(f.payload)%8 != 0 || headerLen+len(f.payload)+8 <= ipv4.MinMTU)
}

// insert puts f into packet i, and tells whether there is anything new in it. The
// packet may have been refused else.
func (r *Reassembler) insert(i int16, f *part) bool {
	q := &r.packets[i]
	if f.end() > ipv4.MaxLen-ipv4.HeaderLen {
		r.refuse(i, &r.Counters.TooLong)
		return false
	}
	before, after, last := int16(none), q.first, int16(none)
	for j := q.first; j != none; j = r.runs[j].next {
		if r.runs[j].at <= f.at {
			before, after = j, r.runs[j].next
		}
		last = j
	}
	overlaps := before != none && f.at < r.runs[before].end
	if overlaps && r.holds(q, before, f) {
		r.Counters.Duplicates++
		return false
	}
	if overlaps || after != none && f.end() > r.runs[after].at || q.total != none && f.end() > q.total ||
		!f.more && last != none && f.end() < r.runs[last].end {
		r.refuse(i, &r.Counters.Overlaps)
		return false
	}
	if !r.room(i, len(f.header)+len(f.payload)) {
		return false
	}
	used := r.pool.InUse()
	if before == none || r.runs[before].end != f.at {
		if before = r.newRun(q, before, f.at); before == none {
			r.evict(i)
			return false
		}
		r.runs[before].bytes.Append(r.pool, f.header)
	}
	d := &r.runs[before]
	d.bytes.Append(r.pool, f.payload)
	d.end = f.end()
	if after != none && r.runs[after].at == d.end {
		d.end = r.runs[after].end
		d.bytes.Splice(r.pool, &r.runs[after].bytes)
		d.next = r.runs[after].next
		r.freeRun(after)
		q.runs--
	}
	r.charge(i, r.pool.InUse()-used)
	if f.at == 0 {
		q.headerLen, q.firstLen = len(f.header), len(f.header)+len(f.payload)
	}
	if !f.more {
		q.total = f.end()
	}
	return true
}

// holds tells whether run j of q has the very bytes of f in it.
func (r *Reassembler) holds(q *packet, j int16, f *part) bool {
	d := &r.runs[j]
	off := f.at - d.at
	if d.at == 0 {
		off += q.headerLen
	}
	var b [128]byte
	for p := f.payload; len(p) > 0; {
		n := d.bytes.PeekAt(off, b[:min(len(p), len(b))])
		if n == 0 || !bytes.Equal(b[:n], p[:n]) {
			return false
		}
		p, off = p[n:], off+n
	}
	return true
}

// complete tells whether nothing of packet i is missing.
func (r *Reassembler) complete(i int16) bool {
	q := &r.packets[i]
	return r.runs[q.first].at == 0 && r.runs[q.first].end == q.total
}

// newRun returns a run of q that begins at at, behind the run before, and none if
// there are too many.
func (r *Reassembler) newRun(q *packet, before int16, at int) int16 {
	if q.runs >= r.maxRuns || r.spareR == none {
		return none
	}
	j := r.spareR
	link := &q.first
	if before != none {
		link = &r.runs[before].next
	}
	r.spareR = r.runs[j].next
	r.runs[j] = run{at: at, end: at, next: *link}
	*link = j
	q.runs++
	return j
}

func (r *Reassembler) freeRun(j int16) {
	r.runs[j].bytes.Free(r.pool)
	r.runs[j].next = r.spareR
	r.spareR = j
}
