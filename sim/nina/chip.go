package nina

import (
	"errors"
	"sync"
	"time"
)

// A Chip is a NINA-W102. Its methods may be called from any goroutine, those of
// the bus and the pins as a microcontroller would: one at a time.
type Chip struct {
	config Config

	mu      sync.Mutex
	stats   Stats
	enabled bool // RESETN is high
	cs      bool // level of CS
	gpio0   bool // level at which the microcontroller has GPIO0
	data    bool // level at which the firmware has GPIO0
	ready   bool // level of READY

	onReady, onData func()
	slave           slave
	silent          time.Time // the firmware does nothing until then

	run     *firmware     // what runs, or nil
	gone    chan struct{} // closed when the last one that ran has left nothing
	stopped bool
}

// New returns a chip that boots, as one does that is switched on. It is to be
// stopped.
func New(c Config) *Chip {
	c.complete()
	gone := make(chan struct{})
	close(gone)
	p := &Chip{config: c, enabled: true, cs: true, gpio0: true, ready: true, gone: gone}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.boot()
	return p
}

// boot starts the firmware, with mu held.
func (c *Chip) boot() {
	if c.stopped {
		return
	}
	c.run = newFirmware(c, c.gone)
	c.gone = c.run.gone
	go c.run.main()
}

// halt takes the firmware's power, with mu held.
func (c *Chip) halt() {
	if c.run != nil {
		c.run.die()
		c.run = nil
	}
	c.slave.reset()
	c.ready, c.data = true, false
}

// Reset sets the level of RESETN: low holds the chip in reset, and with the edge
// to high it boots.
func (c *Chip) Reset(high bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if high == c.enabled {
		return
	}
	c.enabled = high
	switch {
	case !high:
		c.halt()
	case c.gpio0:
		c.boot()
	}
}

// GPIO0 sets the level at which the microcontroller drives GPIO0, which counts at
// the end of a reset: low is the loader of the ROM, which says nothing on SPI, and
// high is the firmware, as for a pin that nobody drives. To read it is DataReady.
func (c *Chip) GPIO0(high bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gpio0 = high
}

// DataReady is the level at which the chip drives GPIO0: high while a legacy socket
// has something to be read.
func (c *Chip) DataReady() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.data
}

// Ready is the level of the pin READY: low, which is false, when the chip may be
// selected, and high while it is selected or busy.
func (c *Chip) Ready() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ready
}

// OnReady has f called whenever READY goes low, from a goroutine of the chip. It
// must not block.
func (c *Chip) OnReady(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onReady = f
}

// OnDataReady has f called whenever the chip drives GPIO0 high, as OnReady does.
func (c *Chip) OnDataReady(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onData = f
}

// Silence has the firmware do nothing for that long: what it is asked is answered
// only then, and READY stays high until then.
func (c *Chip) Silence(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.silent = time.Now().Add(d)
}

// Crash resets the chip as its watchdog does: everything is lost, without a word
// to anybody, and it boots.
func (c *Chip) Crash() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.crash()
}

func (c *Chip) crash() {
	if c.run == nil {
		return
	}
	c.stats.Crashes++
	c.halt()
	c.boot()
}

// Stop switches the chip off, and returns when it has left nothing behind: no
// goroutine, no socket, no network joined.
func (c *Chip) Stop() error {
	c.mu.Lock()
	c.stopped = true
	c.halt()
	gone := c.gone
	c.mu.Unlock()
	<-gone
	return nil
}

var errLength = errors.New("nina: the slices of a transfer differ in length")
