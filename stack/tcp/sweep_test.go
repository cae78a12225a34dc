package tcp_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/stack/tcp"
	"github.com/netdev-go/netdev/stack/tcp/congestion"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// A course is one run of the sweep, all of it drawn from a seed.
type course struct {
	there, back link
	config      [2]tcp.Config
	options     [2]tcp.Options
	total       [2]int
	chunk       [2]int
	every       [2]time.Duration
	slice       [2]int
	posts       [2]int
	lends       [2]bool
	batches     [2]bool // that segments which come at once are taken before any is answered
	both        bool    // that both sides dial
	frail       bool    // that connections may end in errors
	wrap        bool    // that the numbers of the first side wrap around on the way
	buffer      int
	blocks      [2]int
	size        int
	long        [2]int     // how long the segments may be that a device cuts
	whole       [2]float64 // how likely such a one goes over whole
}

func pick[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }

func newCourse(seed uint64) *course {
	rng := rand.New(rand.NewPCG(seed, 42))
	c := &course{
		buffer: pick(rng, 1<<10, 4<<10, 16<<10, 64<<10, 256<<10, 1<<20),
		size:   pick(rng, 256, 1024, 2048),
		both:   rng.IntN(8) == 0,
		wrap:   rng.IntN(2) == 0,
	}
	loss := pick(rng, 0, 0, 0.01, 0.05, 0.1, 0.2)
	reorder := pick(rng, 0, 0, 0.1, 0.3)
	c.there = link{
		delay:   pick(rng, 0, ms, 20*ms, 100*ms),
		jitter:  pick(rng, 0, 0, 3*ms),
		loss:    loss,
		reorder: reorder,
		late:    pick(rng, 2*ms, 30*ms, 150*ms),
		dup:     pick(rng, 0, 0, 0.05),
		rate:    pick(rng, 0, 0, 125e3, 12.5e6),
		strip:   pick(rng, 0, 0, wire.HasSACKPermitted, wire.HasTimestamps, wire.HasWindowScale, wire.HasSACKPermitted|wire.HasTimestamps|wire.HasWindowScale),
	}
	if c.there.rate > 0 {
		c.there.queue = pick(rng, 50*ms, 300*ms)
	}
	c.back = c.there
	if rng.IntN(3) == 0 {
		c.back.loss = pick(rng, 0, 0.3)
	}
	if rng.IntN(5) == 0 {
		c.there.mtu = 296 + rng.IntN(600)
	}
	algorithm := pick(rng, congestion.NewReno, congestion.Cubic, congestion.BBR)
	mtu := mtu(pick(rng, 576, 1500, 1500, 4000))
	for i := range c.config {
		// Sometimes there is hardly more memory than one of the buffers takes.
		c.blocks[i] = 4*c.buffer/c.size + 16
		if rng.IntN(4) == 0 {
			c.blocks[i] = c.buffer/c.size + 6
		}
		c.config[i] = tcp.Config{Congestion: algorithm, MTU: mtu, TimeWait: 10 * time.Second, MaxRTO: 3 * time.Second}
		c.options[i] = tcp.Options{SendBuffer: c.buffer, RecvBuffer: c.buffer, NoDelay: rng.IntN(2) == 0}
		if rng.IntN(4) == 0 {
			c.options[i].SendBuffer, c.options[i].RecvBuffer = 0, 0
		}
		c.total[i] = pick(rng, 0, 1, 5000, min(20*c.buffer, 60000), min(20*c.buffer, 200000))
		if c.chunk[i] = pick(rng, 0, 0, 1+rng.IntN(3000)); c.chunk[i] > 0 {
			c.total[i] = min(c.total[i], 500*c.chunk[i]) // small segments are many
		}
		if rng.IntN(4) == 0 {
			c.every[i], c.slice[i] = 5*ms, max(c.total[1]/200, 200)
		}
	}
	c.posts = [2]int{pick(rng, 0, 1+rng.IntN(20000)), pick(rng, 0, 1+rng.IntN(3000))}
	c.there.corrupt, c.back.corrupt = pick(rng, 0, 0, 0.01, 0.05), pick(rng, 0, 0, 0.01)
	c.lends = [2]bool{rng.IntN(2) == 0, rng.IntN(2) == 0}
	c.batches = [2]bool{rng.IntN(2) == 0, rng.IntN(2) == 0}
	return c
}

