package w5500

import (
	"math/rand/v2"
	"time"

	"github.com/netdev-go/netdev/sim/chip"
)

// Config describes a chip. Network is needed for all but MACRAW.
type Config struct {
	// Network is the TCP/IP of the chip. It gets the address that the driver
	// writes to SIPR, SUBR and GAR, and is connected while there is one.
	Network chip.Network

	// Cable carries the chip's frames, and those of Network, which has it as its
	// device. Nil: MACRAW does not open, and nothing is sent or heard while
	// SIPR is 0.0.0.0.
	Cable *Cable

	// Latency is how long a command takes to be accepted, and a SYN to be answered.
	// With zero that is at once, and Sn_CR still shows a command to the next read,
	// or two.
	Latency time.Duration

	// LinkDelay is how long the PHY negotiates after a reset.
	LinkDelay time.Duration

	// Boot is how long the chip does not answer after a reset by its pin. Zero is
	// one millisecond, and negative none.
	Boot time.Duration

	// Version is VERSIONR. Zero is 4.
	Version byte

	// Seed decides all that happens by chance.
	Seed uint64
}

// Stats count what went over the bus since the chip was made.
type Stats struct {
	Transactions uint64 // times that the chip was selected
	ToChip       uint64 // bytes clocked in, the three of each header included
	FromChip     uint64 // bytes clocked out that the MCU kept
	Commands     uint64 // taken from Sn_CR
	Interrupts   uint64 // falls of INTn
	Resets       uint64 // by the pin, the mode register, and Crash
	Abuse        uint64 // requests that a real chip would have been hurt by
	LastAbuse    string // what the last one was
}

// New returns a chip that is powered and not held in reset. Stop ends it.
func New(config Config) *Chip {
	if config.Version == 0 {
		config.Version = 0x04
	}
	if config.Boot == 0 {
		config.Boot = time.Millisecond
	}
	c := &Chip{
		config: config, wake: make(chan struct{}, 1), stop: make(chan struct{}), stopped: make(chan struct{}),
		rng: rand.New(rand.NewPCG(config.Seed, 0x5500)), plugged: true, high: true, quiet: true,
	}
	for i := range c.sockets {
		c.sockets[i].n, c.sockets[i].fd = i, -1
	}
	c.powerUp(time.Now())
	if config.Cable != nil {
		config.Cable.attach(c)
	}
	go c.run()
	return c
}
