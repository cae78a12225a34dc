package ether

import (
	"sync"
	"time"
)

// A queue holds a device's received frames, each in a slot that is allocated at
// its first use and kept. Any number of goroutines push, one reads.
type queue struct {
	ready chan struct{} // holds a token when frames may wait
	room  chan struct{} // holds a token when a slot may have come free for one that waits
	done  chan struct{} // closed by close

	mu      sync.Mutex
	pump    func() // reads in a goroutine of its own, from the first frame until there are no more for a while; nil for none
	pumping bool
	slots   [][]byte
	head, n int
	reading bool // the first slots are with the reader, or a frame that was in none
	waiting int  // pushes that wait for room
	closed  bool
	timers  []*time.Timer // stopped, for the next that wait
}

func newQueue(frames int) *queue {
	return &queue{
		ready: make(chan struct{}, 1),
		room:  make(chan struct{}, 1),
		done:  make(chan struct{}),
		slots: make([][]byte, frames),
	}
}

// push copies frame to the end, waiting up to pause for room. It returns what
// the frame was dropped for, if it was. seen records the frame, before the
// reader can answer it.
func (q *queue) push(frame []byte, pause time.Duration, seen *tap, ev event) fault {
	q.mu.Lock()
	defer q.mu.Unlock()
	drop := q.put(frame, seen, ev)
	if drop != faultReceiveFull || pause == 0 {
		return drop
	}
	t := q.startTimer(pause)
	q.waiting++
	for expired := false; drop == faultReceiveFull && !expired; {
		q.mu.Unlock()
		select {
		case <-q.room:
		case <-q.done:
		case <-t.C:
			expired = true
		}
		q.mu.Lock()
		drop = q.put(frame, seen, ev)
	}
	q.waiting--
	q.offerRoom()
	t.Stop()
	q.timers = append(q.timers, t)
	return drop
}

func (q *queue) put(frame []byte, seen *tap, ev event) fault {
	if q.closed {
		return faultUnplugged
	}
	if q.n == len(q.slots) {
		return faultReceiveFull
	}
	i := (q.head + q.n) % len(q.slots)
	if cap(q.slots[i]) < len(frame) {
		q.slots[i] = make([]byte, 0, max(len(frame), DefaultMTU+headerLen))
	}
	q.slots[i] = append(q.slots[i][:0], frame...)
	q.n++
	seen.record(frame, ev)
	if q.n == 1 && !q.reading { // release announces the others
		q.announce()
	}
	return 0
}

func (q *queue) startTimer(d time.Duration) *time.Timer {
	if n := len(q.timers); n > 0 {
		t := q.timers[n-1]
		q.timers = q.timers[:n-1]
		t.Reset(d)
		return t
	}
	return time.NewTimer(d)
}

// offerRoom passes the token on: one may have come for several slots.
func (q *queue) offerRoom() {
	if q.waiting > 0 && q.n < len(q.slots) {
		signal(q.room)
	}
}

// take hands the reader up to most of the frames; they are its own until
// release. It returns their number, and 0 while others are out.
func (q *queue) take(most int) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.reading || q.closed {
		return 0
	}
	n := min(q.n, most)
	q.reading = n > 0
	return n
}

// occupy makes the caller the reader of a frame that it holds itself, until
// release, where no other waits and nobody reads.
func (q *queue) occupy() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.reading || q.n > 0 || q.closed {
		return false
	}
	q.reading = true
	return true
}

// taken is the i-th frame that take handed out.
func (q *queue) taken(i int) []byte { return q.slots[(q.head+i)%len(q.slots)] }

// release gives the slots of the first n taken frames back, and leaves the
// others as not taken, for whoever was told meanwhile that there is none.
func (q *queue) release(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.reading = false
	q.head = (q.head + n) % len(q.slots)
	q.n -= n
	if q.n > 0 {
		q.announce()
	} else {
		q.head = 0 // where the memory is there already, and warm
	}
	q.offerRoom()
}

// announce tells whoever reads that frames wait.
func (q *queue) announce() {
	if q.pump == nil || q.pumping {
		signal(q.ready)
		return
	}
	q.pumping = true
	go q.pump()
}

// read has f read the frames from now on, those that wait included; with nil
// they are for whoever waits for ready.
func (q *queue) read(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pump = f
	switch {
	case f == nil:
		signal(q.ready) // ends the pump
	case q.n > 0 && !q.closed:
		q.announce()
	}
}

// rest reports whether the pump is to end: where nobody wants it, and where it has
// been idle and there is nothing to read. It is begun again with the next frame.
func (q *queue) rest(idle bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.pump != nil && !q.closed && (!idle || q.n > 0) {
		return false
	}
	q.pumping = false
	if q.n > 0 {
		signal(q.ready) // for EthPoll, whose token the pump may have taken
	}
	return true
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed {
		q.closed = true
		close(q.done)
	}
}

func (q *queue) isClosed() bool {
	select {
	case <-q.done:
		return true
	default:
		return false
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
