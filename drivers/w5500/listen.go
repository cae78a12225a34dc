package w5500

import (
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// spare is how many sockets a listener leaves to others, beyond its first: one for
// a name server, and one to connect with.
const spare = 2

// Listen has sockets of the chip wait for a SYN each: there is no backlog, and one
// that is met becomes the connection.
func (c *chip) Listen(id int, port uint16, backlog int) error {
	for other := range c.ends {
		if e := &c.ends[other]; other != id && e.listens && e.port == port && e.closing.IsZero() {
			return netdev.ErrAddrInUse
		}
	}
	e := &c.ends[id]
	e.listens, e.port, e.backlog = true, port, max(backlog, 1)
	s := c.socketOf(id)
	if err := c.await(s); err != nil {
		return c.failed(err)
	}
	return c.failed(c.refill(id))
}

// await has s wait for a SYN.
func (c *chip) await(s *socket) error {
	e := &c.ends[s.owner]
	if err := c.open(s, e.mode(), e.port); err != nil {
		return err
	}
	for i := c.attempts(); i > 0; i-- {
		state, err := c.command(s, cmdLISTEN)
		if err != nil {
			return err
		}
		if state != srInit {
			// Whoever was quick is found by look.
			s.state = srListen
			c.news |= 1 << s.n
			return nil
		}
	}
	return errBus
}

// count returns how many sockets an end has.
func (c *chip) count(id int) (n int) {
	for i := range c.socks {
		if c.socks[i].owner == id {
			n++
		}
	}
	return n
}

// refill has a listener wait with as many sockets as its backlog and the others
// allow, and with one if there is one. A socket whose client has come and gone
// waits again.
func (c *chip) refill(id int) error {
	e := &c.ends[id]
	if !e.listens || !e.closing.IsZero() {
		return nil
	}
	waiting := 0
	for n := range c.socks {
		s := &c.socks[n]
		if s.owner != id {
			continue
		}
		if s.state == srClosed {
			if err := c.await(s); err != nil {
				return err
			}
		}
		if s.state == srListen {
			waiting++
		}
	}
	for c.count(id) < e.backlog || waiting == 0 {
		s, count := c.vacant()
		if s == nil || waiting > 0 && count <= spare {
			return nil
		}
		s.owner = id
		if err := c.await(s); err != nil {
			return err
		}
		waiting++
	}
	return nil
}

// Accept returns a socket that has become a connection.
func (c *chip) Accept(id int) (int, netip.AddrPort, error) {
	conn, peer, err := c.accept(id)
	return conn, peer, c.failed(err)
}

func (c *chip) accept(id int) (int, netip.AddrPort, error) {
	for n := range c.socks {
		s := &c.socks[n]
		if s.owner != id {
			continue
		}
		if err := c.ask(s); err != nil {
			return none, netip.AddrPort{}, err
		}
		if s.alive() { // it may have been reset since
			if err := c.look(s); err != nil {
				return none, netip.AddrPort{}, err
			}
		}
		if !s.alive() {
			continue
		}
		conn, ok := c.newEnd(offload.Stream)
		if !ok {
			break
		}
		c.ends[conn].options = c.ends[id].options
		s.owner = conn
		return conn, s.peer, c.refill(id)
	}
	if err := c.refill(id); err != nil {
		return none, netip.AddrPort{}, err
	}
	return none, netip.AddrPort{}, netdev.ErrWouldBlock
}

// unlisten closes what waits, and who was not accepted.
func (c *chip) unlisten(id int) error {
	busy := false
	for n := range c.socks {
		s := &c.socks[n]
		if s.owner != id {
			continue
		}
		done, err := true, error(nil)
		if s.state != srListen {
			done, err = c.finish(s, c.ends[id].closing, false)
		}
		if err == nil && done {
			err = c.release(s)
		}
		if err != nil {
			return err
		}
		busy = busy || !done
	}
	if busy {
		return netdev.ErrInProgress
	}
	c.ends[id] = end{}
	return nil
}