func (c *course) String() string {
	return fmt.Sprintf("there %+v\nback %+v\noptions %+v\ntotal %v chunk %v every %v slice %v posts %v lends %v batches %v both %v buffer %d blocks %v of %d, %s",
		c.there, c.back, c.options, c.total, c.chunk, c.every, c.slice, c.posts, c.lends, c.batches, c.both, c.buffer, c.blocks, c.size, c.config[0].Congestion.Name())
}

// limit is the time in which the course has to be over, with much to spare: each
// window of data may cost some round trips, and where segments are lost, timeouts.
func (c *course) limit() time.Duration {
	rtt := c.there.delay + c.back.delay + c.there.jitter + c.back.jitter + 45*ms
	if c.there.reorder > 0 {
		rtt += c.there.late
	}
	if c.there.rate > 0 {
		rtt += 2*c.there.queue + 100*ms
	}
	loss := max(c.there.loss+c.there.corrupt, c.back.loss+c.back.corrupt)
	if loss > 0 || c.there.queue > 0 || c.there.jitter > 0 {
		rtt += 300*ms + time.Duration(loss*float64(6*time.Second))
	}
	window := max(500, min(c.buffer, c.blocks[0]*c.size/2, c.blocks[1]*c.size/2)/2)
	if loss > 0 || c.there.queue > 0 || c.there.jitter > 0 || c.there.reorder > 0 {
		window = min(window, 3000)
	}
	rounds := 12 + (c.total[0]+c.total[1])/window
	slow := c.every[0] + c.every[1]
	for i := range c.slice {
		if c.slice[i] > 0 {
			slow += time.Duration(c.total[1-i]/c.slice[i]) * c.every[i]
		}
	}
	limit := time.Duration(rounds)*rtt + 2*slow
	if loss > 0 {
		limit += time.Duration(loss * float64(300*time.Second)) // a streak of timeouts
	}
	if c.there.rate > 0 {
		limit += time.Duration(float64(c.total[0]+c.total[1]) * 4 / c.there.rate * float64(time.Second))
	}
	return limit + time.Second
}

// wrapping returns a time at which the next ISN of s is so large that the numbers of
// its data wrap around, which the clock of RFC 6528 reaches in less than five hours.
func (s *side) wrapping(seed uint64, c *course) time.Duration {
	twin := newWorld(seed, c.config[0], c.config[1], c.there, c.back).sides[0]
	twin.dial(50000, 80, c.options[0])
	b := make([]byte, 1500)
	twin.e.Output(twin.now, b)
	iss := wire.Segment(b).Seq()
	return s.now + time.Duration(uint32(-iss-wire.Seq(c.total[0]/2)))*4*time.Microsecond
}

// begin returns a world in which the first side has dialled.
func (c *course) begin(seed uint64, trace func(string)) *world {
	for i := range c.config {
		c.config[i].Pool = block.NewPool(block.Config{BlockSize: c.size, Blocks: c.blocks[i]})
	}
	w := newWorld(seed, c.config[0], c.config[1], c.there, c.back)
	w.trace = trace
	for i, s := range w.sides {
		s.long, s.whole, s.batches = make([]byte, c.long[i]), c.whole[i], c.batches[i]
	}
	if c.wrap {
		w.now = w.sides[0].wrapping(seed, c)
		w.begin = w.now
	}
	prepare := func(a *app) {
		i := 0
		if a.side == w.sides[1] {
			i = 1
		}
		a.total, a.chunk, a.every, a.slice = c.total[i], c.chunk[i], c.every[i], c.slice[i]
		a.posts, a.lends, a.frail = c.posts[i], c.lends[i], c.frail
	}
	b := w.sides[1]
	if c.both {
		prepare(b.dial(80, 50000, c.options[1]))
	} else {
		b.made = prepare
		b.listen(1, c.options[1])
	}
	prepare(w.sides[0].dial(50000, 80, c.options[0]))
	return w
}

