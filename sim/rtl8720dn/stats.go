package rtl8720dn

import "fmt"

// Stats count since the chip was made.
type Stats struct {
	BytesIn, BytesOut int64 // of the UART, as the chip sees it
	Requests          int64 // whole and sound, one-way ones included
	Replies           int64
	Events            int64 // one-way messages that the chip sent
	BadCRC            int64 // frames thrown away
	Unknown           int64 // requests that nothing answers to
	Malformed         int64 // requests that lack a parameter
	Resets            int64 // crashes, by Crash or by Abuse
	Lost              int64 // bytes that found the microcontroller's ring full

	// Oversize counts headers of frames larger than the chip's buffer, which put it
	// out of step: by a driver that sends them, or by faults of the bus.
	Oversize int64

	// Abuse counts requests, whole and sound, that would have hurt a real chip: a
	// receive whose reply does not fit, what corrupts the firmware's memory.
	Abuse int64
}

// Stats returns the chip's.
func (c *Chip) Stats() Stats {
	u := c.port.Counters()
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.BytesIn, s.BytesOut = u.Received, u.Sent
	s.Lost = c.mcu.Overflowed()
	return s
}

// Abuses returns what the first of Stats.Abuse were, in words.
func (c *Chip) Abuses() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.hurts...)
}

func (c *Chip) count(f func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.stats)
}

// maxHurts bounds what is remembered in words.
const maxHurts = 16

func (c *Chip) hurt(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Abuse++
	if len(c.hurts) < maxHurts {
		c.hurts = append(c.hurts, fmt.Sprintf(format, args...))
	}
}
