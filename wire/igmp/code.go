package igmp

import "math/bits"

// MaxCode is the largest number that a code stands for.
const MaxCode = (0x0f | 0x10) << (7 + 3)

// DecodeCode returns the number that c stands for: itself below 128, and from
// there on a floating-point value (RFC 3376 §4.1.1).
func DecodeCode(c uint8) int {
	if c < 0x80 {
		return int(c)
	}
	return (int(c&0x0f) | 0x10) << (c>>4&7 + 3)
}

// EncodeCode returns the code for n, or for the largest number below it that has
// one. Below 0 that is 0, above [MaxCode] it is MaxCode's.
func EncodeCode(n int) uint8 {
	if n < 0x80 {
		return uint8(max(n, 0))
	}
	n = min(n, MaxCode)
	exp := bits.Len(uint(n)) - 8 // of 128 to 255 it is 0
	return 0x80 | uint8(exp)<<4 | uint8(n>>(exp+3))&0x0f
}
