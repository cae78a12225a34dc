package w5500

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// Config says what a chip is connected to, and what it is to be. SPI and CS are
// needed.
type Config struct {
	SPI SPI             // mode 0 or 3
	CS  func(high bool) // selects the chip while it is low

	// Reset drives the RSTn pin. Nil resets by the mode register alone.
	Reset func(high bool)

	// Interrupt returns the level of the INTn pin: with it a chip that has nothing
	// to say costs no byte on the bus. OnInterrupt has f called when the pin
	// falls, from an interrupt too: with it nothing is polled at all. Both may be
	// nil.
	Interrupt   func() bool
	OnInterrupt func(f func())

	// MAC is the hardware address. Zero is a random one, of those that anybody may
	// use.
	MAC [6]byte

	// Address is the address and its network. The zero Prefix has DHCP find one.
	Address netip.Prefix
	Gateway netip.Addr   // beside a static Address
	DNS     []netip.Addr // name servers; with DHCP, instead of the lease's

	// Hostname is what the DHCP server is told, unless NetConnect is given a name.
	Hostname string

	// RxKB and TxKB split the chip's memory: KiB for each socket, of 0, 1, 2, 4, 8
	// and 16, and 16 at most for all. A socket with none either way is not used.
	// All zero is 2 for each.
	RxKB, TxKB [sockets]uint8

	// Verify has everything read twice, and read back after it was written, for a
	// bus that cannot be trusted. What it finds resets the chip: connections end
	// with ErrConnReset rather than with a wrong byte.
	Verify bool

	// Timeout is how long the chip may take for a command. Zero is 100 ms.
	Timeout time.Duration

	// Memory for data, on its way between the chip and Recv or Send: of all sockets
	// together, and of a socket in each direction. Zero is 8 KiB and 2 KiB.
	Memory       int
	SocketBuffer int

	// Rand is where all that nobody may guess comes from. Nil is crypto/rand.
	Rand func() uint64
}

// blockSize is what Memory is divided into.
const blockSize = 128

func (c Config) withDefaults() Config {
	if c.RxKB == ([sockets]uint8{}) && c.TxKB == ([sockets]uint8{}) {
		for n := range c.RxKB {
			c.RxKB[n], c.TxKB[n] = 2, 2
		}
	}
	if c.Memory <= 0 {
		c.Memory = 8 << 10
	}
	if c.Timeout <= 0 {
		c.Timeout = 100 * time.Millisecond
	}
	if c.Rand == nil {
		c.Rand = offload.SystemRand
	}
	if c.MAC == ([6]byte{}) {
		c.MAC = localMAC(c.Rand())
	}
	return c
}

// check refuses what the chip cannot be.
func (c *Config) check() bool {
	sums := [2]int{}
	for i, split := range [2]*[sockets]uint8{&c.RxKB, &c.TxKB} {
		for _, kb := range split {
			if kb&(kb-1) != 0 || kb > 16 {
				return false
			}
			sums[i] += int(kb)
		}
	}
	return sums[0] <= 16 && sums[1] <= 16 && c.SPI != nil && c.CS != nil &&
		(!c.Address.IsValid() || c.Address.Addr().Is4()) && (!c.Gateway.IsValid() || c.Gateway.Is4())
}

// size is how many bytes a split has for socket n.
func (c *Config) size(split [sockets]uint8, n uint8) int { return int(split[n]) << 10 }

// localMAC is a unicast address that is locally administered.
func localMAC(x uint64) (mac [6]byte) {
	for i := range mac {
		mac[i] = byte(x >> (8 * i))
	}
	mac[0] = mac[0]&^1 | 2
	return mac
}
