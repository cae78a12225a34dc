package ether

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netdev-go/netdev/netlink"
)

var _ netlink.FrameDevice = (*Device)(nil)

// Device is a simulated network card: one end of a Cable, on a Switch, or the
// local end of a socket. All its methods are safe from any goroutine.
//
// SendOffsetEthFrame runs the switch in the caller's goroutine and ends when
// the frame is copied into the queue of each receiver, or into the delay line
// of an impairment. It calls the handlers of receivers that are Direct, and no
// others. Those are called by a goroutine of the receiver's device, one frame
// after the other, which lasts until none has come for a while.
type Device struct {
	link
	mac    [6]byte
	max    int
	config Config
	in     *queue
	takes  atomic.Int64 // how long a frame the handler takes that was not cut

	handler atomic.Pointer[func([]byte)]
	batches atomic.Pointer[func([][]byte)]
	room    [][]byte // for a batch, of who reads
	pumped  func()   // pump, made once

	mu       sync.Mutex // of SetEthRecvHandler
	close    sync.Once
	onClose  func() error // nil when there is no more to do
	closeErr error
}

func newDevice(c Config) *Device {
	d := &Device{link: link{name: c.Name}, mac: c.MAC, max: c.MTU + headerLen, config: c, in: newQueue(c.Queue)}
	d.pumped = d.pump
	return d
}

// receive is the deliver of the direction to the device.
func (d *Device) receive(frame []byte, seen *tap, ev event) fault {
	if len(frame) > d.max {
		return faultTooLong
	}
	return d.accept(frame, seen, ev)
}

// accept calls the handler with a frame, where Direct is set and the way is free, or
// else puts it into the queue.
func (d *Device) accept(frame []byte, seen *tap, ev event) fault {
	if d.config.Direct {
		if h := d.handler.Load(); h != nil && d.in.occupy() {
			seen.record(frame, ev)
			(*h)(frame)
			d.in.release(0)
			return 0
		}
	}
	return d.in.push(frame, d.config.Pause, seen, ev)
}

// HardwareAddr6 returns the device's MAC address.
func (d *Device) HardwareAddr6() ([6]byte, error) { return d.mac, nil }

// MaxFrameSizeAndOffset returns the MTU and the header; the device needs no
// room before a frame.
func (d *Device) MaxFrameSizeAndOffset() (max, off int) { return d.max, 0 }

// SendOffsetEthFrame sends a frame. A frame that the network drops is no error;
// Stats tell of it. The slice is the caller's again when the call returns,
// which waits only where a receiver has a Pause.
func (d *Device) SendOffsetEthFrame(frame []byte) error {
	switch {
	case d.in.isClosed():
		return net.ErrClosed
	case len(frame) < headerLen:
		return ErrFrameTooShort
	case len(frame) > d.max:
		return ErrFrameTooLong
	}
	d.tx.send(frame)
	return nil
}

// SetEthRecvHandler has handler called with each frame, those that wait
// included; nil stops. The slice is the device's. The handler may call any
// method of the device. Beware of a handler that sends to a device with a
// Pause whose handler sends back: each waits for the other until the pause is
// over. A call under way goes on when SetEthRecvHandler or Close returns.
func (d *Device) SetEthRecvHandler(handler func(frame []byte)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if handler == nil {
		d.handler.Store(nil)
		d.in.read(nil)
		return
	}
	d.handler.Store(&handler)
	d.in.read(d.pumped)
}

// batch is how many frames the pump takes from the queue at once.
const batch = 32

// linger, or up to twice that, is how long the pump waits for frames before it
// ends: long enough that a conversation keeps its goroutine, and short enough
// that a network at rest soon has none, so that who looks for goroutines left
// behind sees their own.
const linger = 20 * time.Millisecond

func (d *Device) pump() {
	tick := time.NewTimer(linger)
	defer tick.Stop()
	for quiet := 0; !d.in.rest(quiet > 1); { // ticks without a frame
		for n := d.in.take(batch); n > 0; n = d.in.take(batch) {
			quiet = 0
			seen := d.handle(n)
			d.in.release(seen)
			if seen < n {
				break
			}
		}
		select {
		case <-d.in.ready:
		case <-d.in.done:
		case <-tick.C:
			tick.Reset(linger)
			quiet++
		}
	}
}

// handle calls the handler with n frames, and returns how many it has seen.
func (d *Device) handle(n int) int {
	for i := d.handleAll(n); i < n; i++ {
		h := d.handler.Load()
		if h == nil || d.in.isClosed() {
			return i
		}
		(*h)(d.in.taken(i))
	}
	return n
}

// EthPoll copies the frame that has waited longest to the front of buf. Without
// one, with a handler set, and with an empty buf, n is 0. A frame longer than
// buf is dropped and io.ErrShortBuffer returned. After Close it returns
// net.ErrClosed.
func (d *Device) EthPoll(buf []byte) (off, n int, err error) {
	if d.in.isClosed() {
		return 0, 0, net.ErrClosed
	}
	if len(buf) == 0 || d.handler.Load() != nil || d.in.take(1) == 0 {
		return 0, 0, nil
	}
	defer d.in.release(1)
	frame := d.in.taken(0)
	if len(frame) > len(buf) {
		return 0, 0, io.ErrShortBuffer
	}
	return 0, copy(buf, frame), nil
}

// Readable returns a channel to wait on after EthPoll had no frame: it has a
// token when there may be one again. With a handler set it is of no use.
func (d *Device) Readable() <-chan struct{} { return d.in.ready }

// Done returns a channel that Close closes.
func (d *Device) Done() <-chan struct{} { return d.in.done }

// Close takes the device off the network. Frames that wait or are under way to
// it are lost; what it sent before still arrives. Senders that wait for it go
// on. The error is that of the socket, if the device has one and it failed.
// Closing again returns the same.
func (d *Device) Close() error {
	d.close.Do(func() {
		d.in.close()
		d.rx.close()
		if d.onClose != nil {
			d.closeErr = d.onClose()
		}
	})
	return d.closeErr
}
