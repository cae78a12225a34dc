package flight

import (
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"

	wire "github.com/netdev-go/netdev/wire/tcp"
)

func TestRecordsAreSmall(t *testing.T) {
	if n := unsafe.Sizeof(record{}); n > 40 {
		t.Errorf("a record has %d bytes", n)
	}
	if n := unsafe.Sizeof(Flight{}); n > 144 {
		t.Errorf("a Flight has %d bytes", n)
	}
}

func TestLimitHasBounds(t *testing.T) {
	for limit, want := range map[int32]int{-1: DefaultLimit, 0: DefaultLimit, 1: 1, 100: 100, MaxLimit: MaxLimit, 1 << 30: MaxLimit} {
		if got := (&Flight{Limit: limit}).limit(); got != want {
			t.Errorf("%d: %d, want %d", limit, got, want)
		}
	}
	if most := MaxLimit + spare(MaxLimit); uint16(most) == 0 || int(uint16(most)) != most {
		t.Errorf("a run of %d does not fit a record's span", most)
	}
}

func TestDataBeyondTheLimitJoinsTheLastRecord(t *testing.T) {
	c := converse(t)
	c.Limit = 4
	for i := range 10 {
		c.send(time.Duration(i)*ms, 1)
	}
	if c.b.n != 4 || c.Outstanding() != 10*seg {
		t.Fatalf("%d records, %d bytes", c.b.n, c.Outstanding())
	}
	if l, r := c.Last(); l != 3*seg || r != 10*seg {
		t.Errorf("last is %d to %d", l, r)
	}
	// A SACK for a part is not taken up, one for the whole is.
	if r := c.ack(50*ms, 0, 5, 10); r.Sacked != 0 {
		t.Errorf("%+v", r)
	}
	if r := c.ack(51*ms, 0, 2, 10); r.Sacked != 8*seg {
		t.Errorf("%+v", r)
	}
	if r := c.ack(52*ms, 7); r.Acked != 7*seg || r.Delivered != 2*seg {
		t.Errorf("%+v", r)
	}
	c.send(53*ms, 1)
	c.ack(90*ms, 11)
}

func TestSACKedRecordsMakeRoom(t *testing.T) {
	c := converse(t)
	c.Limit = 16
	c.send(0, 16)
	c.ack(40*ms, 0, 1, 16)
	c.send(41*ms, 12)
	if c.b.n > 14 {
		t.Errorf("%d records, of which 15 were one run", c.b.n)
	}
	c.ack(81*ms, 0, 1, 28)
	if c.Sacked() != 27*seg {
		t.Errorf("SACKed %d", c.Sacked())
	}
	c.ack(90*ms, 28)
}

// With nothing but a large record, what is sent again of it a bit at a time goes
// on.
func TestLargeRecordIsSentAgainBitByBit(t *testing.T) {
	c := converse(t)
	c.Limit = 1
	c.send(0, 100)
	c.Timeout(origin + time.Second)
	at := time.Second
	for range 100 {
		left, right, ok := c.Lost()
		if !ok {
			break
		}
		at += ms
		c.Resent(origin+at, left, min(right, left.Add(seg)))
		check(t, &c.Flight)
	}
	if c.LostBytes() != 0 || c.b.n > c.limit()+spare(c.limit()) {
		t.Errorf("%d bytes are lost still, %d records", c.LostBytes(), c.b.n)
	}
	c.wantPipe(100)
	if c.episode.resent != 100*seg {
		t.Errorf("%d bytes were sent again", c.episode.resent)
	}
}

