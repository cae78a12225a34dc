package w5500

import (
	"crypto/rand"
	"encoding/binary"
)

func systemRand() uint64 {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic("w5500: no random numbers: set Config.Rand")
	}
	return binary.LittleEndian.Uint64(b[:])
}
