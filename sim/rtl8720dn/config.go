package rtl8720dn

import (
	"time"

	"github.com/netdev-go/netdev/sim/chip"
	"github.com/netdev-go/netdev/sim/radio"
)

// Baud is the speed that the firmware has its UART at.
const Baud = 614400

// DefaultFirmware is the version that a chip says it has.
const DefaultFirmware = "2.1.3"

// Config describes a chip. All but Network may be zero.
type Config struct {
	Network  chip.Network // its TCP/IP, and the network it is on; of this chip alone
	Air      *radio.Air   // nil is radio.Anywhere()
	MAC      [6]byte      // zero is that of Network
	Firmware string       // empty is DefaultFirmware

	// Baud paces the UART; zero has bytes arrive at once. Ring is the receive ring
	// of the microcontroller; zero is large.
	Baud, Ring int

	// BootTime is from the enable pin's rise, or a crash, to the first request that
	// is taken. Zero is a second; negative is none.
	BootTime time.Duration

	// BootNoise is what the UART's pin does when the chip gets its power. Nil is a
	// single zero byte, and an empty slice nothing.
	BootNoise []byte

	// JoinTime is how long joining an access point holds the chip, whether or not
	// it succeeds, ScanTime how long it looks for some, and NameTime how long each
	// look-up of a name takes beside what the name server needs.
	JoinTime, ScanTime, NameTime time.Duration

	// Names is what getpeername and getsockname, which pass a length that nobody
	// has set, come back with.
	Names Names

	// NoEmpty has requests with data of no bytes, such as an empty datagram, get no
	// reply: with a memory manager that returns nil for no bytes the firmware takes
	// them for a lack of memory.
	NoEmpty bool

	// DirtyHeap has a new TLS client find garbage where its certificates should be
	// nil.
	DirtyHeap bool

	// Seed decides what happens by chance.
	Seed uint64
}

// Names is what a chip answers when it is asked for a socket's addresses.
type Names uint8

const (
	// NamesHeap is as much of the address as the data of the call before had bytes:
	// the length lies in memory that that call has freed. A call that is made twice
	// has it all.
	NamesHeap Names = iota

	NamesZero  // an address of zeros
	NamesTrue  // the address
	NamesByLot // zeros or the address
)

const (
	defaultBootTime = time.Second

	// bufferSize is that of the firmware's messages.
	bufferSize = 4096
)

func (c Config) withDefaults() Config {
	if c.Air == nil {
		c.Air = radio.Anywhere()
	}
	if c.Firmware == "" {
		c.Firmware = DefaultFirmware
	}
	if c.BootTime == 0 {
		c.BootTime = defaultBootTime
	}
	if c.BootNoise == nil {
		c.BootNoise = []byte{0}
	}
	if c.MAC == [6]byte{} {
		if hw, err := c.Network.GetHardwareAddr(); err == nil {
			copy(c.MAC[:], hw)
		}
	}
	return c
}
