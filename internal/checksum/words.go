package checksum

import (
	"encoding/binary"
	"math/bits"
)

// The sum does not care which byte of a word comes first, if all words agree
// (RFC 1071 §2(B)): words are loaded in the order that costs nothing on the
// machines around, as wide as they are, and little turns the result.

// fold adds the four quarters of s up to 16 bits. A word and itself turned around by
// half have in their upper half the sum of both halves and its carry.
func fold(s uint64) uint16 {
	x := uint32((s + bits.RotateLeft64(s, 32)) >> 32)
	return uint16((x + bits.RotateLeft32(x, 16)) >> 16)
}

func little(s uint64) Sum { return Sum(bits.ReverseBytes16(fold(s))) }

// tail returns the last n bytes of b, less than 8, as a word with zeros above.
func tail(b []byte, n int) (w uint64) {
	if n == 0 {
		return 0
	}
	if len(b) >= 8 {
		// One load that reaches back, with the bytes already summed shifted out.
		return binary.LittleEndian.Uint64(b[len(b)-8:]) >> (uint(-8*n) & 63)
	}
	for i := len(b) - 1; i >= len(b)-n; i-- {
		w = w<<8 | uint64(b[i])
	}
	return w
}

// sum64 is for machines that add 64 bits and a carry in one instruction. Two
// sums grow side by side, because each waits for its own carry only. Loops over
// the words of a block would not be unrolled, nor a function for it inlined.
func sum64(b []byte) uint64 {
	whole := b
	var s, t, c uint64
	for len(b) >= 128 {
		p := (*[128]byte)(b)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(p[0:]), 0)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(p[8:]), c)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(p[16:]), c)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(p[24:]), c)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(p[32:]), c)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(p[40:]), c)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(p[48:]), c)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(p[56:]), c)
		s += c
		t, c = bits.Add64(t, binary.LittleEndian.Uint64(p[64:]), 0)
		t, c = bits.Add64(t, binary.LittleEndian.Uint64(p[72:]), c)
		t, c = bits.Add64(t, binary.LittleEndian.Uint64(p[80:]), c)
		t, c = bits.Add64(t, binary.LittleEndian.Uint64(p[88:]), c)
		t, c = bits.Add64(t, binary.LittleEndian.Uint64(p[96:]), c)
		t, c = bits.Add64(t, binary.LittleEndian.Uint64(p[104:]), c)
		t, c = bits.Add64(t, binary.LittleEndian.Uint64(p[112:]), c)
		t, c = bits.Add64(t, binary.LittleEndian.Uint64(p[120:]), c)
		t += c
		b = b[128:]
	}
	if len(b) >= 64 {
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
	if len(b) >= 32 {
		t, c = bits.Add64(t, binary.LittleEndian.Uint64(b), 0)
		t, c = bits.Add64(t, binary.LittleEndian.Uint64(b[8:]), c)
		t, c = bits.Add64(t, binary.LittleEndian.Uint64(b[16:]), c)
		t, c = bits.Add64(t, binary.LittleEndian.Uint64(b[24:]), c)
		t += c
		b = b[32:]
	}
	if len(b) >= 16 {
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(b), 0)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(b[8:]), c)
		s += c
		b = b[16:]
	}
	if len(b) >= 8 {
		t, c = bits.Add64(t, binary.LittleEndian.Uint64(b), 0)
		t += c
		b = b[8:]
	}
	s, c = bits.Add64(s, t, 0)
	s, c = bits.Add64(s, tail(whole, len(b)), c)
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
