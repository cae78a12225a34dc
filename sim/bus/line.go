package bus

import (
	"io"
	"sync"
	"time"
)

const (
	bitsPerByte = 10 // start bit, eight bits, stop bit

	// fifo is how many bytes may be left to send when a Write returns.
	fifo = 64

	// gather is how many bytes a waiting reader sleeps for at most, as the trigger
	// level of a UART's FIFO has it: no timer for each byte.
	gather = 16
)

// A line is one direction of a UART. Time alone moves what is on its way, so it
// needs no goroutine: whoever looks at the line first lets arrive what would have
// arrived by then.
type line struct {
	baud   int64
	ring   int
	turn   chan struct{} // holds the token of who is in Write
	news   chan struct{} // to a waiting reader: something was sent
	room   chan struct{} // to a waiting writer: look again
	closed chan struct{} // shared by both lines
	over   *time.Timer   // of who has the turn

	mu        sync.Mutex
	unpowered struct{ sender, receiver bool }
	cut       int   // how often the sender lost its power
	arrived   queue // at the receiver
	flight    queue // on the way
	run       run   // of flight
	injector  Injector
	seen      int64 // bytes that injector has judged
	counts    counts
}

type counts struct{ writes, sent, arrived, overflowed int64 }

// A run is bytes that follow each other without a gap. Where n is 0 there is
// none.
type run struct {
	begin   time.Time // of the first byte's start bit
	n, done int       // done of n have arrived
}

func newLine(baud, ring int, closed chan struct{}) *line {
	return &line{
		baud: int64(baud), ring: ring, closed: closed,
		turn: make(chan struct{}, 1), news: make(chan struct{}, 1), room: make(chan struct{}, 1),
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// after returns how long n bytes take.
func (l *line) after(n int) time.Duration {
	ns := int64(n) * bitsPerByte * int64(time.Second)
	return time.Duration((ns + l.baud - 1) / l.baud)
}

// settle lets arrive what would have by now.
func (l *line) settle() {
	r := &l.run
	if r.n == 0 {
		return
	}
	due := r.n
	if elapsed := time.Since(r.begin); elapsed < l.after(r.n) {
		due = int(int64(elapsed) * l.baud / (bitsPerByte * int64(time.Second)))
	}
	for ; r.done < due; r.done++ {
		l.arrive(l.flight.pop())
	}
	if r.done == r.n {
		*r = run{}
		return
	}
	// The figures stay small however long a run is.
	for r.done >= int(l.baud) {
		r.begin = r.begin.Add(bitsPerByte * time.Second)
		r.n -= int(l.baud)
		r.done -= int(l.baud)
	}
}

// arrive is the other end of the wire.
func (l *line) arrive(b byte) {
	if l.injector == nil {
		l.receive(b)
		return
	}
	i := l.seen
	l.seen++
	for _, b := range l.injector(i, b) {
		l.receive(b)
	}
}

func (l *line) receive(b byte) {
	l.counts.arrived++
	if l.baud > 0 && l.arrived.len() >= l.ring {
		l.counts.overflowed++
		return
	}
	l.arrived.push(b)
}

func (l *line) read(b []byte) (n int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settle()
	n = l.arrived.read(b)
	if n > 0 {
		signal(l.room)
	} else if l.isClosed() && len(b) > 0 {
		err = io.EOF
	}
	return n, err
}

func (l *line) buffered() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settle()
	return l.arrived.len()
}

// arrival reports whether a reader need not wait, and if so how long it has to:
// negative where nothing is on the way.
func (l *line) arrival() (readable bool, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settle()
	if l.arrived.len() > 0 || l.isClosed() {
		return true, 0
	}
	r := l.run
	if r.n == 0 {
		return false, -1
	}
	most := min(gather, max(1, l.ring/2))
	return false, max(0, time.Until(r.begin.Add(l.after(min(r.n, r.done+most)))))
}

func (l *line) write(b []byte) (int, error) {
	select {
	case l.turn <- struct{}{}:
	case <-l.closed:
		return 0, io.ErrClosedPipe
	}
	defer func() { <-l.turn }()
	l.mu.Lock()
	l.counts.writes++
	cut := l.cut
	l.mu.Unlock()
	if l.baud > 0 {
		return l.transmit(b, cut)
	}
	for n := 0; ; {
		moved, err := l.hand(b[n:], cut)
		n += moved
		if err != nil || n == len(b) {
			return n, err
		}
		select {
		case <-l.room:
		case <-l.closed:
		}
	}
}

// hand gives the receiver at once what its ring has room for.
func (l *line) hand(b []byte, cut int) (n int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isClosed() || l.unpowered.sender || l.cut != cut {
		return 0, io.ErrClosedPipe
	}
	if l.unpowered.receiver {
		l.counts.sent += int64(len(b))
		return len(b), nil
	}
	for n < len(b) && l.arrived.len() < l.ring {
		if l.injector == nil {
			k := min(len(b)-n, l.ring-l.arrived.len())
			l.arrived.append(b[n : n+k])
			l.counts.arrived += int64(k)
			n += k
			continue
		}
		l.arrive(b[n])
		n++
	}
	l.counts.sent += int64(n)
	if l.arrived.len() > 0 {
		signal(l.news)
	}
	return n, nil
}

// transmit puts b on the wire behind what is there.
func (l *line) transmit(b []byte, cut int) (int, error) {
	l.mu.Lock()
	if l.isClosed() || l.unpowered.sender {
		l.mu.Unlock()
		return 0, io.ErrClosedPipe
	}
	l.settle()
	begin := time.Now()
	if l.run.n > 0 {
		begin = l.run.begin.Add(l.after(l.run.n))
	}
	l.counts.sent += int64(len(b))
	if !l.unpowered.receiver && len(b) > 0 {
		l.flight.append(b)
		if l.run.n == 0 {
			l.run.begin = begin
		}
		l.run.n += len(b)
		signal(l.news)
	}
	l.mu.Unlock()

	wait := time.Until(begin.Add(l.after(len(b)))) - l.after(fifo)
	if wait <= 0 {
		return len(b), nil
	}
	if l.over == nil {
		l.over = time.NewTimer(wait)
	} else {
		l.over.Reset(wait)
	}
	defer l.over.Stop()
	for {
		select {
		case <-l.over.C:
			return len(b), nil
		case <-l.room: // also of a reader: then there is nothing to see
		case <-l.closed:
		}
		l.mu.Lock()
		broken := l.isClosed() || l.cut != cut
		l.mu.Unlock()
		if broken {
			return 0, io.ErrClosedPipe
		}
	}
}

func (l *line) inject(f Injector) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settle()
	l.injector, l.seen = f, 0
}

func (l *line) sender(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unpowered.sender = !on
	if !on {
		l.settle()
		l.cut++
		l.flight, l.run = queue{}, run{}
		signal(l.room)
	}
}

func (l *line) receiver(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unpowered.receiver = !on
	if !on {
		l.arrived, l.flight, l.run = queue{}, queue{}, run{}
		signal(l.room)
	}
}

func (l *line) count() counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settle()
	return l.counts
}

func (l *line) isClosed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}
