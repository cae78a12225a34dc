package espat

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/netdev-go/netdev/sim/bus"
	"github.com/netdev-go/netdev/sim/radio"
)

// A Chip is the chip behind its UART and its enable pin, which is high at first.
// Its methods may be called from any goroutine.
type Chip struct {
	config Config
	mcu    *bus.Port
	port   *bus.Port     // the chip's own end
	pin    chan struct{} // holds the token of who moves the enable pin

	mu      sync.Mutex
	rng     *rand.Rand
	power   *power // nil while the pin is low
	stopped bool
	silent  time.Time // it does nothing until then
	stats   Stats
	stored  settings // what is in flash
}

// New returns a chip, which boots.
func New(c Config) *Chip {
	if c.Air == nil {
		c.Air = radio.Anywhere()
	}
	if c.Firmware == "" {
		c.Firmware = DefaultFirmware
	}
	if c.BootTime == 0 {
		c.BootTime = 300 * time.Millisecond
	}
	chip := &Chip{
		config: c, pin: make(chan struct{}, 1), stored: factory(),
		rng: rand.New(rand.NewPCG(c.Seed, 0x32)),
	}
	chip.mcu, chip.port = bus.UART(bus.Config{Baud: c.Baud, Ring: c.Ring, ChipRing: bus.DefaultRing})
	chip.power = newPower()
	go chip.run(chip.power)
	return chip
}

// Port returns the microcontroller's end of the UART.
func (c *Chip) Port() *bus.Port { return c.mcu }

// Enable moves the enable pin, EN or CHIP_PU. When it goes low the chip forgets
// everything but what is in its flash; it has returned when no goroutine and no
// socket of the chip is left.
func (c *Chip) Enable(high bool) {
	c.pin <- struct{}{}
	defer func() { <-c.pin }()
	c.mu.Lock()
	p := c.power
	if c.stopped || high == (p != nil) {
		c.mu.Unlock()
		return
	}
	if high {
		c.power = newPower()
		go c.run(c.power)
		c.mu.Unlock()
		return
	}
	c.power = nil
	c.stats.Resets++
	s := p.session
	c.mu.Unlock()
	p.cut(s)
}

// Crash resets the chip as a fault of its own does: all is lost but the flash, and
// it boots again.
func (c *Chip) Crash() {
	c.mu.Lock()
	var s *session
	if c.power != nil {
		s = c.power.session
	}
	c.mu.Unlock()
	if s != nil {
		s.out.urgent("\r\nWill force to restart!!!\r\n")
		s.kill()
		<-s.ended
	}
}

// Silence has the chip do nothing for a while, as if a task of higher priority kept
// it busy: what it is asked meanwhile it answers late.
func (c *Chip) Silence(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.silent = time.Now().Add(d)
}

// Inject has faults meet the bytes of the UART, each direction counted from 0 from
// now on. Nil is none.
func (c *Chip) Inject(toChip, fromChip bus.Injector) {
	c.port.Inject(toChip)
	c.mcu.Inject(fromChip)
}

// Stats returns the chip's.
func (c *Chip) Stats() Stats {
	in, out := c.port.Counters(), c.mcu.Counters()
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.BytesIn, s.BytesOut, s.Writes, s.Lost = in.Received, in.Sent, out.Writes, out.Overflowed
	return s
}

// Stop ends the chip and closes the UART. It is not to be used any more.
func (c *Chip) Stop() error {
	c.Enable(false)
	c.mu.Lock()
	c.stopped = true
	c.mu.Unlock()
	return c.port.Close()
}

func (c *Chip) count(f func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.stats)
}

// chance reports true once in n times.
func (c *Chip) chance(n int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rng.IntN(n) == 0
}

func (c *Chip) lot(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rng.IntN(n)
}
