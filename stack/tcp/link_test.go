package tcp_test

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/stack/tcp"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// A world is two Engines, what lies between them, and a time that jumps from event to
// event. What goes wrong is noted in err, once.
type world struct {
	now   time.Duration
	begin time.Duration
	rng   *rand.Rand
	sides [2]*side
	queue events
	order int
	spare [][]byte
	err   error
	trace func(line string)
}

// A side is an Engine, the link away from it, and who uses it.
type side struct {
	*world
	e     *tcp.Engine
	pool  *block.Pool
	addr  netip.Addr
	peer  *side
	link  link
	l     *tcp.Listener
	apps  []*app
	made  func(*app) // prepares what was accepted
	free  time.Duration
	due   time.Duration // the next Advance that an event stands for
	flows map[[2]uint16]*flow

	long  []byte  // where long segments go, if they may
	whole float64 // how likely one goes over whole, if it is not cut

	batches bool // segments that come at once are taken before any is answered
}

// A link is what happens to segments on their way in one direction.
type link struct {
	delay, jitter time.Duration
	rate          float64       // bytes a second; 0: any
	queue         time.Duration // at rate; more is dropped
	loss          float64
	reorder       float64 // of the segments are late by up to late
	late          time.Duration
	dup           float64
	corrupt       float64        // of the segments have a bit turned over
	strip         wire.OptionSet // options that do not get through
	mtu           int            // 0: any; what is longer is dropped, and ICMP says so
}

// A flow is what an onlooker knows of one direction of a connection.
type flow struct {
	scale  uint8    // of this side's windows
	offers bool     // that this side's SYN had it
	edge   wire.Seq // to which the peer may send, as far as it has heard
	known  bool     // that there is an edge
	tell   wire.Seq // the furthest edge that was announced
	told   bool     // that there is one
	mss    int      // that this side has asked for
	iss    wire.Seq
	opts   wire.Options // scratch
}

type event struct {
	at    time.Duration
	order int
	to    *side
	data  []byte // nil: to has something to do
	do    func() // and this is what, where it is not its timers
}

type events []event

func (q events) Len() int { return len(q) }

func (q events) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].order < q[j].order
}

func (q events) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

func (q *events) Push(x any) { *q = append(*q, x.(event)) }

func (q *events) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

func newWorld(seed uint64, a, b tcp.Config, there, back link) *world {
	w := &world{now: time.Second, begin: time.Second, rng: rand.New(rand.NewPCG(seed, 7))}
	for i, c := range []tcp.Config{a, b} {
		c.Rand = rand.New(rand.NewPCG(seed, uint64(i))).Uint64
		w.sides[i] = &side{
			world: w,
			e:     tcp.New(c),
			pool:  c.Pool,
			addr:  netip.AddrFrom4([4]byte{10, 0, 0, byte(1 + i)}),
			link:  []link{there, back}[i],
			flows: map[[2]uint16]*flow{},
		}
	}
	w.sides[0].peer, w.sides[1].peer = w.sides[1], w.sides[0]
	return w
}

func (w *world) fail(format string, a ...any) {
	if w.err == nil {
		w.err = fmt.Errorf("at %v: %s", w.now-w.begin, fmt.Sprintf(format, a...))
	}
}

func (w *world) at(t time.Duration, to *side, data []byte) {
	w.order++
	heap.Push(&w.queue, event{at: t, order: w.order, to: to, data: data})
}

// then has f called at t, which is about s.
func (s *side) then(t time.Duration, f func()) {
	s.order++
	heap.Push(&s.queue, event{at: t, order: s.order, to: s, do: f})
}

// run lets time pass until done, or until limit, or until something went wrong. It
// reports whether it was done.
func (w *world) run(limit time.Duration, done func() bool) bool {
	limit += w.now
	events := 0 // of one instant
	for _, s := range w.sides {
		s.work()
	}
	for w.err == nil && !done() {
		if len(w.queue) == 0 || w.queue[0].at > limit {
			w.now = limit
			return false
		}
		ev := heap.Pop(&w.queue).(event)
		if events++; w.now != ev.at {
			w.now, events = ev.at, 0
		}
		if events == 100000 {
			w.fail("time stands still")
		}
		if s := ev.to; ev.data != nil {
			s.deliver(ev.data)
			w.spare = append(w.spare, ev.data)
		} else if ev.do != nil {
			ev.do()
		} else if s.due == ev.at {
			s.due = 0
		}
		if !w.goesOn(ev) {
			ev.to.work()
		}
	}
	return w.err == nil
}

// goesOn tells whether the segment of ev is one of a batch that goes on.
func (w *world) goesOn(ev event) bool {
	if !ev.to.batches || ev.data == nil || ev.to.e.Owes() || len(w.queue) == 0 {
		return false
	}
	next := &w.queue[0]
	return next.to == ev.to && next.at == ev.at && next.data != nil
}

