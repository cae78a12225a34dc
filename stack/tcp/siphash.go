package tcp

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// A secret keys SipHash-2-4, the pseudo-random function behind everything that a peer
// must not guess.
type secret [2]uint64

func newSecret(rand func() uint64) secret { return secret{rand(), rand()} }

// sum returns the hash of w.
func (k *secret) sum(w ...uint64) uint64 {
	v0, v1 := k[0]^0x736f6d6570736575, k[1]^0x646f72616e646f6d
	v2, v3 := k[0]^0x6c7967656e657261, k[1]^0x7465646279746573
	last := uint64(len(w)*8) << 56
	for i := 0; i <= len(w)+2; i++ {
		m, rounds := last, 2
		switch {
		case i < len(w):
			m = w[i]
		case i > len(w):
			m = 0
			if i == len(w)+1 {
				v2 ^= 0xff
			}
		}
		v3 ^= m
		for ; rounds > 0; rounds-- {
			v0 += v1
			v1 = bits.RotateLeft64(v1, 13) ^ v0
			v0 = bits.RotateLeft64(v0, 32)
			v2 += v3
			v3 = bits.RotateLeft64(v3, 16) ^ v2
			v0 += v3
			v3 = bits.RotateLeft64(v3, 21) ^ v0
			v2 += v1
			v1 = bits.RotateLeft64(v1, 17) ^ v2
			v2 = bits.RotateLeft64(v2, 32)
		}
		v0 ^= m
	}
	return v0 ^ v1 ^ v2 ^ v3
}

// tuple returns the hash of two ends and extra.
func (k *secret) tuple(local, remote netip.AddrPort, extra uint64) uint64 {
	l, r := local.Addr().As16(), remote.Addr().As16()
	return k.sum(
		binary.LittleEndian.Uint64(l[:8]), binary.LittleEndian.Uint64(l[8:]),
		binary.LittleEndian.Uint64(r[:8]), binary.LittleEndian.Uint64(r[8:]),
		uint64(local.Port())<<16|uint64(remote.Port()), extra,
	)
}
