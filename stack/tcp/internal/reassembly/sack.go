package reassembly

import wire "github.com/netdev-go/netdev/wire/tcp"

// Duplicate notes that the bytes from left up to right came again, all of them below
// RCV.NXT, for a segment that has nothing to add.
func (q *Queue) Duplicate(left, right wire.Seq) {
	if left.Less(right) {
		q.dup, q.dsack = true, wire.SACKBlock{Left: left, Right: right}
	}
}

// duplicate notes the first duplicate bytes of a segment (RFC 2883 §4: one block
// reports one contiguous sequence).
func (q *Queue) duplicate(left seq, n int, reported *bool) {
	if !*reported {
		q.Duplicate(left, left.Add(n))
		*reported = true
	}
}

// Blocks puts up to most SACK blocks into buf, as they belong into the next
// acknowledgement, and returns how many there are. The latest duplicate comes first,
// once (RFC 2883 §4); then the runs, from the one that was added to last
// (RFC 2018 §4) to the one that was added to longest ago.
func (q *Queue) Blocks(buf *[wire.MaxSACKBlocks]wire.SACKBlock, most int) int {
	most = min(most, len(buf))
	n := 0
	if q.dup && n < most {
		buf[n], q.dup = q.dsack, false
		n++
	}
	for r := q.newest; r != nil && n < most; r = r.older {
		buf[n] = wire.SACKBlock{Left: r.left, Right: r.right()}
		n++
	}
	return n
}
