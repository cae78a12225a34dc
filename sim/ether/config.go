package ether

import (
	"errors"
	"fmt"
	"hash/fnv"
	"time"
)

// Bounds of a frame: the header, and the longest payload an MTU may allow.
const (
	headerLen = 14
	minMTU    = 68 // what IPv4 asks of every link
	maxMTU    = 65521
)

// Defaults of Config.
const (
	DefaultMTU   = 1500
	DefaultQueue = 256
)

// Errors of a device's SendOffsetEthFrame and EthPoll, and of a switch. A
// closed device or switch answers with net.ErrClosed.
var (
	ErrFrameTooShort = errors.New("ether: frame shorter than an Ethernet header")
	ErrFrameTooLong  = errors.New("ether: frame longer than the device's MTU allows")
	ErrNameInUse     = errors.New("ether: name in use on this switch")
)

// Config describes a Device or a Port. The zero value is useful.
type Config struct {
	// Name is the device's name in captures, and unique on a switch. Empty is
	// "port1", "port2" … on a switch, "a" and "b" on a cable.
	Name string

	// MAC is the hardware address. Zero is a locally administered one made of
	// Seed and Name: where processes share a network, one of these must differ.
	MAC [6]byte

	// MTU is the longest payload of a frame, a VLAN tag being payload. Zero is
	// DefaultMTU.
	MTU int

	// Queue is how many received frames wait for the handler or for EthPoll.
	// Zero is DefaultQueue.
	Queue int

	// Pause is how long a sender waits for room in a full queue before its
	// frame is dropped, as a pause frame would have it. Zero drops at once.
	Pause time.Duration

	// Offload has the device take TCP segments longer than its MTU, and cut them, as
	// netlink.SegmentOffloader has it. Where nothing on the way would tell, they go
	// over whole: to a device that has Offload too, whose handler wants them
	// (netlink.LargeReceiver) and whose MTU would take the pieces. An impairment, a
	// capture, a socket, or a port of Attach on the way has them cut first. In a queue
	// a whole one counts as one frame, in Stats as its pieces.
	Offload bool

	// Direct has the device's handler called by who sends, within its
	// SendOffsetEthFrame, with a frame that finds nobody in the handler and no
	// other frame waiting: no copy, and no goroutine to wake. Devices that
	// answer each other so do not recurse, since the answer to a frame finds
	// the handler in use. The handler must not change the frame, nor take a
	// lock that is held across a send, nor wait for the sender.
	Direct bool

	// Batch is how many frames the device takes in one call, and hands over in one, as
	// netlink.BatchSender and BatchReceiver have it. Zero is one at a time. What wraps a
	// device to see its frames must see those, too.
	Batch int

	// Seed decides every fault on the way from and to the device, together
	// with Name, so that devices do not lose the same frames.
	Seed uint64
}

func (c Config) withDefaults(name string) (Config, error) {
	if c.Name == "" {
		c.Name = name
	}
	if c.MTU == 0 {
		c.MTU = DefaultMTU
	}
	if c.Queue == 0 {
		c.Queue = DefaultQueue
	}
	if c.MAC == [6]byte{} {
		c.MAC = deriveMAC(c.Seed, c.Name)
	}
	switch {
	case c.MTU < minMTU || c.MTU > maxMTU:
		return c, fmt.Errorf("ether: %s: MTU %d, want %d to %d", c.Name, c.MTU, minMTU, maxMTU)
	case c.Batch < 0:
		return c, fmt.Errorf("ether: %s: batch of %d frames", c.Name, c.Batch)
	case c.Queue < 0:
		return c, fmt.Errorf("ether: %s: queue of %d frames", c.Name, c.Queue)
	case c.Pause < 0:
		return c, fmt.Errorf("ether: %s: pause of %v", c.Name, c.Pause)
	case c.MAC[0]&1 != 0:
		return c, fmt.Errorf("ether: %s: % x is a group's address, not a device's", c.Name, c.MAC)
	}
	return c, nil
}

func deriveMAC(seed uint64, name string) (mac [6]byte) {
	x := mix(seed, name+" mac")
	for i := range mac {
		mac[i] = byte(x >> (8 * i))
	}
	mac[0] = mac[0]&^1 | 2 // one device's, locally administered
	return mac
}

// mix makes a seed for one purpose out of the user's. SplitMix64's finaliser
// spreads neighbouring seeds apart.
func mix(seed uint64, purpose string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(purpose))
	x := seed + h.Sum64()
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
