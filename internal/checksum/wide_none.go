//go:build !amd64 || tinygo || purego

package checksum

// There are no vector loops.
const (
	wide    = 0
	hasWide = false
)

func sumWide(b []byte) uint64         { return sum64(b) }
func copyWide(dst, src []byte) uint64 { return copy64(dst, src) }
