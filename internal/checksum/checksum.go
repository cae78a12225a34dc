package checksum

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// A Sum is the ones' complement sum of 16-bit big-endian words. The zero Sum is
// that of no bytes. A 16-bit field v at an even offset adds Sum(v).
type Sum uint16

// Of returns the sum of b. A last odd byte counts as if a zero byte followed.
func Of(b []byte) Sum {
	switch {
	case hasWide && len(b) >= wide:
		return little(sumWide(b))
	case bits.UintSize == 32:
		return little(sum32(b))
	}
	return little(sum64(b))
}

// Words returns the sum of big-endian words of 32 bits, given their plain sum.
func Words(s uint64) Sum { return Sum(fold(s)) }

// Of32 is [Of] for 32 bytes, the length of many a header.
func Of32(b *[32]byte) Sum {
	s, c := bits.Add64(binary.LittleEndian.Uint64(b[0:]), binary.LittleEndian.Uint64(b[8:]), 0)
	s, c = bits.Add64(s, binary.LittleEndian.Uint64(b[16:]), c)
	s, c = bits.Add64(s, binary.LittleEndian.Uint64(b[24:]), c)
	return little(s + c)
}

// Copy copies src to the beginning of dst and returns src's sum, with src fetched
// from memory once. It panics if dst is the shorter one. They must not overlap.
func Copy(dst, src []byte) Sum {
	if len(dst) < len(src) {
		panic("checksum: Copy to less memory than it copies")
	}
	switch {
	case hasWide && len(src) >= wide:
		return little(copyWide(dst, src))
	case bits.UintSize == 32:
		return little(copy32(dst, src))
	}
	return little(copy64(dst, src))
}

// Pseudo returns the sum of the pseudo-header (RFC 9293 §3.1, RFC 8200 §8.1) that
// TCP, UDP and ICMPv6 put before their own bytes, length of them. It is for both
// families: an IPv4 address and the IPv6 address that it is mapped to sum up to the same.
// The zero Addr counts as the unspecified address.
func Pseudo(src, dst netip.Addr, protocol uint8, length int) Sum {
	return Sum(fold(ofAddr(src) + ofAddr(dst) + uint64(protocol) + uint64(uint32(length))))
}

func ofAddr(a netip.Addr) uint64 {
	if a.Is4() {
		b := a.As4()
		return uint64(binary.BigEndian.Uint32(b[:]))
	}
	b := a.As16()
	hi, lo := binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	return hi>>32 + hi&0xffffffff + lo>>32 + lo&0xffffffff
}

// Add returns the sum of s's bytes and t's, t's beginning at an even offset.
func (s Sum) Add(t Sum) Sum {
	x := uint32(s) + uint32(t)
	return Sum(x + x>>16)
}

// AddAt returns the sum of s's bytes and t's, where t's begin at the given offset
// from where s's do. Parts may be added in any order.
func (s Sum) AddAt(offset int, t Sum) Sum {
	if offset&1 != 0 {
		// RFC 1071 §2(B): swapping the bytes of all words swaps those of the sum.
		t = t<<8 | t>>8
	}
	return s.Add(t)
}

// Checksum returns what belongs in the checksum field, the complement of s.
func (s Sum) Checksum() uint16 { return ^uint16(s) }

// Valid tells whether s, the sum of everything that a checksum covers and the
// checksum too, says that nothing has changed.
func (s Sum) Valid() bool { return s == 0xffff }

// Update returns the checksum after bytes at even offsets that summed up to from
// have been replaced by bytes that sum up to to, given the checksum before.
func Update(checksum uint16, from, to Sum) uint16 {
	// RFC 1624 §3: HC' = ~(~HC + ~m + m'), the form that is right about -0.
	return Sum(^checksum).Add(^from).Add(to).Checksum()
}
