package tcp

import (
	"encoding/binary"
	"net/netip"

	"github.com/netdev-go/netdev/internal/siphash"
)

// A secret is the key to everything that a peer must not guess.
type secret siphash.Key

// tuple returns the hash of two ends and extra.
func (k secret) tuple(local, remote netip.AddrPort, extra uint64) uint64 {
	l, r := local.Addr().As16(), remote.Addr().As16()
	return siphash.Key(k).Words(
		binary.LittleEndian.Uint64(l[:8]), binary.LittleEndian.Uint64(l[8:]),
		binary.LittleEndian.Uint64(r[:8]), binary.LittleEndian.Uint64(r[8:]),
		uint64(local.Port())<<16|uint64(remote.Port()), extra,
	)
}
