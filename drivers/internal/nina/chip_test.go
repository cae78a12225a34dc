package nina_test

import (
	"sync"
	"time"

	"github.com/netdev-go/netdev/drivers/internal/nina"
)

// A fakeChip is the SPI side of the firmware: it takes a command, then gives a
// reply, and knows from nothing but their order which is which.
type fakeChip struct {
	mu       sync.Mutex
	handle   func(cmd []byte) []byte // the reply, in whole words
	took     func(cmd []byte) time.Duration
	toChip   func(i int, b byte) []byte // what arrives of the i-th byte; nil is all of it
	fromChip func(i int, b byte) []byte
	onReady  func()

	selected bool
	ready    bool
	deaf     bool // READY does not answer to chip select
	dead     bool // for good, but for a reset
	broken   bool // even then
	gpio0    bool
	inReset  bool

	in, out      []byte // of the transfer, from the master and to it
	reply        []byte // what is queued; nil is that a command is expected
	sent, recved int    // bytes so far
	commands     [][]byte
	resets       int
	abuse        []string
}

func newChip(handle func(cmd []byte) []byte) *fakeChip {
	return &fakeChip{handle: handle, ready: true}
}

// config is of a port with a chip that is up.
func (c *fakeChip) config() nina.Config {
	return nina.Config{SPI: c, CS: c.cs, Ready: c.level, Reset: c.reset, GPIO0: c.strap, Timeout: 100 * time.Millisecond}
}

func (c *fakeChip) level() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.ready || c.inReset || c.dead
}

func (c *fakeChip) strap(drive bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gpio0 = drive
}

func (c *fakeChip) reset(high bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if high && c.inReset {
		if c.selected {
			c.abuse = append(c.abuse, "selected over reset")
		}
		if !c.gpio0 {
			c.abuse = append(c.abuse, "GPIO0 is not high over reset")
		}
		c.resets++
		c.dead, c.reply, c.ready = c.broken, nil, false
		time.AfterFunc(20*time.Millisecond, c.setReady)
	}
	c.inReset = !high
}

func (c *fakeChip) setReady() {
	c.mu.Lock()
	c.ready = true
	f := c.onReady
	c.mu.Unlock()
	if f != nil {
		f()
	}
}

func (c *fakeChip) cs(high bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if high == !c.selected {
		return
	}
	c.selected = !high
	if !high {
		if !c.ready {
			c.abuse = append(c.abuse, "selected while busy")
		}
		c.ready = c.deaf
		c.in, c.out = nil, c.reply
		return
	}
	if len(c.in) == 0 && c.reply == nil {
		c.ready = true
		return
	}
	if c.reply != nil {
		c.reply, c.ready = nil, true
		return
	}
	c.commands = append(c.commands, c.in)
	c.reply = c.handle(append(c.in, make([]byte, nina.MaxFrame)...))
	if c.reply == nil {
		c.reply = []byte{0xEF, 0, 0xEE, 0}
	}
	if c.took == nil {
		c.ready = true
	} else if d := c.took(c.in); d < 0 {
		c.dead = true
	} else {
		time.AfterFunc(d, c.setReady)
	}
}

func (c *fakeChip) Tx(w, r []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := max(len(w), len(r))
	for i := 0; i < n; i++ {
		var b byte
		if w != nil {
			b = w[i]
		}
		arrives := []byte{b}
		if c.toChip != nil {
			arrives = c.toChip(c.recved, b)
		}
		c.recved++
		c.in = append(c.in, arrives...)
		b = 0x5A // what MISO does when nothing is queued
		if len(c.out) > 0 {
			b, c.out = c.out[0], c.out[1:]
			if c.fromChip != nil {
				switch f := c.fromChip(c.sent, b); len(f) {
				case 0:
					b = 0x5A
					if len(c.out) > 0 {
						b, c.out = c.out[0], c.out[1:]
					}
				default:
					b = f[0]
					c.out = append(f[1:len(f):len(f)], c.out...)
				}
			}
			c.sent++
		}
		if r != nil {
			r[i] = b
		}
	}
	return nil
}

// frame makes a frame of a reply with narrow lengths.
func frame(cmd byte, params ...[]byte) []byte {
	b := []byte{0xE0, cmd | 0x80, byte(len(params))}
	for _, p := range params {
		b = append(append(b, byte(len(p))), p...)
	}
	return padded(append(b, 0xEE))
}

// wide makes one of a reply with wide lengths.
func wide(cmd byte, params ...[]byte) []byte {
	b := []byte{0xE0, cmd | 0x80, byte(len(params))}
	for _, p := range params {
		b = append(append(b, byte(len(p)>>8), byte(len(p))), p...)
	}
	return padded(append(b, 0xEE))
}

func padded(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}
