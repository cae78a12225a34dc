package flight

import wire "github.com/netdev-go/netdev/wire/tcp"

// firstRing is how many records there is room for at first, if that many may be.
const firstRing = 8

// A ring holds the records of what is outstanding, in the order of their numbers
// and without a gap.
type ring struct {
	buf     []record
	head, n int
}

func (q *ring) at(i int) *record {
	if i += q.head; i >= len(q.buf) {
		i -= len(q.buf)
	}
	return &q.buf[i]
}

// push makes room for one record at the end, or returns nil where the ring
// would have more than limit.
func (q *ring) push(limit int) *record {
	if q.n >= limit || q.n == len(q.buf) && !q.grow(limit) {
		return nil
	}
	q.n++
	return q.at(q.n - 1)
}

func (q *ring) pop() {
	if q.head++; q.head == len(q.buf) {
		q.head = 0
	}
	q.n--
}

func (q *ring) grow(limit int) bool {
	size := min(max(2*len(q.buf), firstRing), limit)
	if size <= len(q.buf) {
		return false
	}
	buf := make([]record, size)
	k := copy(buf, q.buf[q.head:min(q.head+q.n, len(q.buf))])
	copy(buf[k:q.n], q.buf)
	q.buf, q.head = buf, 0
	return true
}

// find returns the index of the record that has seq, which must be outstanding.
func (q *ring) find(seq wire.Seq) int {
	lo, hi := 0, q.n-1
	for lo < hi {
		mid := int(uint(lo+hi+1) / 2)
		if seq.Less(q.at(mid).left) {
			hi = mid - 1
		} else {
			lo = mid
		}
	}
	return lo
}

// split cuts record i, which must not be SACKed, in two at seq, which must lie
// inside it. It reports whether there was room.
func (q *ring) split(i int, seq wire.Seq, limit int) bool {
	if q.push(limit) == nil {
		return false
	}
	if i < q.n/2 {
		// The front is shorter: it moves one back, and the end is where it was.
		if q.head--; q.head < 0 {
			q.head += len(q.buf)
		}
		for j := 0; j <= i; j++ {
			*q.at(j) = *q.at(j + 1)
		}
	} else {
		for j := q.n - 1; j > i; j-- {
			*q.at(j) = *q.at(j - 1)
		}
	}
	q.at(i).right, q.at(i+1).left = seq, seq
	return true
}

// squeeze makes one record of each run of SACKed ones.
func (q *ring) squeeze() {
	k := 0
	for i := 0; i < q.n; i++ {
		r := q.at(i)
		if last := k - 1; last >= 0 && r.flags&flagSacked != 0 && q.at(last).flags&flagSacked != 0 {
			q.at(last).right = r.right
			continue
		}
		if k != i {
			*q.at(k) = *r
		}
		q.at(k).span = 1
		k++
	}
	q.n = k
}
