package flight

import (
	"unsafe"

	"github.com/netdev-go/netdev/internal/heap"
)

const (
	recordSize    = int(unsafe.Sizeof(record{}))
	resendingSize = int(unsafe.Sizeof(resending{}))
)

// Size returns the most bytes that a Flight of that Limit takes besides itself.
func Size(limit int) int {
	n := (&Flight{Limit: int32(limit)}).limit()
	n += spare(n)
	again := 2 * n
	if n+2 < firstRing {
		again = n + 2
	}
	return heap.Object(int(unsafe.Sizeof(board{}))) + heap.Bytes(n*recordSize) + heap.Bytes(again*resendingSize)
}

// SizeOf is Size for as many Flights as there are, which have so many segments under
// way together.
func SizeOf(flights, limit, segments int) int {
	board := heap.Object(int(unsafe.Sizeof(board{})))
	return min(flights*Size(limit), flights*(board+heap.Bytes(firstRing*recordSize))+segments*2*(recordSize+resendingSize))
}
