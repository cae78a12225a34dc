package w5500

import "time"

// intLevel is how long INTn stays high between two interrupts, in units of some
// 25 ns: long enough that the edge is seen.
const intLevel = 0x0100

// What is known of the chip's interrupts.
type events struct {
	news  uint8 // sockets that have something to tell
	asked bool  // since Idle, the chip was asked which those are
	ready bool  // the chip is set up
	fell  chan struct{}
	low   bool // INTn fell, and was not seen to rise
	timer *time.Timer
}

// announces reports whether the chip says when something happens.
func (c *chip) announces() bool { return c.fell != nil }

// listenToPin has what falls on INTn end Idle.
func (c *chip) listenToPin() {
	if c.config.OnInterrupt == nil {
		return
	}
	c.fell = make(chan struct{}, 1)
	c.config.OnInterrupt(func() {
		select {
		case c.fell <- struct{}{}:
		default:
		}
	})
}

// interrupts adds to the news what the chip has, by one frame for all sockets.
func (c *chip) interrupts() error {
	if !c.ready || c.config.Interrupt != nil && c.config.Interrupt() {
		return nil
	}
	for i := c.attempts(); i > 0; i-- {
		r := c.four[:] // IR, IMR, SIR, SIMR
		if err := c.readOnce(common, regIR, r); err != nil {
			return err
		}
		if r[1] == 0 && r[3] == 0xFF {
			c.news |= r[2]
			return nil
		}
	}
	return errBus
}

// ask looks at s if there is something new.
func (c *chip) ask(s *socket) error {
	if !c.announces() && !c.asked {
		c.asked = true
		if err := c.interrupts(); err != nil {
			return err
		}
	}
	if c.news&(1<<s.n) == 0 {
		return nil
	}
	return c.look(s)
}

// Idle waits for INTn where it can, and for as long as it is told where not.
func (c *chip) Idle(wake <-chan struct{}, d time.Duration) {
	c.asked = false
	if d != 0 {
		c.sleep(wake, d)
	}
	if c.announces() {
		if err := c.serve(); err != nil {
			c.failed(err)
		}
	}
}

// sleep ends with wake, with INTn, and after d.
func (c *chip) sleep(wake <-chan struct{}, d time.Duration) {
	if d < 0 {
		select {
		case <-wake:
		case <-c.fell:
			c.low = true
		}
		return
	}
	if c.timer == nil {
		c.timer = time.NewTimer(d)
	} else {
		c.timer.Reset(d)
	}
	select {
	case <-wake:
	case <-c.fell:
		c.low = true
	case <-c.timer.C:
		return
	}
	if !c.timer.Stop() {
		select {
		case <-c.timer.C:
		default:
		}
	}
}

// serve takes the interrupts of all sockets back, so that INTn rises, and tells
// whose they are.
func (c *chip) serve() error {
	select {
	case <-c.fell:
		c.low = true
	default:
	}
	if c.config.Interrupt == nil && !c.low {
		return nil
	}
	for round := 0; round < 2*sockets; round++ {
		if err := c.interrupts(); err != nil {
			return err
		}
		if c.news == 0 {
			c.low = false
			return nil
		}
		for n := range c.socks {
			s := &c.socks[n]
			if c.news&(1<<n) == 0 {
				continue
			}
			if err := c.look(s); err != nil {
				return err
			}
			if s.owner == none {
				continue
			}
			if err := c.refill(s.owner); err != nil {
				return err
			}
		}
	}
	return nil
}
