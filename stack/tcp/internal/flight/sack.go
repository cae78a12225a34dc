package flight

import (
	"time"

	wire "github.com/netdev-go/netdev/wire/tcp"
)

// sack marks what the blocks tell of.
func (f *Flight) sack(now time.Duration, blocks []wire.SACKBlock, a *arrival, res *Result) {
	b := f.b
	for i, bl := range blocks {
		if bl == b.known[0] || bl == b.known[1] || bl == b.known[2] || bl == b.known[3] {
			continue
		}
		if left, right := max(0, bl.Left.Diff(f.una)), bl.Right.Diff(f.una); left < right && right <= f.Outstanding() {
			bl.Left = f.una.Add(left)
			f.sackBlock(now, bl, i == 0, a, res)
		}
	}
	b.known = [4]wire.SACKBlock{}
	copy(b.known[:], blocks)
}

// sackBlock marks what lies in bl, which is outstanding. The newest block mostly
// is the same one as before, grown.
func (f *Flight) sackBlock(now time.Duration, bl wire.SACKBlock, newest bool, a *arrival, res *Result) {
	b := f.b
	i := b.hint
	if i < 0 || i >= b.n || bl.Left.Less(b.at(i).left) || !bl.Left.Less(b.at(i).right) {
		i = b.find(bl.Left)
	}
	if r := b.at(i); r.left != bl.Left && r.flags&flagSacked == 0 {
		if !b.split(i, bl.Left, f.limit()) {
			// Half a record cannot be marked.
			if i++; i == b.n {
				return
			}
		} else {
			i++
		}
	}
	if newest {
		b.hint = i
	}
	run := -1 // where the SACKed records that end before i begin
	for i < b.n && b.at(i).left.Less(bl.Right) {
		r := b.at(i)
		if r.flags&flagSacked != 0 {
			if run < 0 {
				run = i
			} else {
				b.extend(run, i+int(r.span))
			}
			i += int(r.span)
			continue
		}
		if bl.Right.Less(r.right) {
			if !b.split(i, bl.Right, f.limit()) {
				break
			}
			r = b.at(i)
		}
		f.arrived(now, r, r.right, false, a, res)
		r.flags = r.flags&^flagLost | flagSacked
		r.span = 1
		n := r.len()
		f.sacked += uint32(n)
		res.Sacked += n
		b.sackedSegments++
		b.unmerged++
		i++
		if run < 0 {
			run = i - 1
		} else {
			b.extend(run, i)
		}
	}
	if run >= 0 && i < b.n && b.at(i).flags&flagSacked != 0 && b.at(i-1).flags&flagSacked != 0 {
		b.extend(run, i+int(b.at(i).span))
	}
}

// dsack looks for a D-SACK (RFC 2883 §4): a first block below the
// acknowledgement or inside the second block.
func (f *Flight) dsack(ack wire.Seq, blocks []wire.SACKBlock, res *Result) {
	d := blocks[0]
	if !d.Left.Less(d.Right) || f.nxt.Less(d.Right) {
		return
	}
	if !d.Right.LessEq(ack) {
		if len(blocks) < 2 || d.Left.Less(blocks[1].Left) || blocks[1].Right.Less(d.Right) {
			return
		}
	}
	res.DSACK = true
	if f.is(stateTLPResent) && d.Right == f.tlpEnd && d.Right.LessEq(ack) {
		f.probeAnswered()
		return
	}
	if left, right := d.Left.Diff(f.marker), d.Right.Diff(f.marker); f.is(stateUndo) && 0 <= left && left < right && right <= f.point.Diff(f.marker) {
		f.dsacked += uint32(right - left)
	}
}
