package w5500

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

var (
	_ offload.Chip     = (*chip)(nil)
	_ offload.Optioner = (*chip)(nil)
)

// A chip is the hardware and what of it is in use. Only the Core's goroutine
// touches it.
type chip struct {
	bus
	config *Config
	core   *offload.Core
	lost   func() // the chip cannot be brought back

	socks [sockets]socket
	ends  [2 * sockets]end
	four  [4]byte // scratch, as the three below
	six   [6]byte
	head  [udpHeader]byte
	view  snapshot

	address address
	leaving bool // the network
	events
}

// An end is what a number of offload's stands for: a stream or a datagram socket
// with its hardware socket, or a listener with several.
type end struct {
	kind    offload.Kind
	used    bool
	listens bool
	port    uint16
	backlog int
	options options
	group   netip.Addr     // that the datagram socket has joined
	loop    []byte         // sent to it from here
	looped  netip.AddrPort // by whom; invalid is nothing
	closing time.Time      // when Close began
}

func newChip(c *Config) *chip {
	k := &chip{bus: bus{spi: c.SPI, cs: c.CS, verify: c.Verify}, config: c}
	k.forget()
	return k
}

// forget is for a chip that was reset.
func (c *chip) forget() {
	for n := range c.socks {
		c.socks[n] = socket{n: uint8(n), owner: none}
	}
	c.ends = [2 * sockets]end{}
	c.news, c.asked = 0, false
}

// usable reports whether the split has memory for the socket.
func (c *chip) usable(s *socket) bool {
	return c.config.RxKB[s.n] != 0 && c.config.TxKB[s.n] != 0
}

// vacant returns a socket that nobody has, or nil, and how many there are.
func (c *chip) vacant() (free *socket, count int) {
	for n := range c.socks {
		if s := &c.socks[n]; s.owner == none && c.usable(s) {
			if free == nil {
				free = s
			}
			count++
		}
	}
	return free, count
}

// socketOf returns the socket of an end that is no listener, or nil.
func (c *chip) socketOf(id int) *socket {
	for n := range c.socks {
		if c.socks[n].owner == id {
			return &c.socks[n]
		}
	}
	return nil
}

// newEnd returns a number that is free. There are enough: as many as sockets, and
// as many as listeners that have none at the moment.
func (c *chip) newEnd(kind offload.Kind) (int, bool) {
	for id := range c.ends {
		if !c.ends[id].used {
			c.ends[id] = end{kind: kind, used: true}
			return id, true
		}
	}
	return none, false
}

// Open takes a socket for an end to come.
func (c *chip) Open(kind offload.Kind) (int, error) {
	if kind == offload.TLS {
		return none, netdev.ErrProtocolNotSupported
	}
	s, _ := c.vacant()
	if s == nil {
		var err error
		if s, err = c.steal(); err != nil {
			return none, c.failed(err)
		}
	}
	if s == nil {
		return none, netdev.ErrNoMoreSockets
	}
	id, ok := c.newEnd(kind)
	if !ok {
		return none, netdev.ErrNoMoreSockets
	}
	s.owner = id
	return id, nil
}

// steal takes a socket from a listener that has another one.
func (c *chip) steal() (*socket, error) {
	for n := range c.socks {
		s := &c.socks[n]
		if s.owner == none || !c.ends[s.owner].listens || c.count(s.owner) == 1 {
			continue
		}
		if err := c.ask(s); err != nil { // a client may have come
			return nil, err
		}
		if s.state == srListen {
			return s, c.close(s)
		}
	}
	return nil, nil
}

// release gives a socket back, and has a listener use it that lacks one.
func (c *chip) release(s *socket) error {
	if err := c.close(s); err != nil {
		return err
	}
	s.owner = none
	for id := range c.ends {
		if err := c.refill(id); err != nil {
			return err
		}
	}
	return nil
}

// failed is for an error of the bus: the chip begins anew, and all that was open
// is gone. Other errors it returns.
func (c *chip) failed(err error) error {
	if err != errBus {
		return err
	}
	err = c.boot()
	if err == nil {
		err = c.restore()
	}
	c.forgetAll(err != nil)
	return netdev.ErrConnReset
}

// forgetAll tells the Core that the chip's sockets are no more, and whoever looks
// after the link where there is no chip.
func (c *chip) forgetAll(dead bool) {
	c.core.Reset(netdev.ErrConnReset)
	if dead && c.lost != nil {
		c.lost()
	}
}