// work does everything that s has to do now.
func (s *side) work() {
	for round := 0; ; round++ {
		if dl := s.e.Deadline(); dl != 0 && dl <= s.now {
			s.e.Advance(s.now)
		}
		s.pull()
		idle := true
		for c, l := s.e.Woken(); c != nil || l != nil; c, l = s.e.Woken() {
			idle = false
			if l != nil {
				s.accept()
			} else {
				s.apps[c.Owner].run()
			}
		}
		for _, a := range s.apps {
			if a.wake != 0 && a.wake <= s.now {
				a.wake = 0
				a.run()
				idle = false
			}
		}
		s.pull()
		dl := s.e.Deadline()
		if idle && (dl == 0 || dl > s.now) {
			break
		}
		if round == 1000 {
			s.fail("side %v does not come to rest: deadline %v", s.addr, dl)
			break
		}
	}
	next := s.e.Deadline()
	for _, a := range s.apps {
		if a.wake != 0 && (next == 0 || a.wake < next) {
			next = a.wake
		}
	}
	if next != 0 && (s.due == 0 || next < s.due) {
		s.due = next
		s.at(next, s, nil)
	}
}

func (s *side) accept() {
	for c := s.l.Accept(s.now); c != nil; c = s.l.Accept(s.now) {
		a := s.use(c)
		if s.made != nil {
			s.made(a)
		}
		a.run()
	}
}

// dial returns an app for a connection to the other side.
func (s *side) dial(port, to uint16, o tcp.Options) *app {
	c, err := s.e.Dial(s.now, netip.AddrPortFrom(s.addr, port), netip.AddrPortFrom(s.peer.addr, to), o)
	if err != nil {
		panic(err)
	}
	return s.use(c)
}

// listen begins to listen on port 80.
func (s *side) listen(backlog int, o tcp.Options) {
	l, err := s.e.Listen(netip.AddrPortFrom(s.addr, 80), backlog, o)
	if err != nil {
		panic(err)
	}
	s.l = l
}

// use returns an app for c.
func (s *side) use(c *tcp.Conn) *app {
	a := &app{side: s, c: c}
	c.Owner = int32(len(s.apps))
	s.apps = append(s.apps, a)
	return a
}

// pull takes what the Engine has to send, and puts it on the link.
func (s *side) pull() {
	for {
		b := s.buffer()
		n, mss, p := s.e.OutputLong(s.now, b, s.long)
		if n == 0 {
			s.spare = append(s.spare, b)
			return
		}
		if mss > 0 {
			s.spare = append(s.spare, b)
			s.putLong(s.long[:n], mss, p)
			continue
		}
		s.put(b, n, p)
	}
}

// put puts the segment of n bytes in b on the link.
func (s *side) put(b []byte, n int, p *tcp.Path) {
	if s.check(b[:n], p) {
		s.send(b[:n])
	} else {
		s.spare = append(s.spare, b)
	}
}

// check looks at a segment that s sends, and tells whether the first link takes it.
func (s *side) check(b []byte, p *tcp.Path) bool {
	seg, err := wire.Parse(b)
	if err != nil || !seg.ChecksumOK(p.Local.Addr(), p.Remote.Addr()) {
		s.fail("%v sent %x", s.addr, b)
		return false
	}
	s.emitted(seg)
	mtu := s.link.mtu
	if mtu == 0 || len(b)+20 <= mtu || p.MayFragment {
		return true
	}
	local, remote, seq := p.Local, p.Remote, uint32(seg.Seq())
	s.then(s.now+2*s.link.delay, func() {
		s.e.Unreachable(s.now, local, remote, seq, netdev.ErrMessageTooLong, false, mtu)
	})
	return false
}

// putLong has the pieces of a long segment checked, and puts them or the whole on the
// link.
func (s *side) putLong(b []byte, mss int, p *tcp.Path) {
	whole := s.rng.Float64() < s.whole
	pieces, err := cut(b, mss, p)
	if err != nil {
		s.fail("%v sent %x: %v", s.addr, b[:60], err)
		return
	}
	for _, piece := range pieces {
		if whole {
			whole = s.check(piece, p)
		} else {
			s.put(append(s.buffer()[:0], piece...), len(piece), p)
		}
	}
	if whole {
		s.send(append(make([]byte, 0, max(len(b), 9000)), b...))
	}
}

func (w *world) buffer() []byte {
	if n := len(w.spare); n > 0 {
		b := w.spare[n-1]
		w.spare = w.spare[:n-1]
		return b[:cap(b)]
	}
	return make([]byte, 9000)
}

