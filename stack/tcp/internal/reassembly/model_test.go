package reassembly_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/stack/tcp/internal/reassembly"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// A model is a queue beside what it should hold, byte by byte.
type model struct {
	q      reassembly.Queue
	base   wire.Seq // the number of offset 0
	nxt    int
	bytes  map[int]byte
	when   map[int]int // when the byte, or one adjacent to it, was last touched
	clock  int
	dup    *wire.SACKBlock
	copies byte // makes each copy of a byte another one
}

type span struct{ left, right int }

type touched struct {
	span
	when int
}

func newModel(base wire.Seq) *model {
	return &model{base: base, bytes: map[int]byte{}, when: map[int]int{}}
}

func (m *model) block(left, right int) *wire.SACKBlock {
	return &wire.SACKBlock{Left: m.base.Add(left), Right: m.base.Add(right)}
}

// runs returns the blocks that there should be, newest first.
func (m *model) runs() []wire.SACKBlock {
	offs := make([]int, 0, len(m.bytes))
	for off := range m.bytes {
		offs = append(offs, off)
	}
	slices.Sort(offs)
	var spans []touched
	for _, off := range offs {
		if n := len(spans); n > 0 && spans[n-1].right == off {
			spans[n-1].right++
			spans[n-1].when = max(spans[n-1].when, m.when[off])
		} else {
			spans = append(spans, touched{span{off, off + 1}, m.when[off]})
		}
	}
	slices.SortFunc(spans, func(a, b touched) int { return b.when - a.when })
	var blocks []wire.SACKBlock
	for _, s := range spans {
		blocks = append(blocks, *m.block(s.left, s.right))
	}
	return blocks
}

func (m *model) add(t testing.TB, p *reassembly.Pool, off, n, limit int) {
	m.copies++
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(off+i) ^ m.copies<<4
	}
	held, dropped, free := m.q.Held(), p.Dropped, p.Blocks.Free()
	runs := len(m.runs())
	stored := m.q.Add(p, m.base.Add(off), data, m.base.Add(m.nxt), limit)

	left, novel := stored, 0
	twice := span{}
	for i, b := range data {
		m.clock++
		at := off + i
		if _, have := m.bytes[at]; have || at < m.nxt {
			if twice.left == twice.right {
				twice = span{at, at}
			}
			if twice.right == at {
				twice.right++
			}
			if have {
				m.when[at] = m.clock
			}
			continue
		}
		if novel++; left == 0 {
			break
		}
		left--
		m.bytes[at], m.when[at] = b, m.clock
	}
	if twice.left < twice.right {
		m.dup = m.block(twice.left, twice.right)
	}
	if left != 0 || m.q.Held() != held+stored || (limit < m.q.Held() && stored > 0) {
		t.Fatalf("stored %d of %d new bytes with limit %d, holding %d before and %d after", stored, novel, limit, held, m.q.Held())
	}
	if got := p.Dropped - dropped; (got > 0) != (stored < novel) {
		t.Fatalf("stored %d of %d new bytes, and dropped %d", stored, novel, got)
	}
	if reserve := (p.Blocks.Blocks() + 7) / 8; p.Blocks.Free() < min(free, reserve) {
		t.Fatalf("%d blocks are left of %d, %d before", p.Blocks.Free(), p.Blocks.Blocks(), free)
	} else if stored < novel && m.q.Held() < limit && p.Blocks.Free() > reserve &&
		runs < min(reassembly.MaxRuns, limit/p.Blocks.BlockSize()) {
		t.Fatalf("stored %d of %d with %d blocks free, holding %d of %d in %d runs",
			stored, novel, p.Blocks.Free(), held, limit, runs)
	}
}

// deliver lets n bytes come in order, of which some may be there already.
func (m *model) deliver(t testing.TB, p *reassembly.Pool, n int) {
	m.nxt += n
	lo := m.nxt
	for off := range m.bytes {
		if off < m.nxt {
			delete(m.bytes, off)
			lo = min(lo, off)
		}
	}
	if lo < m.nxt {
		end := lo + 1
		for m.when[end] > 0 && end < m.nxt {
			end++
		}
		m.dup = m.block(lo, end)
	}
	var want []byte
	for {
		b, ok := m.bytes[m.nxt]
		if !ok {
			break
		}
		delete(m.bytes, m.nxt)
		delete(m.when, m.nxt)
		want = append(want, b)
		m.nxt++
	}
	for off := range m.when {
		if off < m.nxt {
			delete(m.when, off)
		}
	}
	var into block.Queue
	got := m.q.Take(p, m.base.Add(m.nxt-len(want)), &into)
	data := make([]byte, into.Len())
	into.Read(p.Blocks, data)
	if got != len(want) || !bytes.Equal(data, want) {
		t.Fatalf("Take = %d, and %v, want %v", got, data, want)
	}
}

func (m *model) check(t testing.TB, most int) {
	want := m.runs()
	if m.dup != nil && most > 0 {
		want, m.dup = append([]wire.SACKBlock{*m.dup}, want...), nil
	}
	want = want[:min(most, len(want), wire.MaxSACKBlocks)]
	var buf [wire.MaxSACKBlocks]wire.SACKBlock
	got := buf[:m.q.Blocks(&buf, most)]
	if !slices.Equal(got, want) {
		t.Fatalf("blocks %v, want %v", got, want)
	}
	if m.q.Held() != len(m.bytes) {
		t.Fatalf("holds %d bytes, want %d", m.q.Held(), len(m.bytes))
	}
}

// play does what intn says to queues that share a pool.
func play(t testing.TB, steps int, intn func(int) int) {
	blocks := block.NewPool(block.Config{BlockSize: 1 + intn(30), Blocks: 1 + intn(60)})
	p := &reassembly.Pool{Blocks: blocks}
	ms := []*model{newModel(wire.Seq(intn(1 << 16))), newModel(wire.Seq(math.MaxUint32) - wire.Seq(intn(200)))}
	window := 20 + intn(200)
	for range steps {
		m := ms[intn(len(ms))]
		switch intn(8) {
		case 0:
			m.deliver(t, p, 1+intn(20))
		case 1:
			m.check(t, intn(6))
		case 2:
			if intn(10) == 0 {
				m.q.Free(p)
				*m = *newModel(m.base.Add(m.nxt))
			}
		default:
			off := m.nxt + intn(window) - window/8
			if off == m.nxt {
				off++
			}
			if n := intn(40); off > m.nxt || off+n <= m.nxt {
				m.add(t, p, off, n, intn(2*window))
			}
		}
		m.check(t, 0)
		if n := intn(4); n > 0 {
			m.check(t, n)
		}
	}
	for _, m := range ms {
		m.q.Free(p)
	}
	if blocks.InUse() != 0 {
		t.Fatalf("%d blocks have not come back", blocks.InUse())
	}
}

func TestQueueHoldsTheFirstCopyOfEachByte(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 1))
		play(t, 200, rng.IntN)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzQueue(f *testing.F) {
	f.Add([]byte("a queue is given segments, and asked for blocks"))
	f.Add(bytes.Repeat([]byte{5, 0, 30, 20, 255, 3}, 40))
	f.Fuzz(func(t *testing.T, b []byte) {
		play(t, min(len(b)/3, 500), func(n int) int {
			if len(b) == 0 {
				return 0
			}
			v := int(b[0])
			b = b[1:]
			if n > 256 && len(b) > 0 {
				v = v<<8 | int(b[0])
				b = b[1:]
			}
			return v % n
		})
	})
}
