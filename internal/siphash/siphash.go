// Package siphash is SipHash-2-4 (Aumasson, Bernstein 2012), a keyed hash whose
// values nobody foresees who does not know the key: for hash tables that strangers
// fill, and for ports and sequence numbers that they must not guess.
package siphash

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// Key is a secret of 128 bits.
type Key [2]uint64

// NewKey returns a key from a source of random numbers.
func NewKey(rand func() uint64) Key { return Key{rand(), rand()} }

// Words returns the hash of words, in little-endian order of their bytes.
func (k Key) Words(words ...uint64) uint64 {
	s := k.begin()
	for _, w := range words {
		s = s.add(w)
	}
	return s.end(8 * len(words))
}

// Addr returns the hash of an address without its zone. An IPv4 address and the
// IPv6 address that it is mapped to have different ones.
func (k Key) Addr(a netip.Addr) uint64 {
	s := k.begin()
	if a.Is4() {
		b := a.As4()
		s = s.add(uint64(binary.LittleEndian.Uint32(b[:])))
		return s.end(4)
	}
	b := a.As16()
	s = s.add(binary.LittleEndian.Uint64(b[:8]))
	s = s.add(binary.LittleEndian.Uint64(b[8:]))
	return s.end(16)
}

// A state is passed by value, so that it stays in registers.
type state struct{ v0, v1, v2, v3 uint64 }

func (k Key) begin() state {
	return state{k[0] ^ 0x736f6d6570736575, k[1] ^ 0x646f72616e646f6d, k[0] ^ 0x6c7967656e657261, k[1] ^ 0x7465646279746573}
}

func (s state) add(w uint64) state {
	s.v3 ^= w
	s = s.round().round()
	s.v0 ^= w
	return s
}

func (s state) end(n int) uint64 {
	s = s.add(uint64(n) << 56)
	s.v2 ^= 0xff
	s = s.round().round().round().round()
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3
}

func (s state) round() state {
	a, b, c, d := s.v0+s.v1, s.v1, s.v2+s.v3, s.v3
	b = bits.RotateLeft64(b, 13) ^ a
	d = bits.RotateLeft64(d, 16) ^ c
	a = bits.RotateLeft64(a, 32)
	c += b
	a += d
	b = bits.RotateLeft64(b, 17) ^ c
	d = bits.RotateLeft64(d, 21) ^ a
	return state{a, b, bits.RotateLeft64(c, 32), d}
}
