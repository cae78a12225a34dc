package nina

import "fmt"

// Stats count what was on the bus since New.
type Stats struct {
	Transactions int64 // transfers that CS framed and that bytes were clocked in
	Commands     int64 // those of them that the firmware took for a command
	ToChip       int64 // bytes clocked into the chip's receive buffer
	FromChip     int64 // bytes clocked out of its response
	Crashes      int64 // resets that the chip made by itself

	// Abuse is how often a real chip would have been hurt: a socket number
	// beyond the table, a length beyond a buffer, bytes clocked while it was
	// busy. Reasons has the first few.
	Abuse   int64
	Reasons []string
}

// maxReasons is how many reasons of abuse are kept.
const maxReasons = 20

// abuse is called with c.mu held.
func (c *Chip) abuse(format string, args ...any) {
	c.stats.Abuse++
	if len(c.stats.Reasons) < maxReasons {
		c.stats.Reasons = append(c.stats.Reasons, fmt.Sprintf(format, args...))
	}
}

// Stats returns the counters.
func (c *Chip) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Reasons = append([]string(nil), s.Reasons...)
	return s
}
