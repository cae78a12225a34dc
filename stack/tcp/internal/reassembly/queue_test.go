package reassembly_test

import (
	"slices"
	"testing"
	"unsafe"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/stack/tcp/internal/reassembly"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

func newPool(size, blocks int) *reassembly.Pool {
	return &reassembly.Pool{Blocks: block.NewPool(block.Config{BlockSize: size, Blocks: blocks})}
}

const noLimit = 1 << 30

// add adds the bytes from left up to right, each of which is its own number.
func add(q *reassembly.Queue, p *reassembly.Pool, left, right, nxt wire.Seq) int {
	data := make([]byte, right.Diff(left))
	for i := range data {
		data[i] = byte(left.Add(i))
	}
	return q.Add(p, left, data, nxt, noLimit)
}

func wantBlocks(t *testing.T, q *reassembly.Queue, want ...wire.Seq) {
	t.Helper()
	var buf [wire.MaxSACKBlocks]wire.SACKBlock
	var got []wire.Seq
	for _, b := range buf[:q.Blocks(&buf, len(buf))] {
		got = append(got, b.Left, b.Right)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("blocks %v, want %v", got, want)
	}
}

// RFC 2018 §5, second and third case.
func TestBlocksAreNewestFirst(t *testing.T) {
	p := newPool(2048, 100)
	var q reassembly.Queue
	for s := wire.Seq(5500); s <= 8500; s += 500 {
		add(&q, p, s, s+500, 5000)
		wantBlocks(t, &q, 5500, s+500)
	}
	q.Free(p)

	add(&q, p, 5500, 6000, 5000)
	add(&q, p, 6500, 7000, 5000)
	wantBlocks(t, &q, 6500, 7000, 5500, 6000)
	add(&q, p, 7500, 8000, 5000)
	add(&q, p, 8500, 9000, 5000)
	wantBlocks(t, &q, 8500, 9000, 7500, 8000, 6500, 7000, 5500, 6000)
	add(&q, p, 9500, 9600, 5000)
	wantBlocks(t, &q, 9500, 9600, 8500, 9000, 7500, 8000, 6500, 7000)
	add(&q, p, 6000, 6500, 5000)
	wantBlocks(t, &q, 5500, 7000, 9500, 9600, 8500, 9000, 7500, 8000)
}

// After the examples of RFC 2883 §4.
func TestDuplicatesAreReportedFirstAndOnce(t *testing.T) {
	p := newPool(2048, 100)
	var q reassembly.Queue
	// §4.1.1: a segment below RCV.NXT.
	add(&q, p, 3000, 3500, 4000)
	wantBlocks(t, &q, 3000, 3500)
	wantBlocks(t, &q)
	// §4.1.2, 4.1.3: with data out of order, and a duplicate of that data.
	add(&q, p, 5000, 5500, 4000)
	add(&q, p, 3000, 3500, 4000)
	wantBlocks(t, &q, 3000, 3500, 5000, 5500)
	add(&q, p, 4500, 5000, 4000)
	wantBlocks(t, &q, 4500, 5500)
	add(&q, p, 5000, 5500, 4000)
	wantBlocks(t, &q, 5000, 5500, 4500, 5500)
	wantBlocks(t, &q, 4500, 5500)
	// §4.2.1, 4.2.2: a part of a segment; only that part is reported.
	q.Free(p)
	add(&q, p, 1500, 2000, 1000)
	wantBlocks(t, &q, 1500, 2000)
	add(&q, p, 1700, 2500, 1000)
	wantBlocks(t, &q, 1700, 2000, 1500, 2500)
	// §4.2.3: of two parts that are not contiguous, the first.
	q.Free(p)
	add(&q, p, 1500, 2000, 1000)
	add(&q, p, 2500, 3000, 1000)
	wantBlocks(t, &q, 2500, 3000, 1500, 2000)
	add(&q, p, 1500, 3000, 1000)
	wantBlocks(t, &q, 1500, 2000, 1500, 3000)
	wantBlocks(t, &q, 1500, 3000)
}

func TestTakeReportsWhatAlsoCameInOrder(t *testing.T) {
	p := newPool(64, 100)
	var q reassembly.Queue
	var into block.Queue
	add(&q, p, 110, 130, 100)
	add(&q, p, 140, 150, 100)
	wantBlocks(t, &q, 140, 150, 110, 130)
	// 100 to 120 came in order.
	if n := q.Take(p, 120, &into); n != 10 || into.Len() != 10 {
		t.Fatalf("Take = %d", n)
	}
	wantBlocks(t, &q, 110, 120, 140, 150)
	if n := q.Take(p, 130, &into); n != 0 {
		t.Fatalf("Take = %d over a gap", n)
	}
	if n := q.Take(p, 155, &into); n != 0 || q.Held() != 0 {
		t.Fatalf("Take = %d, and %d are held behind what has come", n, q.Held())
	}
	wantBlocks(t, &q, 140, 150)
	wantBlocks(t, &q)
}

func TestDuplicateOfASegmentWithNothingNew(t *testing.T) {
	p := newPool(64, 10)
	var q reassembly.Queue
	q.Duplicate(100, 100)
	wantBlocks(t, &q)
	q.Duplicate(0xfffffff0, 16)
	var buf [wire.MaxSACKBlocks]wire.SACKBlock
	if n := q.Blocks(&buf, 0); n != 0 {
		t.Fatalf("%d blocks where none fit", n)
	}
	add(&q, p, 40, 50, 20)
	wantBlocks(t, &q, 0xfffffff0, 16, 40, 50)
}

func TestTakeMovesBlocksWithoutCopying(t *testing.T) {
	p := newPool(1024, 64)
	var q reassembly.Queue
	var into block.Queue
	into.Append(p.Blocks, make([]byte, 1000))
	for s := wire.Seq(2000); s < 30000; s += 1000 {
		add(&q, p, s, s+1000, 1000)
	}
	inUse := p.Blocks.InUse()
	into.Append(p.Blocks, make([]byte, 1000))
	if n := q.Take(p, 2000, &into); n != 28000 {
		t.Fatalf("Take = %d", n)
	}
	if p.Blocks.InUse() != inUse+1 {
		t.Errorf("%d blocks in use after Take, %d before", p.Blocks.InUse(), inUse+1)
	}
	b := make([]byte, into.Len())
	into.Read(p.Blocks, b)
	for i, v := range b[2000:] {
		if v != byte(2000+i) {
			t.Fatalf("byte %d is %d", 2000+i, v)
		}
	}
}

func TestLimitBoundsWhatIsHeld(t *testing.T) {
	p := newPool(256, 1000)
	var q reassembly.Queue
	data := make([]byte, 600)
	if n := q.Add(p, 2000, data, 1000, 1000); n != 600 {
		t.Fatalf("Add = %d", n)
	}
	if n := q.Add(p, 3000, data, 1000, 1000); n != 400 || p.Dropped != 200 {
		t.Fatalf("Add = %d and %d dropped, want 400 and 200", n, p.Dropped)
	}
	if n := q.Add(p, 4000, data, 1000, 1000); n != 0 || p.Dropped != 800 {
		t.Fatalf("Add = %d and %d dropped, want 0 and 800", n, p.Dropped)
	}
	wantBlocks(t, &q, 3000, 3400, 2000, 2600)
	// A limit that has become less takes nothing away.
	if n := q.Add(p, 1900, data, 1000, 500); n != 0 || q.Held() != 1000 {
		t.Fatalf("Add = %d, holding %d", n, q.Held())
	}
}

// Single bytes with gaps between them cost a block each.
func TestLimitBoundsMemoryOfTinySegments(t *testing.T) {
	p := newPool(256, 1000)
	var q reassembly.Queue
	for s := wire.Seq(2000); s < 6000; s += 2 {
		q.Add(p, s, []byte{1}, 1000, 4096)
	}
	if got := p.Blocks.InUse() * 256; got > 4096 {
		t.Errorf("%d bytes of memory are held with a limit of 4096", got)
	}
	if q.Held() != 16 || p.Dropped != 2000-16 {
		t.Errorf("%d held and %d dropped", q.Held(), p.Dropped)
	}
	// What joins two runs still fits.
	if n := q.Add(p, 2001, []byte{1}, 1000, 4096); n != 1 {
		t.Error("the gap between two runs was not filled")
	}
	// And so does one more run, now that there is one less.
	if n := q.Add(p, 5000, []byte{1}, 1000, 4096); n != 1 {
		t.Error("no room after two runs became one")
	}
	for s := wire.Seq(10000); s < 20000; s += 2 {
		q.Add(p, s, []byte{1}, 1000, noLimit)
	}
	if p.Blocks.InUse() != reassembly.MaxRuns {
		t.Errorf("%d runs, want %d", p.Blocks.InUse(), reassembly.MaxRuns)
	}
}

func TestMemoryStaysFreeForDataInOrder(t *testing.T) {
	for _, reserve := range []int{0, 3} {
		p := newPool(100, 16)
		p.Reserve = reserve
		want := 16 - max(reserve, 2)
		var a, b reassembly.Queue
		add(&a, p, 2000, 2550, 1000)
		n := add(&b, p, 2000, 5000, 1000)
		if n != (want-6)*100 || p.Blocks.InUse() != want || p.Dropped != uint64(3000-n) {
			t.Errorf("reserve %d: %d stored, %d dropped, %d blocks in use", reserve, n, p.Dropped, p.Blocks.InUse())
		}
		wantBlocks(t, &b, 2000, wire.Seq(2000+n))
		if add(&b, p, 9000, 9001, 1000) != 0 {
			t.Errorf("reserve %d: stored without memory", reserve)
		}
		a.Free(p)
		if add(&b, p, 9000, 9001, 1000) != 1 {
			t.Errorf("reserve %d: not stored although memory came back", reserve)
		}
		b.Free(p)
		if p.Blocks.InUse() != 0 {
			t.Errorf("%d blocks have not come back", p.Blocks.InUse())
		}
	}
}

func TestIdleQueueIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(reassembly.Queue{}); size > 32 {
		t.Errorf("%d bytes", size)
	}
}

func TestQueueDoesNotAllocate(t *testing.T) {
	p := newPool(2048, 128)
	var q reassembly.Queue
	var into block.Queue
	data := make([]byte, 1448)
	episode := func() {
		for i := 1; i < 64; i++ {
			if i%4 != 0 {
				q.Add(p, wire.Seq(i*1448), data, 0, noLimit)
			}
		}
		for i := 4; i < 64; i += 4 {
			q.Add(p, wire.Seq(i*1448), data, 0, noLimit)
		}
		q.Take(p, 1448, &into)
		into.Free(p.Blocks)
	}
	episode()
	if n := testing.AllocsPerRun(100, episode); n != 0 || p.Blocks.InUse() != 0 {
		t.Errorf("%v allocations, %d blocks in use", n, p.Blocks.InUse())
	}
}
