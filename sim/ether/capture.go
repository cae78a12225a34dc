package ether

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// ErrCaptureOverrun is part of what Close returns of a capture whose file was
// written slower than the network ran.
var ErrCaptureOverrun = errors.New("ether: packets missing in the capture")

// captureBuffer is how many bytes of records wait for the file. As many again
// are being written.
const captureBuffer = 4 << 20

// A Capture writes packets to a pcapng file. A port copies its frames into a
// bounded buffer, which the capture's own goroutine writes; the network never
// waits for the file. What finds no room is missing in it, and counted in the
// statistics at its end. The file is flushed whenever the buffer is empty.
type Capture struct {
	out    io.Writer
	file   io.Closer // nil when out is another's
	wake   chan struct{}
	ended  chan struct{}
	result error // of the writer, once ended is closed

	mu         sync.Mutex
	interfaces []captured
	buf        []byte
	closed     bool
}

// captured is an interface in a capture.
type captured struct {
	name              string
	received, missing uint64
}

// NewCapture returns a capture that is written to w. A capture of no port
// writes nothing at all.
func NewCapture(w io.Writer) *Capture {
	c := &Capture{out: w, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	go c.run()
	return c
}

// CreateCapture returns a capture that is written to a new file.
func CreateCapture(name string) (*Capture, error) {
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	c := NewCapture(f)
	c.file = f
	return c, nil
}

// addInterface returns the number of a new interface.
func (c *Capture) addInterface(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0 // where nothing is recorded any more
	}
	c.interfaces = append(c.interfaces, captured{name: name})
	signal(c.wake)
	return len(c.interfaces) - 1
}

// A tap records one direction of one port. A nil tap records nothing.
type tap struct {
	capture  *Capture
	id       int
	outbound bool
}

// recordHeader is the length of what stands before each frame in the buffer:
// time, interface, faults, flipped bit, length and direction.
const recordHeader = 8 + 4 + 2 + 4 + 4 + 1

func (t *tap) record(frame []byte, ev event) {
	if t == nil {
		return
	}
	c := t.capture
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	i := &c.interfaces[t.id]
	i.received++
	if len(c.buf)+recordHeader+len(frame) > captureBuffer {
		i.missing++
		return
	}
	b := binary.LittleEndian.AppendUint64(c.buf, uint64(time.Now().UnixNano()))
	b = binary.LittleEndian.AppendUint32(b, uint32(t.id))
	b = binary.LittleEndian.AppendUint16(b, uint16(ev.faults))
	b = binary.LittleEndian.AppendUint32(b, ev.bit)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(frame)))
	out := byte(0)
	if t.outbound {
		out = 1
	}
	c.buf = append(append(b, out), frame...)
	signal(c.wake)
}

// run writes until Close, and on after an error, so that Close tells of it.
func (c *Capture) run() {
	defer close(c.ended)
	w := captureWriter{out: c.out}
	var spare []byte
	for {
		<-c.wake
		c.mu.Lock()
		full, interfaces, closed := c.buf, c.interfaces, c.closed
		c.buf = spare
		c.mu.Unlock()
		w.addInterfaces(interfaces)
		w.write(full)
		if closed {
			break
		}
		w.flush()
		spare = full[:0]
	}
	w.finish(c.interfaces, time.Now())
	c.result = w.err
}

// Close ends the capture, waits until all of it is written, and returns the
// first error of writing, or ErrCaptureOverrun with the number of missing
// packets. The ports may go on; they record nothing any more. Closing again does
// nothing.
func (c *Capture) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		<-c.ended
		return nil
	}
	c.closed = true
	signal(c.wake)
	c.mu.Unlock()
	<-c.ended
	var missing uint64
	for _, i := range c.interfaces {
		missing += i.missing
	}
	err := c.result
	if missing > 0 {
		err = errors.Join(err, fmt.Errorf("%w: %d", ErrCaptureOverrun, missing))
	}
	if c.file != nil {
		err = errors.Join(err, c.file.Close())
	}
	return err
}
