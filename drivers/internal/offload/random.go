package offload

import (
	"crypto/rand"
	"encoding/binary"
	"time"
)

// SystemRand is Config.Rand where there is none.
func SystemRand() uint64 {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		// A board without a source of entropy still has a clock that nobody saw start.
		return uint64(time.Now().UnixNano()) * 0x9e3779b97f4a7c15
	}
	return binary.LittleEndian.Uint64(b[:])
}
