package offload

import (
	"context"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/internal/block"
)

// Config describes a chip to its socket layer. Zero fields have defaults that
// suit a small board.
type Config struct {
	Chip Chip

	Sockets int // descriptors of users at once, at most 252; 10 if 0

	// BlockSize and Blocks bound the memory that all sockets' data share, both
	// directions together; 128 bytes and 64 if 0. There are always enough blocks
	// that each socket can have one in each direction, and for two datagrams.
	BlockSize, Blocks int

	SendBuffer, RecvBuffer int // bytes that a socket holds at most; 2048 if 0
	MaxSegment             int // most bytes of one Send or Recv of the chip; 1024 if 0
	MaxDatagram            int // longest datagram; 1472 if 0

	// Polled is for a chip that does not announce what happens: sockets that
	// somebody waits for are asked, at once, then after PollMin, which doubles up
	// to PollMax, and from the beginning after everything that happened on them.
	// A chip that announces is only asked again so where it has said that it
	// is not ready to send, connect or close yet.
	Polled           bool
	PollMin, PollMax time.Duration // 100 µs and 2 ms if 0

	// Recheck is after how long a chip that announces is asked nevertheless for
	// those who wait, where an announcement may be lost on the way; never if 0.
	Recheck time.Duration

	// Flush is how long Close goes on bringing to the peer what Send took; 30 s if 0.
	Flush time.Duration

	// Resolve returns the addresses of a name that is not an address. It is called
	// on the goroutine of whoever asks. nil has no names.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)

	// Rand returns random numbers. nil takes the system's. It is called with a lock,
	// and neither waits nor calls what is in this package.
	Rand func() uint64

	// Abort tells that the chip can reset a connection: SO_LINGER exists.
	Abort bool
}

func (c Config) withDefaults() Config {
	c.Sockets = orElse(c.Sockets, 10)
	c.BlockSize = min(orElse(c.BlockSize, 128), block.MaxBlockSize)
	c.SendBuffer = orElse(c.SendBuffer, 2048)
	c.RecvBuffer = orElse(c.RecvBuffer, 2048)
	c.MaxSegment = orElse(c.MaxSegment, 1024)
	c.MaxDatagram = orElse(c.MaxDatagram, 1472)
	c.Blocks = max(orElse(c.Blocks, 64), 2*c.Sockets+2*c.blocks(recordLen+c.MaxDatagram))
	if c.PollMin <= 0 {
		c.PollMin = 100 * time.Microsecond
	}
	if c.PollMax <= 0 {
		c.PollMax = 2 * time.Millisecond
	}
	c.PollMax = max(c.PollMax, c.PollMin)
	if c.Flush <= 0 {
		c.Flush = 30 * time.Second
	}
	if c.Rand == nil {
		c.Rand = SystemRand
	}
	return c
}

// blocks is how many blocks n bytes may touch behind what a queue holds.
func (c *Config) blocks(n int) int { return (n + c.BlockSize - 1) / c.BlockSize }

func orElse(n, other int) int {
	if n <= 0 {
		return other
	}
	return n
}
