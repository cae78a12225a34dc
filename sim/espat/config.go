package espat

import (
	"time"

	"github.com/netdev-go/netdev/sim/chip"
	"github.com/netdev-go/netdev/sim/radio"
)

// Baud is the speed that the firmware has its UART at.
const Baud = 115200

// RingTinyGo is the receive ring of a UART in TinyGo.
const RingTinyGo = 128

// DefaultFirmware is the version that a chip says it has.
const DefaultFirmware = "4.1.0.0"

// Config describes a chip. All but Network may be zero.
type Config struct {
	Network  chip.Network // its TCP/IP, and the network it is on; of this chip alone
	Air      *radio.Air   // nil is radio.Anywhere()
	MAC      [6]byte      // zero is that of Network
	Firmware string       // empty is DefaultFirmware

	// Baud paces the UART; zero has bytes arrive at once. Ring is the receive ring
	// of the microcontroller; zero is large.
	Baud, Ring int

	// BootTime is from a reset to "ready". Zero is 300 ms; negative is none.
	BootTime time.Duration

	// BootNoise is what the UART's pin does before that. Nil is a few bytes by lot,
	// and an empty slice nothing.
	BootNoise []byte

	// JoinTime is how long joining an access point takes, whether or not it
	// succeeds, ScanTime how long it looks for some, and NameTime how long each
	// look-up of a name takes beside what the name server needs.
	JoinTime, ScanTime, NameTime time.Duration

	// Roots are what the chip's CA partition has, in PEM, for TLS with a check.
	Roots []byte

	// Seed decides what happens by chance.
	Seed uint64
}

// Stats count since the chip was made.
type Stats struct {
	BytesIn, BytesOut int64 // of the UART, as the chip sees it
	Writes            int64 // pieces that the microcontroller wrote
	Commands          int64 // taken
	Errors            int64 // of them that ended in ERROR
	Busy              int64 // lines that came while a command ran, and are lost
	Messages          int64 // that nobody asked for
	Dropped           int64 // datagrams that found a link's buffer full
	Resets            int64 // by AT+RST, AT+RESTORE, the pin, and Crash
	Lost              int64 // bytes that found the microcontroller's ring full

	// Abuse counts what would have hurt a real chip: a line longer than its buffer.
	Abuse int64
}
