package dns

import (
	"unsafe"

	"github.com/netdev-go/netdev/internal/heap"
)

// What a channel takes at most, and what a question has beside its buffers: the closing
// of a connection that takes too long, lists of names and servers.
const (
	word         = 4 << (^uint(0) >> 63)
	channelBytes = 16 * word
	callBytes    = 48 * word
)

// Memory returns how many bytes a Client takes at most, and how many each question
// takes that is under way, but for a context that can end.
func (c Config) Memory() (client, question int) {
	c = c.withDefaults()
	client = heap.Object(int(unsafe.Sizeof(Client{}))) + channelBytes + max(0, c.CacheBytes)
	question = max(heap.Bytes(c.MaxDatagram), heap.Bytes(c.MaxMessage)) + heap.Object(int(unsafe.Sizeof(flight{}))) +
		heap.Object(int(unsafe.Sizeof(socket{}))) + callBytes
	return client, question
}
