package offload

import (
	"net/netip"

	"github.com/netdev-go/netdev"
)

// Up tells that the link is up, with this address: Socket works from now on.
func (c *Core) Up(addr netip.Addr) {
	c.mu.Lock()
	if !c.stopped {
		c.up, c.addr = true, addr.Unmap()
	}
	c.unlock()
}

// Down tells that the link is lost, or was left: the open sockets fail with err,
// or ErrNetDown if it is nil, and Socket with ErrNetDown.
func (c *Core) Down(err error) {
	c.mu.Lock()
	c.up, c.addr = false, netip.Addr{}
	c.failAll(orError(err, netdev.ErrNetDown))
	c.unlock()
}

// Reset tells, on the chip's goroutine, that the chip has lost all of its sockets:
// no number of them is used any more, also not for Close. Connections fail with
// ErrConnReset, and what else the chip had with err, or ErrNetDown if it is nil.
func (c *Core) Reset(err error) {
	c.mu.Lock()
	defer c.unlock()
	err = orError(err, netdev.ErrNetDown)
	for i := len(c.all) - 1; i >= 0; i-- {
		k := c.all[i]
		had := k.id != none
		c.forget(k)
		k.flags &^= releasing
		switch {
		case k.state != open:
			c.serveSoon(k)
		case k.isStream() && !k.has(listening) && k.has(dialling|connected):
			if k.err == nil {
				c.fail(k, netdev.ErrConnReset)
			}
		case had:
			c.fell(k, err)
		}
	}
	c.unpark() // there may be sockets of the chip now
}

func orError(err, other error) error {
	if err == nil {
		return other
	}
	return err
}

// Inside returns the same sockets without the need of Up: for what brings the
// link up, such as a DHCP client over the chip's UDP. It has four descriptors of
// its own.
func (c *Core) Inside() *Sockets { return &Sockets{core: c, inside: true} }

// A Socket is what a descriptor stands for, as a driver sees it.
type Socket struct {
	ID        int // the chip's number
	Kind      Kind
	Connected bool
	Listening bool
}
