package rtl8720dn

import (
	"crypto/rand"
	"encoding/binary"
)

func systemRand() uint64 {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic("rtl8720dn: no random numbers: set Config.Rand")
	}
	return binary.LittleEndian.Uint64(b[:])
}
