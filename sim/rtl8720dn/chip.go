package rtl8720dn

import (
	"sync"
	"time"

	"github.com/netdev-go/netdev/sim/bus"
)

// A Chip is the chip behind its UART and its enable pin. Its methods may be
// called from any goroutine. It is off at first, as with the pin low.
type Chip struct {
	config Config
	mcu    *bus.Port
	port   *bus.Port     // the chip's own end
	pin    chan struct{} // holds the token of who moves the enable pin

	mu      sync.Mutex
	on      *power // nil while the pin is low
	stopped bool
	silent  time.Time // it does nothing until then
	stats   Stats
	hurts   []string
}

// New returns a chip.
func New(c Config) *Chip {
	c = c.withDefaults()
	chip := &Chip{config: c, pin: make(chan struct{}, 1)}
	chip.mcu, chip.port = bus.UART(bus.Config{Baud: c.Baud, Ring: c.Ring, ChipRing: bus.DefaultRing})
	chip.port.Power(false)
	return chip
}

// Port returns the microcontroller's end of the UART.
func (c *Chip) Port() *bus.Port { return c.mcu }

// Enable moves the enable pin. When it goes low the chip forgets everything; it
// has returned when no goroutine and no socket of the chip is left.
func (c *Chip) Enable(high bool) {
	c.pin <- struct{}{}
	defer func() { <-c.pin }()
	c.mu.Lock()
	p := c.on
	if c.stopped || high == (p != nil) {
		c.mu.Unlock()
		return
	}
	if high {
		c.on = newPower()
		go c.run(c.on)
		c.mu.Unlock()
		return
	}
	c.on = nil
	c.mu.Unlock()
	c.cut(p)
}

// Crash resets the chip as a fault of its own does: all is lost, and it boots
// again.
func (c *Chip) Crash() {
	c.mu.Lock()
	var s *session
	if c.on != nil {
		s = c.on.session
	}
	c.mu.Unlock()
	if s != nil {
		s.kill()
		<-s.ended
	}
}

// Silence has the chip do nothing for a while, as if a task of higher priority
// kept it busy: what it is asked meanwhile it answers late.
func (c *Chip) Silence(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.silent = time.Now().Add(d)
}

// Inject has faults meet the bytes of the UART, each direction counted from 0
// from now on. Nil is none.
func (c *Chip) Inject(toChip, fromChip bus.Injector) {
	c.port.Inject(toChip)
	c.mcu.Inject(fromChip)
}

// Stop ends the chip and closes the UART. It is not to be used any more.
func (c *Chip) Stop() error {
	c.Enable(false)
	c.mu.Lock()
	c.stopped = true
	c.mu.Unlock()
	return c.port.Close()
}
