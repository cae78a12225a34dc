package rtl8720dn

import (
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/erpc"
	"github.com/netdev-go/netdev/drivers/internal/offload"
	"github.com/netdev-go/netdev/drivers/internal/uart"
)

// maxFD bounds lwIP's descriptors, which are the ids too.
const maxFD = 32

// Numbers of lwIP.
const (
	sockStream   = 1
	sockDgram    = 2
	sockRaw      = 3
	protocolICMP = 1
	protocolTCP  = 6
	protocolUDP  = 17
	msgDontWait  = 8
	fSETFL       = 4
	oNONBLOCK    = 1
	shutWrite    = 1
)

// A chip is the RTL8720DN as the Core's goroutine sees it.
type chip struct {
	config *Config
	line   *uart.Line
	client *erpc.Client
	core   *offload.Core
	lost   func() // the link is

	booted  bool
	boots   uint32
	fds     [maxFD]fdState
	empty   [maxFD]uint8 // answers of nothing in a row
	unheard uint8        // empty datagrams in a row that the chip did not answer to
	orphans bool         // there may be sockets in the chip that are not known here

	suspect bool        // the chip has said something about its link, or it was unreadable
	gone    bool        // it has said that it left its network
	damaged uint32      // frames, when that was last looked at
	check   func() bool // looks whether there is a link
}

// fdState is what is known of a descriptor.
type fdState uint8

const (
	isOpen fdState = 1 << iota
	mayBroadcast
	isBroken // bytes may have been lost, or sent twice
)

var (
	_ offload.Chip       = (*chip)(nil)
	_ offload.HalfCloser = (*chip)(nil)
	_ offload.Optioner   = (*chip)(nil)
)

func newChip(config *Config) *chip {
	c := &chip{config: config, line: uart.New(config.UART)}
	size := max(config.Segment, maxDatagram) + overhead
	c.client = erpc.NewClient(erpc.Config{
		Line: c.line, MaxRequest: size, MaxReply: size, Handle: c.event,
		Probe: func(client *erpc.Client) { client.Request(serviceSystem, sysAck).Uint8(probeValue) },
	})
	return c
}

const probeValue = 0x5A

// Open makes a socket of lwIP.
func (c *chip) Open(kind offload.Kind) (int, error) {
	stype, protocol := int32(sockStream), int32(protocolTCP)
	switch kind {
	case offload.Datagram:
		stype, protocol = sockDgram, protocolUDP
	case offload.TLS:
		return -1, netdev.ErrProtocolNotSupported
	}
	return c.open(stype, protocol)
}

func (c *chip) open(stype, protocol int32) (int, error) {
	c.sweep()
	e := c.request(serviceLwIP, lwipSocket)
	e.Int32(afINET)
	e.Int32(stype)
	e.Int32(protocol)
	fd, err := c.result(c.config.Timeout, once)
	switch {
	case err != nil:
		c.orphans = true
		return -1, err
	case fd < 0:
		return -1, openError(c.cause())
	}
	return fd, c.keep(fd)
}

func openError(err error) error {
	switch err {
	case netdev.ErrNoBuffers, netdev.ErrNoMoreSockets:
		return netdev.ErrNoMoreSockets
	case errBus:
		return netdev.ErrNetDown
	}
	return err
}

// keep is for a descriptor that the chip has made.
func (c *chip) keep(fd int) error {
	if fd >= maxFD || c.fds[fd] != 0 {
		// It has lost count, and so has this.
		c.crashed()
		return netdev.ErrNetDown
	}
	c.fds[fd], c.empty[fd] = isOpen, 0
	return nil
}

// mark notes something about a descriptor, unless the chip has lost it.
func (c *chip) mark(fd int, what fdState) {
	if c.fds[fd] != 0 {
		c.fds[fd] |= what
	}
}

// sweep closes what a call that had no reply may have opened. Nobody else has a
// socket in the chip.
func (c *chip) sweep() {
	if !c.orphans {
		return
	}
	c.orphans = false
	for fd := range c.fds {
		if c.fds[fd] != 0 {
			continue
		}
		if c.closeFD(fd) != nil {
			c.orphans = true
			return
		}
	}
}

// closeFD closes a descriptor, or finds it closed.
func (c *chip) closeFD(fd int) error {
	c.request(serviceLwIP, lwipClose).Int32(int32(fd))
	_, err := c.result(c.config.Timeout, repeat)
	return err
}

// Close gives a socket back. lwIP sends a FIN in any case.
func (c *chip) Close(id int, abort bool) error {
	if c.fds[id] == 0 {
		return nil
	}
	c.fds[id] = 0
	if c.closeFD(id) != nil {
		c.orphans = true
	}
	return nil
}

// Idle waits for an event of the chip, or for work.
func (c *chip) Idle(wake <-chan struct{}, d time.Duration) {
	if c.suspect && c.booted {
		c.suspect = false
		c.check()
		return
	}
	c.client.Idle(wake, d)
	c.overhear()
}

// overhear has the link looked at if something was unreadable, which may have
// been what the chip had to say about it.
func (c *chip) overhear() {
	if n := c.client.Stats().Damaged; n != c.damaged {
		c.damaged = n
		c.suspect = true
	}
}
