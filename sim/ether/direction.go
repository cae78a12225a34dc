package ether

import (
	"container/heap"
	"sync"
	"sync/atomic"
	"time"
)

// A direction carries frames one way. Without an impairment it runs in the
// sender's goroutine and takes no lock. With one, a frame is copied, and leaves
// in the sender's goroutine or in the one of the timer when it is due.
type direction struct {
	// deliver gives a frame to the far end and has seen record it there. It
	// returns what the frame was dropped for, if it was.
	deliver func(frame []byte, seen *tap, ev event) fault

	// whole gives the far end a segment that was not cut, and reports whether that
	// takes it. It is nil where the far end takes none.
	whole func(l long) (drop fault, taken bool)

	// together gives the far end frames in one call, and reports whether it has taken
	// and counted them. It is nil where the far end takes them one by one.
	together func(d *direction, frames [][]byte) bool

	entry, exit atomic.Pointer[tap]
	count       counters
	active      atomic.Bool // there is an impairment, or still a frame under way

	mu        sync.Mutex
	imp       Impairment
	dice      dice
	busyUntil time.Time // when the last frame that Rate let in has left
	lastDue   time.Time // of a frame that keeps its place
	seq       uint64
	flying    flights
	bytes     int // of flying
	free      []*flight
	timer     *time.Timer
	draining  bool // one goroutine delivers
	closed    bool
}

func newDirection(seed uint64, purpose string) *direction {
	return &direction{dice: newDice(mix(seed, purpose))}
}

func (d *direction) send(frame []byte) {
	d.count.frames.Add(1)
	d.count.bytes.Add(uint64(len(frame)))
	if d.active.Load() {
		d.sendImpaired(frame)
		return
	}
	d.entry.Load().record(frame, event{})
	d.arrive(frame, event{})
}

// arrive ends a frame's way.
func (d *direction) arrive(frame []byte, ev event) {
	d.count.delivered.Add(1) // before the receiver can look
	drop := d.deliver(frame, d.exit.Load(), ev)
	if drop == 0 {
		return
	}
	d.count.takeBack(drop)
	if drop != faultRefused { // seen has recorded it, before the receiver refused it
		ev.faults |= drop
		d.exit.Load().record(frame, ev)
	}
}

// refuse counts a frame that is none.
func (d *direction) refuse(frame []byte) {
	d.count.frames.Add(1)
	d.count.bytes.Add(uint64(len(frame)))
	d.count.count(faultRefused)
}

func (d *direction) sendImpaired(frame []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	ev := d.dice.roll(&d.imp, len(frame))
	due := now
	switch {
	case d.closed:
		ev = event{faults: faultUnplugged}
	case ev.faults&dropped == 0 && d.full(len(frame), now):
		ev = event{faults: faultQueueFull}
	case ev.faults&dropped == 0:
		due = d.schedule(len(frame), now, ev)
	}
	d.count.count(ev.faults)
	d.entry.Load().record(frame, ev)
	if ev.faults&dropped != 0 {
		d.exit.Load().record(frame, ev)
		return
	}
	original := ev
	original.faults &^= faultDuplicate
	d.launch(frame, due, original)
	if ev.faults&faultDuplicate != 0 {
		d.launch(frame, due, ev)
	}
	if !d.draining {
		d.drain()
	}
}

// full tells whether n more bytes find no room, where Rate makes frames wait or
// in the whole direction.
func (d *direction) full(n int, now time.Time) bool {
	if d.bytes+n > MaxInFlight {
		return true
	}
	if d.imp.Rate == 0 {
		return false
	}
	backlog := d.busyUntil.Sub(now).Seconds() * float64(d.imp.Rate) / 8
	// A frame that finds the wire free does not wait, however long it is.
	return backlog > 0 && int(backlog)+n > d.imp.limit()
}

