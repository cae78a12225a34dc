package stack

import (
	"strconv"
	"unsafe"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/stack/internal/fragment"
	"github.com/netdev-go/netdev/stack/internal/igmp"
	"github.com/netdev-go/netdev/stack/internal/neighbour"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// Memory is how many bytes a stack holds at most, by part.
type Memory struct {
	Ring        int // frames that wait for the device, long segments for it to cut among them
	Blocks      int // what sockets hold, received, to be sent, or waiting for a neighbour
	Sockets     int // descriptors, with all that is not data
	Connections int // control blocks of TCP, those in TIME-WAIT included
	InFlight    int // records of segments under way, where they are 512 bytes or longer
	Neighbours  int // the neighbour cache
	Reassembly  int // what tells fragments apart, and a packet put together
	Names       int // answers of name servers
	Rest        int // groups, path MTUs, the stack itself
}

// What a part takes for each of its entries, where the parts do not tell.
const (
	nameBytes   = 256
	waiterBytes = 256
	restBytes   = 3 << 10 // the stack itself, and its tables of a fixed size
	defaultMTU  = 1500
)

// Memory computes the bound of what a stack of this configuration holds. Where MTU
// is zero it takes that of Ethernet.
func (c Config) Memory() Memory {
	c = c.withDefaults()
	mtu := orElse(c.MTU, defaultMTU)
	// A pool takes nothing before its blocks are used.
	pool := block.NewPool(block.Config{BlockSize: c.BlockSize, Blocks: c.Blocks})
	connections, records := c.tcp(pool).Footprint()
	return Memory{
		Ring:        c.Ring*(ethernet.HeaderLen+mtu+int(unsafe.Sizeof(frame{}))) + max(0, c.Offload)*longestFrame + c.batch()*int(unsafe.Sizeof([]byte{})),
		Blocks:      c.Blocks * (c.BlockSize + int(unsafe.Sizeof(block.Block{}))),
		Sockets:     c.Sockets*int(unsafe.Sizeof(socket{})+unsafe.Sizeof(slot{})+unsafe.Sizeof(dgram{})) + 2*len(newPorts(c.Sockets).chains)*int(unsafe.Sizeof((*socket)(nil))),
		Connections: connections,
		InFlight:    records,
		Neighbours:  c.neighbours(pool, nil).Memory(),
		Reassembly:  c.fragments(pool).Memory() + c.longest(),
		Names:       c.Names * nameBytes,
		Rest:        restBytes + c.groups(nil).Memory() + c.Groups*int(unsafe.Sizeof(membership{})) + min(maxIdle, c.Sockets)*waiterBytes,
	}
}

func (c *Config) neighbours(pool *block.Pool, rand func() uint64) neighbour.Config {
	return neighbour.Config{
		Entries: c.Neighbours, Pool: pool, Rand: rand,
		Waiting: max(2, c.Ring/4), // the longest datagram for somebody new, on a host
	}
}

func (c *Config) groups(rand func() uint64) igmp.Config {
	return igmp.Config{Groups: c.Groups, MTU: c.MTU, Rand: rand}
}

func (c *Config) fragments(pool *block.Pool) fragment.Config {
	return fragment.Config{Pool: pool, Bytes: c.Reassembly, Packets: c.packets(), Runs: c.runs()}
}

// longest is how long a packet may be that is put together.
func (c *Config) longest() int { return min(c.Reassembly, ipv4.MaxLen) }

// wholeInRing reports whether packets are put together in the one full frame, if that is
// free: they are done with before it is written. What answers one, such as an echo
// reply, goes in one piece there, and may stand in its place.
func (c *Config) wholeInRing() bool {
	return c.Ring-c.ShortFrames == 1 && c.longest() <= c.MTU && c.Forward == nil
}

// runs is how many separate parts of one packet are held.
func (c *Config) runs() int { return max(4, min(16, c.Reassembly/512)) }

// packets is how many packets may wait for their fragments.
func (c *Config) packets() int { return max(1, min(64, c.Reassembly/1024)) }

// records is how many segments of one connection are told apart while they are
// under way.
func (c *Config) records() int { return max(2, min(c.MaxBuffer/1024, 4096)) }

// questions is how many name servers are asked at once, and datagram and message how
// long their answers may be, over UDP and over TCP.
func (c *Config) questions() int { return max(1, min(c.Names/2, 8)) }
func (c *Config) datagram() int  { return max(512, min(c.RecvBuffer/4, 1232)) }
func (c *Config) message() int   { return max(1024, min(c.RecvBuffer/2, 65535)) }

// Total returns the sum.
func (m Memory) Total() int {
	sum := 0
	for _, p := range m.parts() {
		sum += p.bytes
	}
	return sum
}

type part struct {
	name  string
	bytes int
}

func (m Memory) parts() [9]part {
	return [...]part{
		{"ring", m.Ring}, {"blocks", m.Blocks}, {"sockets", m.Sockets}, {"connections", m.Connections},
		{"in flight", m.InFlight}, {"neighbours", m.Neighbours}, {"reassembly", m.Reassembly},
		{"names", m.Names}, {"rest", m.Rest},
	}
}

// String returns a table, one part a line.
func (m Memory) String() string {
	var b []byte
	for _, p := range m.parts() {
		b = appendLine(b, p)
	}
	return string(appendLine(b, part{"total", m.Total()}))
}

func appendLine(b []byte, p part) []byte {
	const width = 26
	start := len(b)
	b = append(b, p.name...)
	digits := strconv.Itoa(p.bytes)
	for len(b)-start+len(digits) < width {
		b = append(b, ' ')
	}
	return append(append(b, digits...), '\n')
}
