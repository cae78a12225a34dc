package wifinina

import (
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/nina"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// poll asks what a descriptor is ready for. It is 0 where nobody knows.
func (c *chip) poll(s *sock) (byte, error) {
	c.port.Begin(nina.Poll).Byte(s.num)
	r, err := c.exchange()
	switch {
	case err == nina.ErrUnclear && s.kind == offload.Stream && !s.listening:
		// What the chip did instead may have cost data.
		return 0, netdev.ErrConnReset
	case err != nil:
		return 0, netdev.ErrWouldBlock
	case r.Byte(0)&pollFailed != 0:
		if err := c.lastError(s); err != netdev.ErrWouldBlock {
			return 0, err
		}
		return 0, netdev.ErrWouldBlock
	}
	ready := r.Byte(0) & (pollRead | pollWrite)
	if ready == 0 && (!s.mayBeQuiet() || time.Since(s.seen) >= look) {
		// Of a descriptor that is closed lwIP says just that, for ever.
		if err := c.stillThere(s); err != nil {
			return 0, err
		}
	}
	return ready, nil
}

// look is how often the chip is asked whether it still has a socket that is quiet.
const look = time.Second

// mayBeQuiet tells sockets that need not be ready to be written to.
func (s *sock) mayBeQuiet() bool { return s.listening || s.dialling || s.full }

// stillThere looks whether the chip has a descriptor, by what does it no harm.
func (c *chip) stillThere(s *sock) error {
	s.seen = time.Now()
	q := c.port.Begin(nina.Ioctl)
	q.Byte(s.num)
	q.Uint32(ctlNonBlocking)
	q.Uint32(1)
	r, err := c.exchange()
	switch {
	case err != nil:
		return netdev.ErrWouldBlock
	case len(r.Param(0)) == 4:
		return nil
	}
	return c.lastError(s)
}
