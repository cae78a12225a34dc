package w5500

import (
	"sync"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
	"github.com/netdev-go/netdev/netlink"
)

// Frames is a W5500 that moves Ethernet frames: socket 0 in MACRAW mode, with all
// of the chip's memory. Its methods may be called from any goroutine.
type Frames struct {
	config Config
	pumped chan struct{} // has room for one: who calls the handler
	stop   chan struct{}
	once   sync.Once

	mu      sync.Mutex // the bus
	chip    *chip
	ready   bool
	stopped bool
	handler func([]byte)
	in      [maxFrame]byte // pumped's
}

var _ netlink.FrameDevice = (*Frames)(nil)

const (
	maxFrame  = 1514
	minFrame  = 14
	rawHeader = 2 // a length, its own two bytes included
)

// NewFrames returns a frame device. Nothing goes over the bus before there is a
// frame, a handler, or an EthPoll. Of config the bus, the pins, MAC, Verify and Timeout
// count. With OnInterrupt frames come to the handler by themselves; without it
// EthPoll(nil) has to be called, as a stack does with its Config.Poll.
func NewFrames(config *Config) *Frames {
	c := *config
	c.RxKB, c.TxKB = [sockets]uint8{16}, [sockets]uint8{16}
	f := &Frames{config: c.withDefaults(), pumped: make(chan struct{}, 1), stop: make(chan struct{})}
	if !f.config.check() {
		panic("w5500: the configuration is impossible: see Config")
	}
	f.chip = newChip(&f.config)
	f.chip.listenToPin()
	return f
}

// HardwareAddr6 returns the MAC address that the chip is given.
func (f *Frames) HardwareAddr6() ([6]byte, error) { return f.config.MAC, nil }

// MaxFrameSizeAndOffset returns 1514 and no room.
func (f *Frames) MaxFrameSizeAndOffset() (max, off int) { return maxFrame, 0 }

// start sets the chip up where that has not been done.
func (f *Frames) start() error {
	if f.stopped {
		return netdev.ErrNetDown
	}
	if f.ready {
		return nil
	}
	c := f.chip
	if err := c.boot(); err != nil {
		return err
	}
	c.ends[0] = end{kind: offload.Datagram, used: true}
	s := &c.socks[0]
	s.owner = 0
	if err := c.open(s, modeMACRAW|modeMULTI, 0); err != nil {
		return err
	}
	f.ready = true
	return nil
}

// failed has the chip set up anew before it is used again. What was in it is lost,
// as frames are.
func (f *Frames) failed(err error) error {
	if err == errBus {
		f.ready = false
	}
	return err
}

// SendOffsetEthFrame sends a frame, after the one before it has gone out.
func (f *Frames) SendOffsetEthFrame(frame []byte) error {
	if len(frame) < minFrame || len(frame) > maxFrame {
		return netdev.ErrMessageTooLong
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.start(); err != nil {
		return err
	}
	c := f.chip
	s := &c.socks[0]
	for p := (pause{}); s.sending; {
		if err := c.look(s); err != nil {
			return f.failed(err)
		}
		if s.sending && !p.more(f.config.Timeout) {
			return f.failed(errBus)
		}
	}
	return f.failed(c.transmit(s, frame, cmdSEND))
}

// SetEthRecvHandler sets where frames arrive. The handler may send.
func (f *Frames) SetEthRecvHandler(handler func(frame []byte)) {
	f.mu.Lock()
	f.handler = handler
	f.mu.Unlock()
	if handler != nil && f.chip.announces() {
		f.once.Do(func() { go f.serve() })
		select {
		case f.chip.fell <- struct{}{}: // what came while there was none
		default:
		}
	}
}

// serve pumps when INTn falls.
func (f *Frames) serve() {
	for {
		if f.pump() != nil {
			f.pump() // the chip was set up anew
		}
		select {
		case <-f.chip.fell:
		case <-f.stop:
			return
		}
	}
}

// EthPoll passes on what has come, to the handler if there is one.
func (f *Frames) EthPoll(buf []byte) (off, n int, err error) {
	f.mu.Lock()
	handled := f.handler != nil
	f.mu.Unlock()
	if handled {
		return 0, 0, f.pump()
	}
	n, err = f.recv(buf)
	return 0, n, err
}

// pump calls the handler until there is no frame, or no handler any more. One goroutine does that at a
// time; what another one is told of, that one finds.
func (f *Frames) pump() error {
	select {
	case f.pumped <- struct{}{}:
	default:
		return nil
	}
	defer func() { <-f.pumped }()
	for {
		f.mu.Lock()
		h := f.handler
		f.mu.Unlock()
		if h == nil {
			return nil
		}
		n, err := f.recv(f.in[:])
		if n == 0 || err != nil {
			return err
		}
		h(f.in[:n])
	}
}

// recv takes one frame from the chip.
func (f *Frames) recv(buf []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(buf) == 0 {
		return 0, nil
	}
	if err := f.start(); err != nil {
		return 0, err
	}
	c := f.chip
	s := &c.socks[0]
	if s.waiting == 0 {
		if err := c.interrupts(); err != nil {
			return 0, f.failed(err)
		}
		if c.news == 0 {
			return 0, nil
		}
		if err := c.look(s); err != nil {
			return 0, f.failed(err)
		}
	}
	if s.waiting < rawHeader {
		return 0, nil
	}
	n, err := f.take(s, buf)
	return n, f.failed(err)
}

// take reads a frame, whose rest is dropped where buf has no room.
func (f *Frames) take(s *socket, buf []byte) (int, error) {
	c := f.chip
	h := c.head[:rawHeader]
	if err := c.read(rxBuffer(0), s.rd, h); err != nil {
		return 0, err
	}
	all := be16(h)
	if all > s.waiting {
		if err := c.look(s); err != nil {
			return 0, err
		}
	}
	if all < rawHeader+minFrame || all > s.waiting {
		return 0, errBus
	}
	buf = buf[:min(len(buf), int(all)-rawHeader)]
	if err := c.read(rxBuffer(0), s.rd+rawHeader, buf); err != nil {
		return 0, err
	}
	return len(buf), c.consume(s, all)
}

// Stop closes the chip's socket. Nothing is sent or received any more.
func (f *Frames) Stop() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped {
		return nil
	}
	f.stopped = true
	close(f.stop)
	if !f.ready {
		return nil
	}
	return f.chip.close(&f.chip.socks[0])
}
