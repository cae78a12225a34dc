package wifinina

import (
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// The methods of offload.Chip go to that set of the firmware's commands which the
// socket is of: TLS is only in the older one.

// Open takes a socket of the newer set at once, and a slot of the older one when it
// is put to use: until then the firmware may have it for itself.
func (c *chip) Open(kind offload.Kind) (int, error) {
	switch {
	case !c.port.Alive():
		return -1, netdev.ErrNetDown
	case kind == offload.TLS && !c.config.ChipTLS:
		return -1, netdev.ErrProtocolNotSupported
	case c.legacy || kind == offload.TLS:
		if c.used()+len(c.parked) >= maxSockets {
			return -1, netdev.ErrNoMoreSockets
		}
		return c.add(kind, true, none)
	}
	fd, err := c.openFD(kind)
	if err != nil {
		return -1, err
	}
	id, err := c.add(kind, false, fd)
	if err != nil {
		c.closeFD(fd)
	}
	return id, err
}

func (c *chip) add(kind offload.Kind, slot bool, num byte) (int, error) {
	id := c.socks.add(kind, slot, num)
	if id < 0 {
		return -1, netdev.ErrNoMoreSockets
	}
	return id, nil
}

// used returns how many sockets the Core has.
func (c *chip) used() (n int) {
	for i := range c.socks {
		if c.socks[i].used {
			n++
		}
	}
	return n
}

func (c *chip) Bind(id int, port uint16) error {
	s := &c.socks[id]
	s.local = port
	if s.slot {
		return c.bindSlot(s, port)
	}
	return c.bindFD(s, port, false)
}

func (c *chip) Listen(id int, port uint16, backlog int) error {
	s := &c.socks[id]
	if s.kind != offload.Stream {
		return netdev.ErrNotSupported
	}
	if s.slot {
		return c.listenSlot(s, port)
	}
	return c.listenFD(s, port, backlog)
}

func (c *chip) Accept(id int) (int, netip.AddrPort, error) {
	s := &c.socks[id]
	switch {
	case s.num == none:
		return -1, netip.AddrPort{}, netdev.ErrNetDown
	case s.slot:
		return c.acceptSlot(s)
	}
	return c.acceptFD(s)
}

func (c *chip) Connect(id int, local uint16, to netip.AddrPort, host string) error {
	s := &c.socks[id]
	switch {
	case s.kind == offload.TLS:
		return c.connectTLS(s, to, host)
	case s.slot:
		return c.connectSlot(s, to)
	}
	return c.connectFD(s, local, to)
}

func (c *chip) Connected(id int) error {
	s := &c.socks[id]
	switch {
	case s.num == none:
		return netdev.ErrConnReset
	case s.slot:
		return nil // Connect has waited for it
	}
	return c.connectedFD(s)
}

func (c *chip) Send(id int, b []byte) (int, error) {
	s := &c.socks[id]
	switch {
	case s.num == none:
		return 0, netdev.ErrConnReset
	case s.slot:
		return c.sendSlot(s, b)
	}
	return c.sendFD(s, b)
}

func (c *chip) Recv(id int, b []byte) (int, error) {
	s := &c.socks[id]
	switch {
	case s.num == none:
		return 0, netdev.ErrConnReset
	case s.slot:
		return c.recvSlot(s, b)
	}
	return c.recvFD(s, b)
}

func (c *chip) SendTo(id int, b []byte, to netip.AddrPort) error {
	s := &c.socks[id]
	switch {
	case s.num == none:
		return netdev.ErrNetDown
	case s.slot:
		return c.sendToSlot(s, b, to)
	}
	return c.sendToFD(s, b, to)
}

func (c *chip) RecvFrom(id int, b []byte) (int, netip.AddrPort, error) {
	s := &c.socks[id]
	switch {
	case s.num == none:
		return 0, netip.AddrPort{}, netdev.ErrNetDown
	case s.slot:
		return c.recvFromSlot(s, b)
	}
	return c.recvFromFD(s, b)
}

// Close gives a socket back. The firmware closes with a FIN, whatever abort says,
// unless there is something that was not read.
func (c *chip) Close(id int, abort bool) error {
	s := &c.socks[id]
	if s.num != none && c.port.Alive() {
		if s.slot {
			c.closeSlot(s)
		} else {
			c.closeFD(s.num)
		}
	}
	*s = sock{}
	return nil
}

func (c *chip) SetOption(id, level, opt int, value any) error {
	s := &c.socks[id]
	if s.slot || s.num == none || level != netdev.SOL_SOCKET || opt != netdev.SO_KEEPALIVE || s.kind != offload.Stream {
		return netdev.ErrNotSupported
	}
	on, err := netdev.OptBool(value)
	if err != nil {
		return err
	}
	return c.setOption(s, optKeepAlive, on)
}
