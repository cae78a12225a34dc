package wifinina

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/nina"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// A parked listener is one that was closed here, and that the firmware has no way
// to close. Its slot stays taken, its connections are turned away, and the next
// Listen on its port has it back.
type parked struct {
	slot byte
	port uint16
}

// turnAway is how often parked listeners are looked at.
const turnAway = 250 * time.Millisecond

func (c *chip) isParked(slot byte) bool {
	for _, p := range c.parked {
		if p.slot == slot {
			return true
		}
	}
	return false
}

// park takes a listener from s, unless the chip has lost it meanwhile.
func (c *chip) park(s *sock) {
	if s.num != none {
		c.parked = append(c.parked, parked{s.num, s.local})
		s.num = none
	}
}

func (c *chip) unpark(port uint16) byte {
	for i, p := range c.parked {
		if p.port == port {
			c.parked = append(c.parked[:i], c.parked[i+1:]...)
			return p.slot
		}
	}
	return none
}

// listenSlot listens. The firmware's backlog is one connection.
func (c *chip) listenSlot(s *sock, port uint16) error {
	s.local = port
	if slot := c.unpark(port); slot != none {
		s.num = slot
		switch listens, err := c.isServer(slot); {
		case listens:
			s.listening = true
			return nil
		case err == nina.ErrUnclear:
			c.park(s)
			return netdev.ErrNetDown
		}
		s.num = none
	}
	if err := c.startServer(s, port, modeTCP); err != nil {
		return err
	}
	s.listening = true
	return nil
}

// acceptSlot returns a connection that has something to read.
func (c *chip) acceptSlot(s *sock) (int, netip.AddrPort, error) {
	if c.socks.inChip()+len(c.parked) >= maxSockets {
		return -1, netip.AddrPort{}, netdev.ErrWouldBlock
	}
	slot, err := c.nextClient(s.num)
	if err != nil {
		c.doubt(s)
		return -1, netip.AddrPort{}, err
	}
	// Of a slot that does not listen the firmware says 0 bytes, which is slot 0.
	switch listens, err := c.isServer(s.num); {
	case err != nil:
		return -1, netip.AddrPort{}, netdev.ErrWouldBlock
	case !listens:
		s.num = none
		c.check()
		return -1, netip.AddrPort{}, netdev.ErrNetDown
	}
	n := sock{slot: true, num: slot}
	if !c.isConnected(&n) {
		return -1, netip.AddrPort{}, netdev.ErrWouldBlock
	}
	c.port.Begin(nina.RemoteAddr).Byte(slot)
	r, err := c.exchange()
	if err != nil {
		c.stopSlot(slot)
		return -1, netip.AddrPort{}, netdev.ErrWouldBlock
	}
	peer := netip.AddrPortFrom(netip.AddrFrom4(r.Addr(0)), r.Big(1))
	id, err := c.add(offload.Stream, true, slot)
	return id, peer, err
}

// nextClient returns the slot of a connection of a listener's that nobody here has
// yet. The firmware names those with data first, also if they are known.
func (c *chip) nextClient(server byte) (byte, error) {
	q := c.port.Begin(nina.Available)
	q.Byte(server)
	q.Byte(1) // to accept; without this parameter the padding is read for it
	r, err := c.exchange()
	if err != nil {
		return 0, netdev.ErrWouldBlock
	}
	slot := r.Little(0)
	if slot >= maxSockets || c.socks.find(true, byte(slot)) != nil || c.isParked(byte(slot)) {
		return 0, netdev.ErrWouldBlock
	}
	return byte(slot), nil
}

// rejectParked closes connections to listeners that are closed.
func (c *chip) rejectParked() {
	c.turned = time.Now()
	for _, p := range c.parked {
		slot, err := c.nextClient(p.slot)
		if err != nil {
			continue
		}
		if listens, _ := c.isServer(p.slot); listens {
			c.stopSlot(slot)
		}
	}
}