// run returns what went wrong, and how long the data took.
func (c *course) run(seed uint64, trace func(string)) (time.Duration, error) {
	w := c.begin(seed, trace)
	done := w.run(c.limit(), func() bool {
		for _, s := range w.sides {
			if len(s.apps) == 0 || !s.apps[0].closed {
				return false
			}
		}
		return true
	})
	took := w.now - w.begin
	if w.err != nil {
		return took, w.err
	}
	for i, s := range w.sides {
		if len(s.apps) != 1 {
			return took, fmt.Errorf("side %d: %d connections after %v", i, len(s.apps), took)
		}
		a := s.apps[0]
		if !done || a.read != c.total[1-i] || a.written != c.total[i] {
			return took, fmt.Errorf("side %d: %d of %d written, %d of %d read, EOF %v, closed %v after %v; %v, %+v",
				i, a.written, c.total[i], a.read, c.total[1-i], a.eof, a.closed, took, a.c.State(), a.c.Info())
		}
	}
	return took, w.end()
}

// end lets everything end, the last FINs and TIME-WAIT too, and returns what does not.
func (w *world) end() error {
	if w.run(20*time.Minute, func() bool { return false }); w.err != nil {
		return w.err
	}
	for i, s := range w.sides {
		if conns, half, tw := s.e.Len(); conns+half+tw != 0 {
			return fmt.Errorf("side %d: %d connections, %d half-open, %d in TIME-WAIT are left", i, conns, half, tw)
		}
		if n := s.pool.InUse(); n != 0 {
			return fmt.Errorf("side %d: %d blocks have not come back", i, n)
		}
		if dl := s.e.Deadline(); dl != 0 {
			return fmt.Errorf("side %d: a deadline at %v without a connection", i, dl)
		}
	}
	return nil
}

func sweep(t testing.TB, seed uint64) {
	c := newCourse(seed)
	if _, err := c.run(seed, nil); err != nil {
		if testing.Verbose() {
			c.run(seed, func(line string) { t.Log(line) })
		}
		t.Errorf("seed %d: %v\n%v", seed, err, c)
	}
}

// Every byte arrives, in order, once, whatever the link does to segments, and no run
// stalls. A seed that fails runs again with -run 'TestSweep/seed=N$', and
// with -v it says every segment.
func TestSweep(t *testing.T) {
	n := uint64(2000)
	if testing.Short() {
		n = 200
	}
	for seed := range n {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) { sweep(t, seed) })
	}
}

// The same with devices that cut segments on both sides or on one of them.
func TestSweepOfLongSegments(t *testing.T) {
	n := uint64(1000)
	if testing.Short() {
		n = 200
	}
	for seed := range n {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 45))
			c := newCourse(seed)
			for i := range c.long {
				c.long[i] = pick(rng, 0, 5000, 1<<14, 1<<16)
				c.whole[i] = pick(rng, 0, 0.5, 1)
			}
			if _, err := c.run(seed, nil); err != nil {
				if testing.Verbose() {
					c.run(seed, func(line string) { t.Log(line) })
				}
				t.Errorf("seed %d: %v\n%v, long %v, whole %v", seed, err, c, c.long, c.whole)
			}
		})
	}
}

