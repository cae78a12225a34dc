package stack

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/stack/tcp/congestion"
)

// Config is what a stack is made of. The zero value is that of [Host]: a field
// that is zero has its value there.
type Config struct {
	// Address is the address of eth0 and its network, such as 10.0.2.15/24. The
	// zero Prefix has DHCP find one.
	Address netip.Prefix
	Gateway netip.Addr   // of the default route, beside a static Address
	DNS     []netip.Addr // name servers; with DHCP, instead of the lease's
	Search  []string     // domains to complete names with

	// Hostname is the name given to the DHCP server, unless NetConnect is given
	// another one.
	Hostname string

	// MTU is the longest packet sent: 68 or more, with DHCP 576. Zero is what the
	// device takes.
	MTU int

	// Poll is how often a device that has no goroutine of its own is asked for
	// frames. Zero is never: it calls its handler by itself.
	Poll time.Duration

	// Sockets is how many sockets may be open at once.
	Sockets int
	// Connections is how many TCP connections there may be, those included that
	// nobody has accepted yet and those that are being closed.
	Connections int
	HalfOpen    int // connections whose handshake is not over, before SYN cookies
	// TimeWait is how many connections may be in TIME-WAIT besides. Below 0 they are
	// among Connections, and give way to new ones.
	TimeWait int

	// Blocks of BlockSize bytes are what the data of all sockets is kept in.
	Blocks, BlockSize int
	// Preallocate takes all memory at once, where it would else be taken when
	// first used.
	Preallocate bool

	// SendBuffer and RecvBuffer are what a socket begins with, in bytes. Those of
	// a TCP connection grow with what it can use up to MaxBuffer, unless
	// SO_SNDBUF or SO_RCVBUF says otherwise, which goes no further either.
	SendBuffer, RecvBuffer, MaxBuffer int

	// Ring is how many frames wait for the device, of which ShortFrames take no more
	// than an acknowledgement, an ARP packet or a short ICMP message. Without short
	// frames one of four full ones is kept for such.
	Ring, ShortFrames int
	// Offload is how many TCP segments longer than the MTU wait for a device that is a
	// netlink.SegmentOffloader, 64 KiB each and at most 255; a netlink.LargeReceiver is
	// told that they may come in, too. Below zero the device cuts nothing and joins
	// nothing.
	Offload int
	// Neighbours is how many hardware addresses are known.
	Neighbours int
	// Reassembly is how many bytes of packets wait for their missing fragments, and how
	// long one of them may be, its header included: 576 or more (RFC 1122 §3.3.2).
	Reassembly int
	// Groups is how many multicast groups can be joined.
	Groups int
	// Names is how many answers of name servers are kept; below 0 none is.
	Names int
	// Terms is how many name servers, routes and search domains of a lease are kept.
	// A domain may be 32 times as many bytes long.
	Terms int

	// Congestion is how TCP finds out how much a path carries. Nil is CUBIC.
	Congestion congestion.Algorithm
	// Algorithms are those that a socket can have by TCP_CONGESTION besides that one
	// and CUBIC. What is not named, such as congestion.BBR, is not linked.
	Algorithms []congestion.Algorithm

	// Forward has the stack take what is addressed to others.
	Forward *Forward

	// Clock is the time. Nil is package time.
	Clock Clock
	// Rand is where all that nobody may guess comes from. Nil is a generator that
	// crypto/rand seeds.
	Rand func() uint64
}

// Host returns the profile for a machine with megabytes to spare.
func Host() Config {
	return Config{
		Sockets: 1 << 16, Connections: 1 << 16, HalfOpen: 4096, TimeWait: 16384,
		BlockSize: 2048, Blocks: 32768,
		SendBuffer: 128 << 10, RecvBuffer: 128 << 10, MaxBuffer: 4 << 20,
		Ring: 256, Offload: 4, Neighbours: 512, Reassembly: 1 << 20, Groups: 64, Names: 256, Terms: 16,
	}
}

// SmallBoard returns the profile for a microcontroller: four connections, two
// datagram sockets and a listener, with a call that waits for each and a question to a
// name server, in less than 16 KiB on a 32-bit machine, as [Config.Memory] has it.
//
// A connection sends and receives 1460 bytes in a round trip, in two segments; there are
// blocks for two times that. A look-up of a name needs a socket of the seven, takes an
// answer of up to 512 bytes, and keeps none. Goroutines' stacks, what the runtime has for
// those that wait, and contexts come on top. The stack itself has no goroutine,
// but for one that pumps a device with Config.Poll, and one for as long as NetNotify's
// function runs, or as others go on writing what a call sends.
func SmallBoard() Config {
	return Config{
		Sockets: 7, Connections: 4, HalfOpen: 2, TimeWait: -1,
		BlockSize: 256, Blocks: 12, Preallocate: true,
		SendBuffer: 1460, RecvBuffer: 1460, MaxBuffer: 1460,
		Ring: 2, ShortFrames: 1, Offload: -1, Neighbours: 4, Reassembly: 576, Groups: 2, Names: -1, Terms: 1,
		Congestion: congestion.NewReno,
	}
}

func (c Config) withDefaults() Config {
	d := Host()
	for _, f := range []struct {
		field *int
		value int
	}{
		{&c.Sockets, d.Sockets}, {&c.Connections, d.Connections}, {&c.HalfOpen, d.HalfOpen}, {&c.TimeWait, d.TimeWait},
		{&c.Blocks, d.Blocks}, {&c.BlockSize, d.BlockSize},
		{&c.SendBuffer, d.SendBuffer}, {&c.RecvBuffer, d.RecvBuffer}, {&c.MaxBuffer, d.MaxBuffer},
		{&c.Ring, d.Ring}, {&c.Offload, d.Offload}, {&c.Neighbours, d.Neighbours}, {&c.Reassembly, d.Reassembly},
		{&c.Groups, d.Groups}, {&c.Names, d.Names}, {&c.Terms, d.Terms},
	} {
		if *f.field == 0 {
			*f.field = f.value
		}
	}
	if c.Clock == nil {
		c.Clock = systemClock{}
	}
	return c
}

// check refuses what no stack can be made of.
func (c *Config) check() error {
	switch {
	case c.Address.IsValid() && !c.Address.Addr().Is4(),
		c.Gateway.IsValid() && !c.Gateway.Is4():
		return netdev.ErrFamilyNotSupported
	case c.Address.IsValid() && !isHost(c.Address),
		c.BlockSize < 1 || c.BlockSize > block.MaxBlockSize,
		c.Sockets < 0 || c.Connections < 0 || c.HalfOpen < 0 || c.Blocks < 0,
		c.SendBuffer < minBuffer || c.RecvBuffer < minBuffer || c.MaxBuffer < minBuffer,
		c.Ring < 2 || c.ShortFrames < 0 || c.ShortFrames >= c.Ring || c.Offload > 255 || c.Neighbours < 1 || c.Reassembly < 0 || c.Groups < 0 || c.Terms < 0,
		len(c.Hostname) > maxHostname:
		return netdev.ErrInvalid
	}
	return nil
}

// maxHostname is how long a name may be that DHCP carries (RFC 2132 §3.14).
const maxHostname = 240
