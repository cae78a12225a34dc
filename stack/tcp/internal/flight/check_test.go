package flight

import (
	"testing"
	"time"

	wire "github.com/netdev-go/netdev/wire/tcp"
)

const ms = time.Millisecond

// check looks at all that must hold of a Flight at any time.
func check(t testing.TB, f *Flight) {
	t.Helper()
	if f.Pipe() < 0 || f.Pipe()+f.Sacked()+f.LostBytes() != f.Outstanding() {
		t.Fatalf("pipe %d, sacked %d, lost %d of %d", f.Pipe(), f.Sacked(), f.LostBytes(), f.Outstanding())
	}
	if f.Empty() {
		if f.Pipe() != 0 || f.Sacked() != 0 || f.LostBytes() != 0 {
			t.Fatalf("empty, but pipe %d, sacked %d, lost %d", f.Pipe(), f.Sacked(), f.LostBytes())
		}
		return
	}
	b := f.b
	if limit := f.limit(); b.n > limit+spare(limit) || len(b.buf) > max(firstRing, limit+spare(limit)) {
		t.Fatalf("%d records of %d, limit %d", b.n, len(b.buf), limit)
	}
	var sacked, lost int
	var sent time.Duration
	next := f.una
	for i := range b.n {
		r := b.at(i)
		if r.left != next || !r.left.Less(r.right) {
			t.Fatalf("record %d is %d to %d, after %d", i, r.left, r.right, next)
		}
		next = r.right
		switch {
		case r.flags&flagSacked != 0:
			if sacked += r.len(); r.flags&flagLost != 0 {
				t.Fatalf("record %d is SACKed and lost", i)
			}
			if r.span == 0 || i+int(r.span) > b.n {
				t.Fatalf("record %d spans %d of %d", i, r.span, b.n)
			}
			for j := range int(r.span) {
				if b.at(i+j).flags&flagSacked == 0 {
					t.Fatalf("record %d spans %d, which is not SACKed", i, i+j)
				}
			}
		case r.flags&flagLost != 0:
			if lost += r.len(); r.left.Less(b.lostHint) {
				t.Fatalf("record %d is lost, before the hint", i)
			}
		case r.flags&flagResent == 0:
			if r.left.Less(b.origHint) && f.una.Less(b.origHint) {
				t.Fatalf("record %d is under way, before the hint", i)
			}
			if r.sent < sent {
				t.Fatalf("record %d was sent before the one before it", i)
			}
			sent = r.sent
		default:
			found := false
			for _, e := range b.resent[b.resentHead:] {
				found = found || e.sent == r.sent && e.left.LessEq(r.left) && r.right.LessEq(e.right)
			}
			if !found {
				t.Fatalf("record %d was sent again, and is not in the queue", i)
			}
		}
	}
	if f.is(stateNoSACK) {
		sacked = f.Sacked()
	}
	if next != f.nxt || sacked != f.Sacked() || lost != f.LostBytes() {
		t.Fatalf("records end at %d, not %d; %d SACKed, not %d; %d lost, not %d", next, f.nxt, sacked, f.Sacked(), lost, f.LostBytes())
	}
}

// blocks makes SACK blocks of pairs.
func blocks(edges ...wire.Seq) []wire.SACKBlock {
	var b []wire.SACKBlock
	for i := 0; i+1 < len(edges); i += 2 {
		b = append(b, wire.SACKBlock{Left: edges[i], Right: edges[i+1]})
	}
	return b
}
