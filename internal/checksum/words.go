package checksum

import (
	"encoding/binary"
	"math/bits"
)

// The sum does not care which byte of a word comes first, if all words agree
// (RFC 1071 §2(B)): words are loaded in the order that costs nothing on the
// machines around, as wide as they are, and fold turns the result.

// fold makes 16 bits of the little-endian words that s is the sum of.
func fold(s uint64) Sum {
	s = s>>32 + s&0xffffffff
	s = s>>32 + s&0xffffffff
	s = s>>16 + s&0xffff
	s = s>>16 + s&0xffff
	return Sum(bits.ReverseBytes16(uint16(s)))
}

// tail returns the last n bytes of b, less than 8, as a word with zeros above.
func tail(b []byte, n int) (w uint64) {
	if len(b) >= 8 {
		// One load that reaches back, with the bytes already summed shifted out.
		return binary.LittleEndian.Uint64(b[len(b)-8:]) >> (64 - 8*uint(n)&63) & (1<<(8*uint(n)&63) - 1)
	}
	b = b[len(b)-n:]
	for i := len(b) - 1; i >= 0; i-- {
		w = w<<8 | uint64(b[i])
	}
	return w
}

// sum64 is for machines that add 64 bits and a carry in one instruction.
func sum64(b []byte) uint64 {
	whole := b
	var s, c uint64
	for len(b) >= 64 {
		p := (*[64]byte)(b)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(p[0:]), 0)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(p[8:]), c)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(p[16:]), c)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(p[24:]), c)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(p[32:]), c)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(p[40:]), c)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(p[48:]), c)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(p[56:]), c)
		s += c
		b = b[64:]
	}
	for len(b) >= 8 {
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(b), 0)
		s += c
		b = b[8:]
	}
	s, c = bits.Add64(s, tail(whole, len(b)), 0)
	return s + c
}

// sum32 is for machines of 32 bits: sums of 32-bit words do not overflow 64.
func sum32(b []byte) uint64 {
	whole := b
	var s uint64
	for len(b) >= 16 {
		p := (*[16]byte)(b)
		s += uint64(binary.LittleEndian.Uint32(p[0:]))
		s += uint64(binary.LittleEndian.Uint32(p[4:]))
		s += uint64(binary.LittleEndian.Uint32(p[8:]))
		s += uint64(binary.LittleEndian.Uint32(p[12:]))
		b = b[16:]
	}
	for len(b) >= 4 {
		s += uint64(binary.LittleEndian.Uint32(b))
		b = b[4:]
	}
	return s + tail(whole, len(b))
}
