package espat

import (
	"io"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/link"
	"github.com/netdev-go/netdev/drivers/internal/offload"
	"github.com/netdev-go/netdev/netlink"
)

// A UART is the module's serial port, such as machine.UART. One that also has
// the methods WaitReadable(time.Duration) and Interrupt() is not polled.
type UART interface {
	io.ReadWriter
	Buffered() int
}

// Config describes how a module is wired and set up. Only UART is needed.
type Config struct {
	UART UART

	// Reset sets the module's reset or enable pin, which resets while it is low.
	// Nil is a pin that is not wired: the module is told to restart instead, and a
	// join, during which it hears nothing, cannot be cut short: NetDisconnect gives up
	// waiting for it, Stop does not.
	Reset func(high bool)

	// Address, Gateway and DNS are those of a station with a static address, or
	// of an access point. Zero is DHCP, and the firmware's own 192.168.4.1.
	Address netip.Prefix
	Gateway netip.Addr
	DNS     []netip.Addr

	// Inbound is how many of the five links connections of a listener may take;
	// 4 if 0.
	Inbound int

	// Timeout bounds how long a module may keep silent before it is reset; 20
	// seconds if 0.
	Timeout time.Duration

	// Memory is how many bytes of data all sockets may hold, both directions
	// together; 8 KiB if 0. SocketBuffer is how many a socket may hold in each
	// direction; 2 KiB if 0.
	Memory       int
	SocketBuffer int
}

// The firmware's bounds.
const (
	links       = 5
	mostPayload = 8192
)

// sockets has a method Sockets, which an embedded offload.Sockets would hide.
type sockets = offload.Sockets

// A Device is a module. Its methods may be called from any goroutine.
type Device struct {
	*sockets
	*link.Link
	core *offload.Core
	chip *chip
}

var (
	_ netdev.Netdever        = (*Device)(nil)
	_ netdev.Pinger          = (*Device)(nil)
	_ netdev.DNSServerLister = (*Device)(nil)
	_ netdev.InterfaceLister = (*Device)(nil)
	_ netdev.SocketLister    = (*Device)(nil)
	_ netlink.Netlinker      = (*Device)(nil)
	_ netlink.Scanner        = (*Device)(nil)
	_ netlink.SignalMeter    = (*Device)(nil)
	_ netlink.Versioner      = (*Device)(nil)
)

// Times between two questions of a socket whose peer does not take more, or
// does not answer.
const (
	pollMin = 5 * time.Millisecond
	pollMax = 20 * time.Millisecond
)

// New returns a device. There is no traffic before its first use.
func New(c *Config) *Device {
	m := newChip(*c)
	memory, block, segment := c.Memory, 128, 1024
	if memory <= 0 {
		memory = 8 << 10
	}
	if memory >= 256<<10 {
		block, segment = 2048, 2048
	}
	d := &Device{chip: m}
	d.sockets, d.core = offload.New(offload.Config{
		Chip:        m,
		Sockets:     links + 2, // a listener takes no link, and a closed one still has its descriptor
		BlockSize:   block,
		Blocks:      max(1, memory/block),
		SendBuffer:  c.SocketBuffer,
		RecvBuffer:  c.SocketBuffer,
		MaxSegment:  segment,
		MaxDatagram: mostDatagram,
		PollMin:     pollMin,
		PollMax:     pollMax,
		Resolve:     d.resolve,
		Abort:       true,
	})
	d.Link = link.New(link.Config{Core: d.core, Radio: m})
	m.core, m.link = d.core, d.Link
	return d
}

// Stop ends the device for good. The port stays open.
func (d *Device) Stop() error {
	d.NetDisconnect()
	d.core.Stop()
	d.chip.line.Stop()
	return nil
}
