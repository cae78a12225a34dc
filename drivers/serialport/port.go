//go:build !tinygo

package serialport

import (
	"io"
	"sync"
	"time"

	"go.bug.st/serial"
)

// ringSize bounds what waits to be read. The system's own buffer comes before
// it, and where there is flow control its back-pressure.
const ringSize = 64 << 10

// A Port is an open serial port. Its methods may be called from any goroutine,
// but only one may wait at a time.
type Port struct {
	port serial.Port

	mu     sync.Mutex
	ring   []byte
	start  int   // of what has not been read
	count  int   // bytes
	err    error // why nothing more will come
	closed bool

	room   chan struct{} // there may be room in the ring; room for one element
	wake   chan struct{} // a WaitReadable has something to look at; room for one
	reader chan struct{} // closed when the reader has ended
}

// Open opens the port called name, "/dev/ttyUSB0" or "COM3", with 8 data bits,
// no parity and one stop bit.
func Open(name string, baud int) (*Port, error) {
	if baud <= 0 {
		return nil, &OpenError{Name: name, Baud: baud, Err: errSpeed}
	}
	p, err := serial.Open(name, &serial.Mode{BaudRate: baud})
	if err != nil {
		return nil, &OpenError{Name: name, Baud: baud, Err: err}
	}
	return start(p), nil
}

func start(port serial.Port) *Port {
	p := &Port{
		port:   port,
		ring:   make([]byte, ringSize),
		room:   make(chan struct{}, 1),
		wake:   make(chan struct{}, 1),
		reader: make(chan struct{}),
	}
	go p.fill()
	return p
}

// fill moves what arrives into the ring. While that is full nothing is taken
// from the system.
func (p *Port) fill() {
	defer close(p.reader)
	var b [4096]byte
	for {
		n, err := p.port.Read(b[:])
		for rest := b[:n]; len(rest) > 0; {
			p.mu.Lock()
			took := p.put(rest)
			closed := p.closed
			p.mu.Unlock()
			rest = rest[took:]
			if took > 0 {
				signal(p.wake)
			}
			if closed {
				return
			}
			if len(rest) > 0 {
				<-p.room
			}
		}
		if err != nil {
			p.mu.Lock()
			if p.err == nil {
				p.err = err
			}
			p.mu.Unlock()
			signal(p.wake)
			return
		}
	}
}

// put copies to the ring what it has room for. The lock is held.
func (p *Port) put(b []byte) (n int) {
	for n < len(b) && p.count < len(p.ring) {
		at := (p.start + p.count) % len(p.ring)
		end := min(len(p.ring), at+len(p.ring)-p.count)
		c := copy(p.ring[at:end], b[n:])
		n += c
		p.count += c
	}
	return n
}

// Buffered returns how many bytes Read has at once. After the end it is
// positive, so that Read is called and tells of it.
func (p *Port) Buffered() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.count == 0 && p.err != nil {
		return 1
	}
	return p.count
}

// Read returns what has arrived. It waits for at least one byte, or for the end:
// io.ErrClosedPipe after Close, or what became of the port.
func (p *Port) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	for {
		if n, err := p.take(b); n > 0 || err != nil {
			return n, err
		}
		<-p.wake
	}
}

func (p *Port) take(b []byte) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		signal(p.wake)
		return 0, io.ErrClosedPipe
	}
	for n < len(b) && p.count > 0 {
		c := copy(b[n:], p.ring[p.start:min(len(p.ring), p.start+p.count)])
		n += c
		p.start = (p.start + c) % len(p.ring)
		p.count -= c
	}
	if n > 0 {
		signal(p.room)
		return n, nil
	}
	if p.err != nil {
		signal(p.wake) // for the next one who waits
	}
	return 0, p.err
}

// Write sends all of b. After Close it returns io.ErrClosedPipe.
func (p *Port) Write(b []byte) (n int, err error) {
	for n < len(b) {
		if p.isClosed() {
			return n, io.ErrClosedPipe // the system's number may be another file's by now
		}
		m, err := p.port.Write(b[n:])
		n += m
		if err != nil {
			return n, err
		}
		if m == 0 {
			return n, io.ErrShortWrite
		}
	}
	return n, nil
}

func (p *Port) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

// WaitReadable returns when Buffered may be positive, or when d has passed; a
// negative d is without end. It may return for nothing.
func (p *Port) WaitReadable(d time.Duration) {
	if p.Buffered() > 0 {
		return
	}
	if d < 0 {
		<-p.wake
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-p.wake:
	case <-t.C:
	}
}

// Interrupt ends the WaitReadable that is under way, or else the next one.
func (p *Port) Interrupt() { signal(p.wake) }

// Close closes the port and ends what waits for it.
func (p *Port) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return io.ErrClosedPipe
	}
	p.closed = true
	p.err = io.ErrClosedPipe
	p.mu.Unlock()
	err := p.port.Close()
	signal(p.room)
	<-p.reader
	signal(p.wake)
	return err
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
