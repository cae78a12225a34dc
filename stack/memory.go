package stack

import (
	"strconv"
	"unsafe"

	"github.com/netdev-go/netdev/dhcp"
	"github.com/netdev-go/netdev/dns"
	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/internal/heap"
	"github.com/netdev-go/netdev/stack/internal/fragment"
	"github.com/netdev-go/netdev/stack/internal/icmp"
	"github.com/netdev-go/netdev/stack/internal/igmp"
	"github.com/netdev-go/netdev/stack/internal/neighbour"
	"github.com/netdev-go/netdev/stack/internal/route"
	"github.com/netdev-go/netdev/stack/tcp"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// Memory is how many bytes a stack holds at most, by part, with what Go's allocator adds
// by giving out some sizes only.
type Memory struct {
	Ring        int // frames that wait for the device, long segments for it to cut among them
	Blocks      int // what sockets hold, received, to be sent, or waiting for a neighbour
	Sockets     int // descriptors, with all that is not data
	Connections int // control blocks of TCP, those in TIME-WAIT included
	InFlight    int // records of segments under way, where they are 512 bytes or longer
	Neighbours  int // the neighbour cache
	Reassembly  int // what tells fragments apart, and a packet put together
	Names       int // the DNS client, and answers of name servers
	Rest        int // groups, path MTUs, the lease, the stack itself

	// Calls is what one call takes that waits for each socket, and as many questions to
	// name servers as are asked at once. Not counted are stacks of the goroutines that
	// call, what the runtime has for those that wait, and contexts that can end.
	Calls int
}

// What the parts do not tell.
const (
	nameBytes  = 256
	closures   = 352 // functions and channels of the stack's own, and its timer
	defaultMTU = 1500
)

// Memory computes the bound of what a stack of this configuration holds. Where MTU
// is zero it takes that of Ethernet. It counts sockets as they are meant: a
// connection each, as far as there are those, and otherwise datagram sockets.
func (c Config) Memory() Memory {
	c = c.withDefaults()
	mtu := orElse(c.MTU, defaultMTU)
	c.MTU = mtu
	// A pool takes nothing before its blocks are used.
	pool := block.NewPool(block.Config{BlockSize: c.BlockSize, Blocks: c.Blocks})
	connections, records := c.tcp(pool).Footprint()
	whole := heap.Bytes(c.longest())
	if c.wholeInRing() {
		whole = 0
	}
	client, question := c.dns().Memory()
	waiting := heap.Object(int(unsafe.Sizeof(waiter{})))
	return Memory{
		Ring:        c.ringBytes(ethernet.HeaderLen),
		Blocks:      c.blockBytes(),
		Sockets:     c.socketBytes(),
		Connections: connections,
		InFlight:    records,
		Neighbours:  c.neighbours(pool, nil).Memory(),
		Reassembly:  c.fragments(pool).Memory() + whole,
		Names:       client,
		Rest: heap.Object(int(unsafe.Sizeof(Stack{}))) + closures + heap.Bytes(2*c.portTable()) + portBytes +
			c.groups(nil).Memory() + heap.Object(c.Groups*int(unsafe.Sizeof(membership{}))) +
			icmp.PathMTUMemory(c.paths()) + c.lease().Memory() +
			heap.Object((c.Terms+2)*int(unsafe.Sizeof(route.Route{}))),
		Calls: c.Sockets*waiting + heap.Object(slots(c.Sockets)*int(unsafe.Sizeof((*waiter)(nil)))) +
			c.questions()*question,
	}
}

const portBytes = 64 // of a port.Allocator, but for its table

func (c *Config) portTable() int { return min(256, max(16, c.Sockets)) }

// paths is how many destinations are remembered whose path takes less than the
// interface.
func (c *Config) paths() int { return min(pathMTUs, c.Neighbours) }

// ringBytes is what the ring takes for frames whose packets begin at headroom.
func (c *Config) ringBytes(headroom int) int {
	full := (c.Ring - c.ShortFrames) * heap.Bytes(headroom+c.MTU)
	if c.Preallocate {
		full = heap.Bytes((c.Ring - c.ShortFrames) * (headroom + c.MTU))
	}
	return full + c.ShortFrames*heap.Bytes(headroom+shortPacket) + heap.Object(c.Ring*int(unsafe.Sizeof(frame{}))) +
		max(0, c.Offload)*heap.Bytes(longestFrame) + heap.Object(c.batch()*int(unsafe.Sizeof([]byte{})))
}

func (c *Config) blockBytes() int {
	header := int(unsafe.Sizeof(block.Block{}))
	if c.Preallocate {
		return heap.Bytes(c.Blocks*c.BlockSize) + heap.Object(c.Blocks*header) + heap.Object(int(unsafe.Sizeof(block.Pool{})))
	}
	return c.Blocks*(heap.Bytes(c.BlockSize)+heap.Object(header)) + heap.Object(int(unsafe.Sizeof(block.Pool{})))
}

// socketBytes takes what a stream has, and a listener, for as much as a datagram socket.
func (c *Config) socketBytes() int {
	options := heap.Object(tcp.OptionsSize)
	datagram := max(heap.Object(int(unsafe.Sizeof(dgram{}))), heap.Object(tcp.ListenerSize))
	streams := min(c.Connections, c.Sockets)
	return c.Sockets*heap.Object(int(unsafe.Sizeof(socket{}))) + heap.Object(slots(c.Sockets)*int(unsafe.Sizeof(slot{}))) +
		streams*options + (c.Sockets-streams)*datagram + c.Groups*heap.Object(int(unsafe.Sizeof(joined{}))) +
		2*heap.Object(len(newPorts(c.Sockets).chains)*int(unsafe.Sizeof((*socket)(nil))))
}

// slots is how long a slice becomes that grows to n.
func slots(n int) int {
	size := 1
	for size < n {
		size *= 2
	}
	return size
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

// dns and lease are what the clients are told of memory.
func (c *Config) dns() dns.Config {
	return dns.Config{
		CacheEntries: c.Names, CacheBytes: c.Names * nameBytes,
		MaxQueries: c.questions(), MaxDatagram: c.datagram(), MaxMessage: c.message(),
	}
}

func (c *Config) lease() dhcp.Config {
	// A domain may be 32 times as long as there are many.
	return dhcp.Config{MaxMessageSize: c.MTU, MaxList: c.Terms, MaxText: 32 * c.Terms}
}

// questions is how many name servers are asked at once, and datagram and message how
// long their answers may be, over UDP and over TCP.
func (c *Config) questions() int { return max(1, min(c.Names/2, 8)) }
func (c *Config) datagram() int  { return max(512, min(c.RecvBuffer/4, 1232)) }
func (c *Config) message() int {
	if c.RecvBuffer < 4*512 {
		return 512
	}
	return max(1024, min(c.RecvBuffer/2, 65535))
}

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

func (m Memory) parts() [10]part {
	return [...]part{
		{"ring", m.Ring}, {"blocks", m.Blocks}, {"sockets", m.Sockets}, {"connections", m.Connections},
		{"in flight", m.InFlight}, {"neighbours", m.Neighbours}, {"reassembly", m.Reassembly},
		{"names", m.Names}, {"rest", m.Rest}, {"calls", m.Calls},
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
