package congestion

import (
	"unsafe"

	"github.com/netdev-go/netdev/internal/heap"
)

// otherSize is more than any Controller here takes.
const otherSize = 512

// Size returns how many bytes the Controller of a takes, with a bound for one that is
// not of this package.
func Size(a Algorithm) int {
	n := otherSize
	switch a.(type) {
	case newRenoAlgorithm:
		n = int(unsafe.Sizeof(newReno{}))
	case cubicAlgorithm:
		n = int(unsafe.Sizeof(cubic{}))
	}
	return heap.Object(n)
}
