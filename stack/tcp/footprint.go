package tcp

import (
	"unsafe"

	"github.com/netdev-go/netdev/internal/heap"
	"github.com/netdev-go/netdev/stack/tcp/congestion"
	"github.com/netdev-go/netdev/stack/tcp/internal/flight"
)

// blocks is how many control blocks there are at most: some more than connections, for
// those that are over but for a segment to be sent.
func (c *Config) blocks() int {
	return c.MaxConns + max(c.MaxTimeWait, 0) + min(c.MaxConns/8, 64)
}

// Footprint returns the most bytes that an Engine of this configuration takes besides
// its Pool: for connections, and for the records of what they have under way, if
// segments have 512 bytes or more. With smaller ones it is Records for each connection
// that bounds them. All have the Config's congestion control.
func (c Config) Footprint() (connections, records int) {
	blocks, size := 0, 0
	if c.Pool != nil {
		blocks, size = c.Pool.Blocks(), c.Pool.BlockSize()
	}
	c.setDefaults()
	buckets := bucketsAtFirst
	for buckets < c.MaxConns+max(c.MaxTimeWait, 0) {
		buckets *= 2
	}
	timers := 1
	for timers < c.MaxConns {
		timers *= 2
	}
	connections = c.blocks()*heap.Object(int(unsafe.Sizeof(Conn{}))) +
		c.MaxConns*(heap.Object(int(unsafe.Sizeof(sender{})))+congestion.Size(c.Congestion)) +
		heap.Object(timers*int(unsafe.Sizeof(timer{}))) +
		heap.Object(buckets*int(unsafe.Sizeof((*Conn)(nil)))) + heap.Object(c.MaxAnswers*int(unsafe.Sizeof(answer{}))) +
		heap.Object(int(unsafe.Sizeof(Engine{})))
	return connections, flight.SizeOf(c.MaxConns, c.Records, blocks*size/512)
}

// OptionsSize and ListenerSize are what settings that are not the default take, and a
// Listener.
const (
	OptionsSize  = int(unsafe.Sizeof(Options{}))
	ListenerSize = int(unsafe.Sizeof(Listener{}))
)
