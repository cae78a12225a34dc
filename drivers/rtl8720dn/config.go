package rtl8720dn

import (
	"io"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// A UART is what TinyGo's machine.UART is. Read is asked for what Buffered says
// is there. One that also has the methods
//
//	WaitReadable(d time.Duration) // until Buffered may be positive; negative is without end
//	Interrupt()                   // ends the WaitReadable under way, or else the next
//
// is waited for; another one is asked, after pauses of up to a millisecond.
type UART interface {
	io.ReadWriter
	Buffered() int
}

// Config says what a chip is connected to, and how it is to be used. UART is
// needed.
type Config struct {
	UART UART // the chip's, at 614400 bit/s, 8N1

	// Enable drives the EN pin (CHIP_PU). Without it a chip that makes no sense any
	// more stays so.
	Enable func(high bool)

	// ResetTime is how long Enable is low to reset the chip. Zero is 100 ms.
	ResetTime time.Duration

	// Address is the address and its network; as an access point the chip's own.
	// The zero Prefix has DHCP find one, and an access point be 192.168.1.1/24.
	Address netip.Prefix
	Gateway netip.Addr   // beside a static Address
	DNS     []netip.Addr // name servers; with DHCP, instead of the lease's

	// Channel is that of the access point that the chip is; 1 if 0.
	Channel int

	// Timeout is how long the chip may take for a call that it can answer at once.
	// Zero is 2 s. Joining a network, and finding an address there, take as long as
	// NetConnect is allowed to.
	Timeout time.Duration

	// Sockets is how many there can be at once. Zero is 8; the firmware may have
	// fewer.
	Sockets int

	// Memory for data: of a socket in each direction, and of all sockets together.
	// What is 0 suits a small board: 2 KiB and 8 KiB; there is always enough for a
	// little of each socket's and for two datagrams. Segment is the most that goes
	// over the UART in one call, 1460 if 0 and 4000 at most. Where one end is late to
	// read its ring, of some 128 bytes, shorter ones suffer less. There are two more
	// buffers of about this size, and never of less than a datagram's.
	SocketBuffer int
	Memory       int
	Segment      int

	// Rand is where all that nobody may guess comes from. Nil is crypto/rand.
	Rand func() uint64
}

const (
	maxData     = 4000 // the firmware's messages have 4096 bytes
	maxDatagram = 1472
	overhead    = 64 // of a message around data, at most
	blockSize   = 256
)

func (c Config) withDefaults() Config {
	if c.Timeout <= 0 {
		c.Timeout = 2 * time.Second
	}
	if c.ResetTime <= 0 {
		c.ResetTime = 100 * time.Millisecond
	}
	if c.Sockets <= 0 {
		c.Sockets = 8
	}
	if c.Segment <= 0 {
		c.Segment = 1460
	}
	c.Segment = min(c.Segment, maxData)
	if c.Memory <= 0 {
		c.Memory = 8 << 10
	}
	if c.Channel <= 0 {
		c.Channel = 1
	}
	if c.Rand == nil {
		c.Rand = offload.SystemRand
	}
	return c
}

// check refuses what the chip cannot be.
func (c *Config) check() bool {
	return c.UART != nil && (!c.Address.IsValid() || c.Address.Addr().Is4()) &&
		(!c.Gateway.IsValid() || c.Gateway.Is4())
}

// accessPoint is where the chip is when it is one.
var accessPoint = netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 168, 1, 1}), 24)