// Whatever is broken off, and whenever, nothing of it stays.
func TestSweepOfWhatIsBrokenOff(t *testing.T) {
	n := uint64(500)
	if testing.Short() {
		n = 100
	}
	for seed := range n {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			c := newCourse(seed)
			for i := range c.config {
				c.config[i].GiveUp = 30 * time.Second
				c.options[i].KeepAlive = tcp.KeepAlive{On: true, Idle: 10 * time.Second, Interval: time.Second, Count: 3}
				c.frail = true
			}
			w := c.begin(seed, nil)
			rng := rand.New(rand.NewPCG(seed, 43))
			s := w.sides[rng.IntN(2)]
			how := rng.IntN(5)
			rtt := c.there.delay + c.back.delay + ms
			s.then(w.now+time.Duration(rng.Int64N(int64(8*rtt))), func() { s.breakOff(how) })
			w.run(2*time.Minute, func() bool { return false })
			if err := w.end(); err != nil {
				t.Errorf("seed %d: broken off by %d at %v: %v\n%v", seed, how, s.addr, err, c)
			}
		})
	}
}

// breakOff ends s's connection in one of the ways that there are.
func (s *side) breakOff(how int) {
	if s.l != nil {
		s.l.Close(s.now)
		s.l = nil
	}
	if how == 0 {
		s.e.Fail(s.now, netdev.ErrNetDown)
		return
	}
	for _, a := range s.apps {
		if a.closed {
			continue
		}
		switch how {
		case 1:
			a.c.Abort(s.now)
			a.closed = true
		case 2:
			a.c.Close(s.now)
			a.closed = true
		case 3:
			a.c.CloseRead(s.now)
			a.c.CloseWrite(s.now)
			a.shut = true
		case 4:
			o := a.c.Options()
			o.LingerOn, o.Linger = true, 50*ms
			a.c.SetOptions(s.now, o)
			a.c.Close(s.now)
			a.closed = true
		}
	}
}

// FuzzSweep is for more seeds than a test has time for.
func FuzzSweep(f *testing.F) {
	f.Add(uint64(1 << 40))
	f.Fuzz(func(t *testing.T, seed uint64) { sweep(t, seed) })
}

// Many connections share what memory there is, of which each alone could take all. In
// the end every one has got through.
func TestSweepOfManyConnections(t *testing.T) {
	n := uint64(40)
	if testing.Short() {
		n = 8
	}
	for seed := range n {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 44))
			path := link{delay: pick(rng, ms, 20*ms), rate: pick(rng, 0, 1.25e6), loss: pick(rng, 0, 0.02), reorder: pick(rng, 0, 0.1), late: 5 * ms}
			var c [2]tcp.Config
			for i := range c {
				size := pick(rng, 512, 2048)
				c[i] = tcp.Config{
					Pool:     block.NewPool(block.Config{BlockSize: size, Blocks: pick(rng, 20, 100, 400) * 2048 / size}),
					TimeWait: time.Second,
					MaxRTO:   3 * time.Second,
				}
			}
			conns := 10 + rng.IntN(50)
			w := newWorld(seed, c[0], c[1], path, path)
			from, to := w.sides[0], w.sides[1]
			to.listen(conns, tcp.Options{})
			total := func(a *app) {
				a.total = rng.IntN(30000)
				if rng.IntN(3) == 0 {
					a.every, a.slice = 10*ms, 1000
				}
			}
			to.made = total
			for i := range conns {
				total(from.dial(uint16(10000+i), 80, tcp.Options{NoDelay: rng.IntN(2) == 0}))
			}
			left := func() (n int) {
				for _, s := range w.sides {
					for _, a := range s.apps {
						if !a.closed {
							n++
						}
					}
				}
				return n + conns - len(to.apps)
			}
			if !w.run(2*time.Minute, func() bool { return left() == 0 }) {
				t.Fatalf("seed %d: %d of %d are not through: %v; blocks %d/%d and %d/%d", seed, left(), 2*conns, w.err,
					from.pool.InUse(), from.pool.Blocks(), to.pool.InUse(), to.pool.Blocks())
			}
			read, written := [2]int{}, [2]int{}
			for i, s := range w.sides {
				for _, a := range s.apps {
					read[i] += a.read
					written[i] += a.written
				}
			}
			if read[0] != written[1] || read[1] != written[0] {
				t.Errorf("seed %d: read %v, written %v", seed, read, written)
			}
			if err := w.end(); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
		})
	}
}
