package route

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// Source returns which of an interface's own addresses, with their prefixes, to
// speak to dst from: dst itself if it is among them, then one whose scope reaches
// dst and no further than it must, then the one that has most of its leading bits
// in common with dst, in its prefix, then the first (RFC 6724 §5, rules 1, 2 and
// 8). It is not valid if there is none of dst's family.
func Source(own []netip.Prefix, dst netip.Addr) netip.Addr {
	dst = dst.WithZone("")
	var best netip.Prefix
	for _, p := range own {
		switch a := p.Addr(); {
		case a.BitLen() != dst.BitLen():
		case a == dst:
			return a
		case !best.IsValid() || better(p, best, dst):
			best = p
		}
	}
	return best.Addr()
}

func better(p, q netip.Prefix, dst netip.Addr) bool {
	a, b, d := scope(p.Addr()), scope(q.Addr()), scope(dst)
	if a < b {
		return a >= d
	}
	if a > b {
		return b < d
	}
	return common(p, dst) > common(q, dst)
}

// scope returns how far an address reaches, in the numbers of RFC 4291 §2.7, with
// IPv4's as in RFC 6724 §3.2: private addresses are global ones.
func scope(a netip.Addr) int {
	switch {
	case a.IsLoopback(), a.IsInterfaceLocalMulticast():
		return 0x1
	case a.IsLinkLocalUnicast(), a.IsLinkLocalMulticast():
		return 0x2
	case a.Is6() && a.IsMulticast():
		b := a.As16()
		return int(b[1] & 0x0f)
	}
	return 0xe
}

// common returns how many leading bits of p's prefix dst shares.
func common(p netip.Prefix, dst netip.Addr) int {
	a, b := p.Addr().As16(), dst.As16()
	n := bits.LeadingZeros64(binary.BigEndian.Uint64(a[:8]) ^ binary.BigEndian.Uint64(b[:8]))
	if n == 64 {
		n += bits.LeadingZeros64(binary.BigEndian.Uint64(a[8:]) ^ binary.BigEndian.Uint64(b[8:]))
	}
	return min(n-(128-dst.BitLen()), p.Bits())
}
