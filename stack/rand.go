package stack

import (
	"crypto/rand"
	"encoding/binary"

	"github.com/netdev-go/netdev/internal/siphash"
)

// newRand returns a generator of numbers that nobody foresees: a keyed hash of how
// many there were before. It takes 24 bytes.
func newRand() (func() uint64, error) {
	var seed [16]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return nil, err
	}
	key := siphash.Key{binary.LittleEndian.Uint64(seed[:]), binary.LittleEndian.Uint64(seed[8:])}
	n := uint64(0)
	return func() uint64 {
		n++
		return key.Words(n)
	}, nil
}
