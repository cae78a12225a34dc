package wifinina

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/drivers/internal/link"
	"github.com/netdev-go/netdev/drivers/internal/nina"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// SPI is the bus, in mode 0. Either slice may be nil; where neither is they are
// equally long. machine.SPI is one.
type SPI interface {
	Tx(w, r []byte) error
}

// Config describes how the chip is wired and what it is to be. SPI, CS and Ready
// are needed, and Reset wherever there is such a line. It is not to be changed
// after New.
type Config struct {
	SPI   SPI
	CS    func(high bool) // sets the level of SPI's chip select
	Ready func() bool     // the level of READY, also called ACK or BUSY

	// OnReady registers f to be called when READY falls, from an interrupt if need
	// be. Nil has READY looked at again and again while the chip is busy.
	OnReady func(f func())

	// Reset sets the level of RESETN. ResetInverted is for boards that have an
	// inverter in the line, as the MKR WiFi 1010 does.
	Reset         func(high bool)
	ResetInverted bool

	// GPIO0 drives that pin high, which is what it has to be over a reset, or lets
	// go of it. Nil is for boards that pull it up.
	GPIO0 func(drive bool)

	// Address and Gateway are static; zero has DHCP. DNS servers are asked in place
	// of those that DHCP names.
	Address netip.Prefix
	Gateway netip.Addr
	DNS     []netip.Addr

	// Channel is that of an access point; 1 if 0.
	Channel uint8

	// ChipTLS lets sockets of IPPROTO_TLS be opened, which connect to host names. See
	// the package documentation for what is checked.
	ChipTLS bool

	// Timeout is how long the chip may be silent where it waits for the network: a
	// TLS handshake, a name. What takes longer is taken for a chip that has died,
	// which is reset. 60 s if 0. Other commands have 25 s at most.
	Timeout time.Duration

	// Memory for data: of a socket in each direction, and of all sockets together.
	// What is 0 suits a board of 32 KiB: 2 KiB and 8 KiB. Segment is the most that is
	// exchanged with the chip at once, 1436 if 0 and 4076 at most.
	SocketBuffer int
	Memory       int
	Segment      int

	// Rand returns random numbers. Nil takes the system's.
	Rand func() uint64
}

// Most of what the firmware moves in one exchange: a datagram without fragments,
// and a read that its buffer has room for.
const (
	maxDatagram = 1472
	maxRead     = 4076
	mss         = 1436
)

const blockSize = 256

// New returns the device of a chip.
func New(config *Config) *Device {
	d := &Device{}
	c := &d.chip
	c.config = *config
	c.port = nina.New(nina.Config{
		SPI: config.SPI, CS: config.CS, Ready: config.Ready, OnReady: config.OnReady,
		Reset: config.Reset, ResetInverted: config.ResetInverted, GPIO0: config.GPIO0,
		Timeout: config.Timeout,
	})
	segment := config.Segment
	if segment <= 0 {
		segment = mss
	}
	oc := offload.Config{
		Chip:       c,
		Sockets:    maxSockets,
		SendBuffer: config.SocketBuffer, RecvBuffer: config.SocketBuffer,
		MaxSegment:  min(segment, maxRead),
		MaxDatagram: maxDatagram,
		Polled:      true,
		Resolve:     d.resolve,
		Rand:        config.Rand,
	}
	if config.Memory > 0 {
		oc.BlockSize, oc.Blocks = blockSize, max(1, config.Memory/blockSize)
	}
	d.sockets, c.core = offload.New(oc)
	d.Link = link.New(link.Config{Core: c.core, Radio: &radio{chip: c}})
	c.link = d.Link
	d.resolver = c.newResolver()
	c.flush = d.resolver.Flush
	return d
}
