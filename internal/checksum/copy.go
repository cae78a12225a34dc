package checksum

import (
	"encoding/binary"
	"math/bits"
)

// block is what a first-level cache holds twice over.
const block = 4 << 10

// copy64 leaves moving to the runtime, whose vector instructions make a copy and
// a sum of what is in the cache faster than one loop that does both.
func copy64(dst, src []byte) uint64 {
	var s, c uint64
	for len(src) > block {
		copy(dst[:block], src)
		s, c = bits.Add64(s, sum64(src[:block]), 0)
		s += c
		dst, src = dst[block:], src[block:]
	}
	copy(dst, src)
	s, c = bits.Add64(s, sum64(src), 0)
	return s + c
}

func copy32(dst, src []byte) uint64 {
	var s uint64
	for len(src) >= 16 && len(dst) >= 16 {
		p, q := (*[16]byte)(src), (*[16]byte)(dst)
		w0 := binary.LittleEndian.Uint32(p[0:])
		w1 := binary.LittleEndian.Uint32(p[4:])
		w2 := binary.LittleEndian.Uint32(p[8:])
		w3 := binary.LittleEndian.Uint32(p[12:])
		binary.LittleEndian.PutUint32(q[0:], w0)
		binary.LittleEndian.PutUint32(q[4:], w1)
		binary.LittleEndian.PutUint32(q[8:], w2)
		binary.LittleEndian.PutUint32(q[12:], w3)
		s += uint64(w0) + uint64(w1) + uint64(w2) + uint64(w3)
		src, dst = src[16:], dst[16:]
	}
	copy(dst, src)
	return s + sum32(src)
}
