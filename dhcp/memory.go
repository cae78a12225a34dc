package dhcp

import (
	"net/netip"
	"unsafe"

	"github.com/netdev-go/netdev/internal/heap"
)

// Memory returns how many bytes a Client takes at most, with its lease.
func (c Config) Memory() int {
	addr := int(unsafe.Sizeof(netip.Addr{}))
	text := c.MaxText
	if text <= 0 || text > maxName {
		text = maxName
	}
	return heap.Object(int(unsafe.Sizeof(Client{}))) + heap.Object(int(unsafe.Sizeof(Lease{}))) +
		2*heap.Object(c.most(maxAddrs)*addr) +
		heap.Object(c.most(maxRoutes)*int(unsafe.Sizeof(Route{}))) +
		heap.Object(c.most(maxSearch)*int(unsafe.Sizeof(""))) + (c.most(maxSearch)+1)*heap.Bytes(text)
}
