package dns

import (
	"unsafe"

	"github.com/netdev-go/netdev/internal/heap"
)

// What channels, and what a call has beside its buffers, take at most.
const (
	channelBytes = 96
	callBytes    = 768
)

// Memory returns how many bytes a Client takes at most, and how many each question
// takes that is under way.
func (c Config) Memory() (client, question int) {
	c = c.withDefaults()
	client = heap.Object(int(unsafe.Sizeof(Client{}))) + channelBytes + max(0, c.CacheBytes)
	question = max(heap.Bytes(c.MaxDatagram), heap.Bytes(c.MaxMessage)) +
		heap.Object(int(unsafe.Sizeof(query{}))) + heap.Object(int(unsafe.Sizeof(flight{}))) +
		heap.Object(int(unsafe.Sizeof(socket{}))) + callBytes
	return client, question
}
