package tcp

import (
	"unsafe"

	"github.com/netdev-go/netdev/stack/tcp/internal/flight"
)

// controllerSize is what a congestion controller takes, with room for one that
// estimates rates.
const controllerSize = 320

// blocks is how many control blocks there are at most: some more than connections, for
// those that are over but for a segment to be sent.
func (c *Config) blocks() int {
	return c.MaxConns + max(c.MaxTimeWait, 0) + min(c.MaxConns/8, 64)
}

// Footprint returns the most bytes that an Engine of this configuration takes besides
// its Pool: for connections, and for the records of what they have under way, if
// segments have 512 bytes or more. With smaller ones it is Records for each connection
// that bounds them.
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
	connections = c.MaxConns*int(unsafe.Sizeof(Conn{})+unsafe.Sizeof(sender{})+controllerSize+unsafe.Sizeof(timer{})) +
		(c.blocks()-c.MaxConns)*int(unsafe.Sizeof(Conn{})) +
		buckets*int(unsafe.Sizeof((*Conn)(nil))) + c.MaxAnswers*int(unsafe.Sizeof(answer{})) +
		int(unsafe.Sizeof(Engine{}))
	limit := c.Records
	if limit <= 0 {
		limit = flight.DefaultLimit
	}
	records = min(c.MaxConns*limit, blocks*size/512+c.MaxConns) * flight.RecordSize
	return connections, records
}
