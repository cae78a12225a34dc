package w5500

import "time"

// socketInterrupts is SIR.
func (c *Chip) socketInterrupts() (bits byte) {
	for i := range c.sockets {
		s := &c.sockets[i]
		if s.regs[snIR]&s.regs[snIMR] != 0 {
			bits |= 1 << i
		}
	}
	return bits
}

// Interrupt returns the level of INTn: false, low, while something is pending that
// SIMR or IMR lets through.
func (c *Chip) Interrupt() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.quiet
}

// OnInterrupt has f called, without a lock, each time that INTn falls. f must not
// block, and may be called from within Tx. Nil stops.
func (c *Chip) OnInterrupt(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onInt = f
}

// unlock ends what may have changed INTn.
func (c *Chip) unlock() {
	var f func()
	now := time.Now()
	pending := c.socketInterrupts()&c.common[regSIMR] != 0 || c.common[regIR]&c.common[regIMR]&0xF0 != 0
	switch {
	case pending && c.quiet && !now.Before(c.quietFrom):
		c.quiet, c.held = false, false
		c.stats.Interrupts++
		f = c.onInt
	case pending && c.quiet && !c.held:
		c.held = true
		c.poke() // to fall when INTLEVEL lets it
	case !pending && !c.quiet:
		c.quiet = true
		c.quietFrom = now
		if level := word(c.common[regINTLEVEL:]); level > 0 {
			// Four ticks of a 150 MHz clock for each.
			c.quietFrom = now.Add((time.Duration(level) + 1) * 80 * time.Nanosecond / 3)
		}
	}
	c.mu.Unlock()
	if f != nil {
		f()
	}
}
