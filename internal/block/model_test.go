package block_test

import (
	"math/rand/v2"
	"testing"

	"github.com/netdev-go/netdev/internal/block"
)

// A model is a queue beside the plain slice that it should be equal to.
type model struct {
	q    block.Queue
	want []byte
	next int
	c    block.Cursor
	at   int // where c is in want
	lent [][]byte
}

// sync puts the cursor back into the queue where what it stood on is gone.
func (m *model) sync(dropped int) {
	m.want = m.want[dropped:]
	if m.at -= dropped; m.at < 0 {
		m.at = 0
		m.c = m.q.Seek(0)
	}
}

// step does something, at random, to m, or to m and o.
func (m *model) step(t *testing.T, rng *rand.Rand, p *block.Pool, o *model) {
	n := rng.IntN(3 * p.BlockSize())
	switch rng.IntN(9) {
	case 0:
		b := count(m.next, n)
		if !m.q.Fits(p, n) {
			return
		}
		mark, inUse := m.q.Mark(), p.InUse()
		for range rng.IntN(3) {
			wantSum(t, m.q.AppendSum(p, b), b)
			if m.q.CutBack(p, mark); p.InUse() != inUse {
				t.Fatalf("%d blocks in use after %d", p.InUse(), inUse)
			}
			wantContent(t, &m.q, m.want)
		}
		wantSum(t, m.q.AppendSum(p, b), b)
		m.want = append(m.want, b...)
		m.next += n
	case 1:
		b := count(m.next, n)
		fits := m.q.Fits(p, n)
		got := m.q.Append(p, b)
		if got < n && p.Free() != 0 || fits != (got == n) {
			t.Fatalf("Append took %d of %d with %d blocks free, Fits said %v", got, n, p.Free(), fits)
		}
		m.want = append(m.want, b[:got]...)
		m.next += got
	case 2:
		dst := make([]byte, n)
		got := m.q.Read(p, dst)
		if want := min(n, len(m.want)); got != want || string(dst[:got]) != string(m.want[:want]) {
			t.Fatalf("Read(%d) = %d %v, want %v", n, got, dst[:got], m.want[:want])
		}
		m.sync(got)
	case 3:
		got := m.q.Drop(p, n)
		if want := min(n, len(m.want)); got != want {
			t.Fatalf("Drop(%d) = %d, want %d", n, got, want)
		}
		m.sync(got)
	case 4:
		n = min(n, len(m.want)-m.at)
		wantCopy(t, &m.c, m.want[m.at:m.at+n])
		m.at += n
	case 5:
		m.at = rng.IntN(len(m.want) + 1)
		m.c = m.q.Seek(m.at)
	case 7:
		b := append(make([]byte, 0, n+rng.IntN(2)), count(m.next, n)...)
		got := m.q.Lend(p, b)
		if got < n && p.Free() > 0 {
			t.Fatalf("Lend took %d of %d with %d blocks free", got, n, p.Free())
		}
		m.want = append(m.want, b[:got]...)
		m.next += got
		m.lent = append(m.lent, b)
	case 8:
		inUse := p.InUse()
		if m.q.Recall(p) {
			m.c = m.q.Seek(m.at)
		}
		if p.InUse() > inUse {
			t.Fatalf("Recall took %d blocks", p.InUse()-inUse)
		}
		for _, b := range m.lent {
			clear(b) // by its owner
		}
		m.lent = nil
	case 6:
		if m == o {
			return
		}
		inUse := p.InUse()
		m.q.Splice(p, &o.q)
		if p.InUse() > inUse {
			t.Fatalf("Splice took %d blocks", p.InUse()-inUse)
		}
		m.want = append(m.want, o.want...)
		m.lent, o.lent = append(m.lent, o.lent...), nil
		o.sync(len(o.want))
		o.at, o.c = 0, o.q.Seek(0)
	}
}

func TestQueuesAreSlices(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 0))
		p := block.NewPool(block.Config{
			BlockSize:   1 + rng.IntN(40),
			Blocks:      1 + rng.IntN(30),
			Preallocate: rng.IntN(2) == 0,
		})
		var ms [3]model
		for i := range ms {
			ms[i].c = ms[i].q.Seek(0)
		}
		for range 400 {
			m := &ms[rng.IntN(len(ms))]
			m.step(t, rng, p, &ms[rng.IntN(len(ms))])
			held := 0
			for i := range ms {
				wantContent(t, &ms[i].q, ms[i].want)
				held += ms[i].q.Len()
			}
			if p.InUse() > p.Blocks() || p.InUse()*p.BlockSize() < held || p.Peak() < p.InUse() {
				t.Fatalf("seed %d: %d bytes in %d blocks of %d, peak %d", seed, held, p.InUse(), p.Blocks(), p.Peak())
			}
		}
		for i := range ms {
			ms[i].q.Free(p)
		}
		wantInUse(t, p, 0)
		// All of them are there again, each once.
		if n := ms[0].q.Append(p, make([]byte, p.Blocks()*p.BlockSize()+1)); n != p.Blocks()*p.BlockSize() {
			t.Fatalf("seed %d: %d bytes of memory are left of %d blocks of %d", seed, n, p.Blocks(), p.BlockSize())
		}
	}
}

// Who lends gets by with the memory that copies would take: what is beyond it is others'.
func TestLentBytesCostWhatCopiesWould(t *testing.T) {
	for _, size := range []int{1, 16, 256, 1500, 40000} {
		for _, n := range []int{1, size - 1, size, size + 1, 2 * size, 5*size + 1, 70000, 131072} {
			if n > 200*size {
				continue
			}
			p := block.NewPool(block.Config{BlockSize: size, Blocks: 1000})
			var lent block.Queue
			want := (n + size - 1) / size
			if got := lent.Lend(p, make([]byte, n)); got != n || p.InUse() != want {
				t.Errorf("blocks of %d: %d of %d bytes are lent, and cost %d blocks, want %d", size, got, n, p.InUse(), want)
			}
			if lent.Recall(p); p.InUse() != want {
				t.Errorf("blocks of %d: %d bytes cost %d blocks, want %d", size, n, p.InUse(), want)
			}
		}
	}
}