func (s *side) send(b []byte) {
	l, rng := &s.link, s.rng
	if l.loss > 0 && rng.Float64() < l.loss {
		s.spare = append(s.spare, b)
		return
	}
	s.strip(b)
	if l.corrupt > 0 && rng.Float64() < l.corrupt {
		b[rng.IntN(len(b))] ^= 1 << rng.IntN(8)
	}
	start := s.now
	if l.rate > 0 {
		start = max(s.free, s.now)
		if l.queue > 0 && start-s.now > l.queue {
			s.spare = append(s.spare, b)
			return
		}
		start += time.Duration(float64(len(b)+34) / l.rate * float64(time.Second))
		s.free = start
	}
	at := start + l.delay
	if l.jitter > 0 {
		at += time.Duration(rng.Int64N(int64(l.jitter)))
	}
	if l.reorder > 0 && rng.Float64() < l.reorder {
		at += time.Duration(rng.Int64N(int64(l.late)))
	}
	if l.dup > 0 && rng.Float64() < l.dup {
		s.at(at+time.Duration(rng.Int64N(int64(5*ms))), s.peer, append(s.buffer()[:0], b...))
	}
	s.at(at, s.peer, b)
}

// strip takes options out of a SYN as a middlebox does: NOPs in their place.
func (s *side) strip(b []byte) {
	seg := wire.Segment(b)
	if s.link.strip == 0 || !seg.Flags().Has(wire.SYN) {
		return
	}
	kinds := map[byte]wire.OptionSet{
		wire.KindWindowScale: wire.HasWindowScale, wire.KindSACKPermitted: wire.HasSACKPermitted,
		wire.KindTimestamps: wire.HasTimestamps,
	}
	o := seg.OptionBytes()
	for i := 0; i < len(o) && o[i] != wire.KindEnd; {
		if o[i] == wire.KindNOP {
			i++
			continue
		}
		n := int(o[i+1])
		if kinds[o[i]]&s.link.strip != 0 {
			for j := range n {
				o[i+j] = wire.KindNOP
			}
		}
		i += n
	}
	seg.FillChecksum(s.addr, s.peer.addr)
}

func (s *side) deliver(b []byte) {
	if wire.Segment(b).ChecksumOK(s.peer.addr, s.addr) {
		s.note("gets ", b)
		s.heard(wire.Segment(b))
	}
	s.e.Input(s.now, s.peer.addr, s.addr, b)
}

// note traces a segment where somebody wants that.
func (s *side) note(what string, seg wire.Segment) {
	if s.trace != nil {
		h, _ := seg.Header()
		s.trace(fmt.Sprint(s.now-s.begin, " ", s.addr, " ", what, " ", format(&h, len(seg.Payload()), 0, 0)))
	}
}

// flow returns what is known of the direction that begins at this side's port.
func (s *side) flow(port, peer uint16) *flow {
	f := s.flows[[2]uint16{port, peer}]
	if f == nil {
		f = &flow{}
		s.flows[[2]uint16{port, peer}] = f
	}
	return f
}

// emitted checks a segment that s sends: its window does not shrink, and its data is
// within the window and the MSS of the peer.
func (s *side) emitted(seg wire.Segment) {
	s.note("sends", seg)
	f := s.flow(seg.SrcPort(), seg.DstPort())
	g := s.peer.flow(seg.DstPort(), seg.SrcPort())
	flags := seg.Flags()
	if flags.Has(wire.RST) {
		return
	}
	if flags.Has(wire.SYN) {
		if f.iss != seg.Seq() { // another connection
			*f = flow{iss: seg.Seq()}
			g.known = false
		}
		f.opts = wire.Options{}
		f.opts.Parse(seg.OptionBytes())
		f.offers = f.opts.Has&wire.HasWindowScale&^(s.link.strip|s.peer.link.strip) != 0
		f.scale, f.mss = f.opts.WindowScale, int(f.opts.MSS)
	}
	if n := len(seg.Payload()); n > 0 {
		end := seg.Seq().Add(n)
		if g.known && f.edge.Add(1).Less(end) {
			s.fail("%v sent %d bytes beyond the window", s.addr, end.Diff(f.edge))
		}
		if limit := g.mss - (seg.HeaderLen() - wire.HeaderLen); g.mss > 0 && n > limit {
			s.fail("%v sent %d bytes, with an MSS of %d and options", s.addr, n, g.mss)
		}
	}
	if flags.Has(wire.ACK) {
		shift := f.shift(g, flags)
		edge := seg.Ack().Add(int(seg.Window()) << shift)
		if f.told && edge.Diff(f.tell) <= -(1<<shift) {
			s.fail("%v took %d back of the window it had announced", s.addr, f.tell.Diff(edge))
		}
		if !f.told || f.tell.Less(edge) {
			f.tell, f.told = edge, true
		}
	}
}

func (f *flow) shift(g *flow, flags wire.Flags) uint8 {
	if flags.Has(wire.SYN) || !f.offers || !g.offers {
		return 0
	}
	return f.scale
}

// heard notes what s learns of the window that it may fill.
func (s *side) heard(seg wire.Segment) {
	f := s.flow(seg.DstPort(), seg.SrcPort())
	g := s.peer.flow(seg.SrcPort(), seg.DstPort())
	if flags := seg.Flags(); flags.Has(wire.ACK) && !flags.Has(wire.RST) {
		edge := seg.Ack().Add(int(seg.Window()) << g.shift(f, flags))
		if !g.known || f.edge.Less(edge) {
			f.edge, g.known = edge, true
		}
	}
}
