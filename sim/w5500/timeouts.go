package w5500

import "time"

// retransmission is RTR.
func (c *Chip) retransmission() time.Duration {
	return time.Duration(word(c.common[regRTR:])) * 100 * time.Microsecond
}

// arpTimeout is how long a host has to tell its hardware address.
func (c *Chip) arpTimeout() time.Duration {
	return c.retransmission() * time.Duration(int(c.common[regRCR])+1)
}

// tcpTimeout is how long a peer has to acknowledge: each wait is twice as long as
// the one before it, until RTR would have more than 16 bits.
func (c *Chip) tcpTimeout() time.Duration {
	rtr := int(word(c.common[regRTR:]))
	sum := 0
	for i := 0; i <= int(c.common[regRCR]); i++ {
		sum += rtr
		if rtr*2 <= 0xFFFF {
			rtr *= 2
		}
	}
	return time.Duration(sum) * 100 * time.Microsecond
}
