package bus

import (
	"io"
	"sync"
	"time"
)

// DefaultRing is the size of a receive ring where a Config has none.
const DefaultRing = 64 << 10

// Config describes a UART.
type Config struct {
	// Baud is the speed in bits per second; a byte takes ten of them (8N1). Zero
	// has bytes arrive at once.
	Baud int

	// Ring is how many received bytes wait to be read at the microcontroller; zero
	// is DefaultRing. With a Baud, what arrives when the ring is full is lost.
	// Without one, Write waits for room.
	Ring int

	// ChipRing is the same at the chip; zero is Ring.
	ChipRing int
}

// UART returns the two ends of one.
func UART(c Config) (mcu, chip *Port) {
	if c.Ring <= 0 {
		c.Ring = DefaultRing
	}
	if c.ChipRing <= 0 {
		c.ChipRing = c.Ring
	}
	closed := make(chan struct{})
	end := sync.OnceFunc(func() { close(closed) })
	a, b := newLine(c.Baud, c.Ring, closed), newLine(c.Baud, c.ChipRing, closed)
	return newPort(a, b, end), newPort(b, a, end)
}

// A Port is one end of a UART. Its methods may be called from any goroutine, but
// only one at a time may be in WaitReadable.
type Port struct {
	in, out     *line
	interrupted chan struct{}
	timers      chan *time.Timer // one that nobody waits with
	end         func()
}

func newPort(in, out *line, end func()) *Port {
	return &Port{in: in, out: out, end: end, interrupted: make(chan struct{}, 1), timers: make(chan *time.Timer, 1)}
}

// Read returns at once what has arrived: 0 bytes and no error where there is
// nothing, as machine.UART does. After Close and the last byte it is io.EOF.
func (p *Port) Read(b []byte) (int, error) { return p.in.read(b) }

// Buffered returns how many bytes Read has ready.
func (p *Port) Buffered() int { return p.in.buffered() }

// Write sends b, and returns when all but the last few bytes, a transmitter's
// FIFO, have left. What several goroutines write does not mix. After Close, or
// when the port loses its power, it is io.ErrClosedPipe.
func (p *Port) Write(b []byte) (int, error) { return p.out.write(b) }

// WaitReadable returns when Read may have something, Interrupt was called, the
// port is closed or d is over; a negative d is without end. It may return
// without any of these.
func (p *Port) WaitReadable(d time.Duration) {
	var end time.Time
	if d >= 0 {
		end = time.Now().Add(d)
	}
	for {
		readable, wait := p.in.arrival()
		if readable {
			return
		}
		if d >= 0 {
			left := time.Until(end)
			if left <= 0 {
				return
			}
			if wait < 0 || wait > left {
				wait = left
			}
		}
		if p.sleep(wait) {
			return
		}
	}
}

// sleep waits until something is new on the line or the time is over; negative
// is without end. It reports whether Interrupt ended it.
func (p *Port) sleep(d time.Duration) (interrupted bool) {
	var over <-chan time.Time
	if d >= 0 {
		t := p.timer(d)
		defer p.keep(t)
		over = t.C
	}
	select {
	case <-p.in.news:
	case <-p.in.closed:
	case <-over:
	case <-p.interrupted:
		return true
	}
	return false
}

func (p *Port) timer(d time.Duration) *time.Timer {
	select {
	case t := <-p.timers:
		t.Reset(d)
		return t
	default:
		return time.NewTimer(d)
	}
}

func (p *Port) keep(t *time.Timer) {
	t.Stop()
	select {
	case p.timers <- t:
	default:
	}
}

// Interrupt ends the WaitReadable that is under way, or else the next one.
func (p *Port) Interrupt() { signal(p.interrupted) }

// Inject has f decide what arrives at this port for each byte that the other end
// sends, counted from 0 from now on. Nil stops that.
func (p *Port) Inject(f Injector) { p.in.inject(f) }

// Power switches this end on or off. Without power it forgets what it has
// received and what has not yet left, takes in nothing, and sends nothing. Both
// ends begin with power.
func (p *Port) Power(on bool) {
	p.in.receiver(on)
	p.out.sender(on)
}

// Overflowed returns how many bytes this port has lost to a full ring.
func (p *Port) Overflowed() int64 { return p.in.count().overflowed }

// Counters count bytes since the port was made.
type Counters struct {
	Writes     int64 // calls of Write
	Sent       int64 // bytes given to Write
	Received   int64 // bytes that have arrived, lost ones included
	Overflowed int64 // those of them that found the ring full
}

// Counters returns the port's.
func (p *Port) Counters() Counters {
	in, out := p.in.count(), p.out.count()
	return Counters{Writes: out.writes, Sent: out.sent, Received: in.arrived, Overflowed: in.overflowed}
}

// Close ends both directions, at both ends.
func (p *Port) Close() error {
	p.end()
	return nil
}

var _ io.ReadWriteCloser = (*Port)(nil)