// Any calls, with few records: the sums stay right and everything sent is
// delivered in the end.
func TestFewRecordsAreEnough(t *testing.T) {
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		c := converse(t)
		c.Limit = int32(1 + rnd.IntN(12))
		now := origin
		got := make(map[wire.Seq]bool) // what the peer has
		next := wire.Seq(0)
		arrive := func(left, right wire.Seq) {
			for s := left; s != right; s++ {
				got[s] = true
			}
			for got[next] {
				next++
			}
		}
		for step := 0; next < 3000; step++ {
			if step > 20000 {
				t.Fatalf("seed %d: no end; peer has %d, una %d, nxt %d, pipe %d, lost %d", seed, next, c.una, c.nxt, c.Pipe(), c.LostBytes())
			}
			now += time.Duration(rnd.Int64N(int64(5 * ms)))
			switch rnd.IntN(5) {
			case 0, 1:
				if n := min(1+rnd.IntN(100), 3000-int(c.nxt)); n > 0 && c.Outstanding() < 1000 {
					left := c.nxt
					c.Sent(now, left, n)
					if rnd.IntN(3) > 0 {
						arrive(left, c.nxt)
					}
				} else if c.Pipe() > 0 && rnd.IntN(20) == 0 {
					c.Timeout(now)
				}
			case 2:
				if left, right, ok := c.Lost(); ok {
					right = min(right, left.Add(1+rnd.IntN(60)))
					c.Resent(now, left, right)
					if rnd.IntN(4) > 0 {
						arrive(left, right)
					}
				}
			default:
				var bl []wire.SACKBlock
				for s := next; s < c.nxt && len(bl) < 3; s++ {
					if got[s] {
						left := s
						for got[s] {
							s++
						}
						bl = append(bl, wire.SACKBlock{Left: left, Right: s})
					}
				}
				rnd.Shuffle(len(bl), func(i, j int) { bl[i], bl[j] = bl[j], bl[i] })
				c.Ack(now, next, bl, c.opts)
				c.DetectLoss(now, 10*ms, 5*ms)
				for i := 0; !c.Empty() && i < c.b.n; i++ {
					r := c.b.at(i)
					for s := r.left; r.flags&flagSacked != 0 && s != r.right; s++ {
						if !got[s] {
							t.Fatalf("seed %d: %d is SACKed and was not", seed, s)
						}
					}
				}
			}
			check(t, &c.Flight)
		}
	}
}

func TestRingGrowsAndWraps(t *testing.T) {
	c := converse(t)
	for i := range 200 {
		c.send(time.Duration(i)*ms, 3)
		c.ack(time.Duration(i)*ms, 2*i)
	}
	if c.b.n != 202 || len(c.b.buf) != 256 {
		t.Errorf("%d records in %d", c.b.n, len(c.b.buf))
	}
	c.ack(time.Second, 600)
	if !c.Empty() {
		t.Error("not empty")
	}
}

func TestResetForgetsAllButTheLimit(t *testing.T) {
	c := converse(t)
	c.Limit = 77
	c.send(0, 5)
	c.ack(40*ms, 0, 1, 4)
	c.lost(40*ms, 0, 0, 1)
	c.resend(40*ms, 1)
	b := c.b
	c.Reset()
	if !c.Empty() || c.Recovering() || c.Sacked() != 0 || c.Limit != 77 || c.b != b {
		t.Errorf("%+v", c.Flight)
	}
	c.Sent(origin, 5000, 10)
	if r := c.Ack(origin+ms, 5010, nil, c.opts); r.Acked != 10 {
		t.Errorf("%+v", r)
	}
}

func TestPoolHandsRingsOn(t *testing.T) {
	p := Pool{Max: 100}
	var f, g Flight
	f.Release(&p) // has none
	f.Attach(&p)
	f.Attach(nil)
	for range 50 {
		f.Sent(origin, f.Nxt(), 1)
	}
	f.Release(&p)
	if f.b == nil {
		t.Fatal("a ring was taken away in use")
	}
	f.Ack(origin+ms, 50, nil, Options{})
	ring := f.b
	f.Release(&p)
	f.Release(&p)
	if f.b != nil || f.Pipe() != 0 || !f.Empty() {
		t.Error("the ring stayed")
	}
	if l, r := f.Last(); l != r {
		t.Error("an empty Flight has a last segment")
	}
	f.Ack(origin+2*ms, 50, blocks(10, 20), Options{})
	f.DetectLoss(origin+2*ms, ms, ms)
	f.Timeout(origin + 2*ms)
	f.Resent(origin+2*ms, 0, 50)

	g.Attach(&p)
	if g.b != ring || p.records != 0 {
		t.Errorf("ring %p, want %p", g.b, ring)
	}
	g.Sent(origin, 1000, 10)
	g.Ack(origin+ms, 1000, blocks(1002, 1004), Options{})
	g.Ack(origin+ms, 1010, nil, Options{})
	g.Release(&p)
	f.Attach(&p)
	f.Sent(origin+3*ms, 50, 10)
	check(t, &f)

	// What is above Max goes.
	small := Pool{Max: 10}
	f.Ack(origin+4*ms, 60, nil, Options{})
	f.Release(&small)
	if small.free != nil || f.b != nil {
		t.Error("a Pool keeps more than its Max")
	}
	g.Attach(&small)
	g.Sent(origin, 2000, 1)
	g.Ack(origin+ms, 2001, nil, Options{})
	g.Release(nil)
	if g.b != nil {
		t.Error("a ring stayed without a Pool")
	}
}
