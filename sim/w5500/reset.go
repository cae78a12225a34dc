package w5500

import "time"

// powerUp gives the registers the values that they have after a reset.
func (c *Chip) powerUp(now time.Time) {
	c.common = [commonLen]byte{regRTR: 0x07, regRTR + 1: 0xD0, regRCR: 8, 0x1C: 0x28, regPHYCFGR: 0xB8}
	for i := range c.sockets {
		s := &c.sockets[i]
		s.regs = [socketLen]byte{
			snDHAR: 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, snTTL: 0x80, snRXBUF_SIZE: 2, snTXBUF_SIZE: 2,
			snIMR: 0xFF, snFRAG: 0x40,
		}
	}
	c.ports = make(map[uint16]*listener)
	c.linkAt = now.Add(c.config.LinkDelay)
}

// reset forgets everything, without a word to any peer.
func (c *Chip) reset() {
	for i := range c.sockets {
		s := &c.sockets[i]
		c.closed(s, 0)
		s.command, s.shown, s.commence = 0, 0, time.Time{}
		s.read, s.late, s.end, s.given, s.eof = 0, 0, 0, 0, false
	}
	c.leave()
	c.addressAt = time.Time{}
	c.powerUp(time.Now())
	c.tellCable()
	c.poke()
}

// Reset is the reset pin: while it is low there is no chip.
func (c *Chip) Reset(high bool) {
	c.mu.Lock()
	defer c.unlock()
	if c.over || c.high == high {
		return
	}
	c.high = high
	if !high {
		c.stats.Resets++
		c.reset()
		return
	}
	now := time.Now()
	c.answers = now.Add(c.config.Boot)
	c.linkAt = now.Add(c.config.LinkDelay)
}

// Crash is a reset that nobody asked for.
func (c *Chip) Crash() {
	c.mu.Lock()
	defer c.unlock()
	if !c.over {
		c.stats.Resets++
		c.reset()
	}
}

// Plug puts the network cable in, or pulls it. Connections know nothing of that
// until they need the network.
func (c *Chip) Plug(in bool) {
	c.mu.Lock()
	defer c.unlock()
	if in && !c.plugged {
		c.linkAt = time.Now().Add(c.config.LinkDelay)
	}
	c.plugged = in
	for i := range c.sockets {
		c.sockets[i].ready.Store(true)
	}
	c.tellCable()
	c.poke()
}

// Stop takes the power away, for good. When it returns nothing of the chip is left.
// The error is always nil.
func (c *Chip) Stop() error {
	c.stopping.Do(func() {
		close(c.stop)
		<-c.stopped
		c.mu.Lock()
		defer c.unlock()
		c.reset()
		c.high, c.over = false, true
		if c.config.Cable != nil {
			c.config.Cable.attach(nil)
		}
	})
	<-c.stopped
	return nil
}
