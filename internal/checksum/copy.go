package checksum

import (
	"encoding/binary"
	"math/bits"
)

func copy64(dst, src []byte) uint64 {
	dst = dst[:len(src)]
	var s, c uint64
	for len(src) >= 32 && len(dst) >= 32 {
		p, q := (*[32]byte)(src), (*[32]byte)(dst)
		w0 := binary.LittleEndian.Uint64(p[0:])
		w1 := binary.LittleEndian.Uint64(p[8:])
		w2 := binary.LittleEndian.Uint64(p[16:])
		w3 := binary.LittleEndian.Uint64(p[24:])
		binary.LittleEndian.PutUint64(q[0:], w0)
		binary.LittleEndian.PutUint64(q[8:], w1)
		binary.LittleEndian.PutUint64(q[16:], w2)
		binary.LittleEndian.PutUint64(q[24:], w3)
		s, c = bits.Add64(s, w0, 0)
		s, c = bits.Add64(s, w1, c)
		s, c = bits.Add64(s, w2, c)
		s, c = bits.Add64(s, w3, c)
		s += c
		src, dst = src[32:], dst[32:]
	}
	copy(dst, src)
	s, c = bits.Add64(s, sum64(src), 0)
	return s + c
}

func copy32(dst, src []byte) uint64 {
	dst = dst[:len(src)]
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