// schedule returns when a frame of n bytes arrives.
func (d *direction) schedule(n int, now time.Time, ev event) time.Time {
	due := now
	if d.imp.Rate > 0 {
		if d.busyUntil.After(due) {
			due = d.busyUntil
		}
		due = due.Add(d.imp.onWire(n))
		d.busyUntil = due
	}
	due = due.Add(d.imp.Delay)
	if j := d.imp.Jitter; j > 0 {
		due = due.Add(time.Duration(d.dice.jitter.Int64N(int64(2*j)+1)) - j)
	}
	if due.Before(now) {
		due = now
	}
	if due.Before(d.lastDue) {
		due = d.lastDue
	}
	if ev.faults&faultReordered != 0 {
		return due.Add(d.imp.reorderBy())
	}
	d.lastDue = due
	return due
}

func (d *direction) launch(frame []byte, due time.Time, ev event) {
	var f *flight
	if n := len(d.free); n > 0 {
		f, d.free = d.free[n-1], d.free[:n-1]
	} else {
		f = new(flight)
	}
	d.seq++
	f.frame = append(f.frame[:0], frame...)
	f.due, f.seq, f.ev = due, d.seq, ev
	if ev.faults&faultCorrupted != 0 {
		f.frame[ev.bit/8] ^= 1 << (ev.bit % 8)
	}
	d.bytes += len(frame)
	heap.Push(&d.flying, f)
}

// drainAtOnce bounds what one sender delivers for the others.
const drainAtOnce = 64

// drain delivers what is due, and sees that somebody will deliver the rest. It
// is called with d.mu, which it lets go while it delivers.
func (d *direction) drain() {
	d.draining = true
	for range drainAtOnce {
		if len(d.flying) == 0 || d.flying[0].due.After(time.Now()) {
			break
		}
		f := heap.Pop(&d.flying).(*flight)
		d.mu.Unlock()
		d.arrive(f.frame, f.ev)
		d.mu.Lock()
		d.bytes -= len(f.frame)
		d.free = append(d.free, f)
	}
	d.draining = false
	d.settle()
}

// settle leaves the direction with a timer for its next frame, or without one
// to wait for.
func (d *direction) settle() {
	switch {
	case len(d.flying) == 0:
		d.active.Store(d.imp != Impairment{} || d.closed)
	case d.timer == nil:
		d.timer = time.AfterFunc(time.Until(d.flying[0].due), d.expire)
	default:
		d.timer.Reset(time.Until(d.flying[0].due))
	}
}

func (d *direction) expire() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.draining {
		d.drain()
	}
}

// impair changes what is done to the frames sent from now on.
func (d *direction) impair(imp Impairment) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.imp = imp
	if imp.Rate == 0 {
		d.busyUntil = time.Time{}
	}
	d.active.Store(true)
	if !d.draining {
		d.settle()
	}
}

func (d *direction) impairment() Impairment {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.imp
}

// close drops what is under way and all that comes.
func (d *direction) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	d.closed = true
	d.active.Store(true)
	if d.timer != nil {
		d.timer.Stop()
	}
	for _, f := range d.flying {
		d.count.count(faultUnplugged)
		d.bytes -= len(f.frame)
	}
	d.flying, d.free = nil, nil
}

// A flight is a frame under way.
type flight struct {
	due   time.Time
	seq   uint64
	frame []byte
	ev    event
}

// flights are a heap by the time of arrival.
type flights []*flight

func (f flights) Len() int { return len(f) }
func (f flights) Less(i, j int) bool {
	if f[i].due.Equal(f[j].due) {
		return f[i].seq < f[j].seq
	}
	return f[i].due.Before(f[j].due)
}
func (f flights) Swap(i, j int) { f[i], f[j] = f[j], f[i] }
func (f *flights) Push(x any)   { *f = append(*f, x.(*flight)) }
func (f *flights) Pop() any {
	old := *f
	x := old[len(old)-1]
	old[len(old)-1] = nil
	*f = old[:len(old)-1]
	return x
}
