package udp

import (
	"net/netip"

	"github.com/netdev-go/netdev/internal/checksum"
)

// ChecksumOK reports whether the checksum is right for a datagram that came from
// src to dst, the addresses of the IP header. Over IPv4 there may be none: a
// field of 0. Over IPv6 that is wrong (RFC 8200 §8.1).
func (d Datagram) ChecksumOK(src, dst netip.Addr) bool {
	if d.Checksum() == 0 {
		return src.Unmap().Is4()
	}
	return checksum.Pseudo(src, dst, Protocol, len(d)).Add(checksum.Of(d)).Valid()
}

// FillChecksum computes the checksum of a datagram that goes from src to dst, and
// puts it into its field.
func (d Datagram) FillChecksum(src, dst netip.Addr) {
	d.FillChecksumParts(checksum.Pseudo(src, dst, Protocol, len(d)), checksum.Of(d.Payload()))
}

// FillChecksumParts does as [Datagram.FillChecksum] for a caller that has the sum
// of the pseudo-header, and that of the payload, for instance from copying it.
func (d Datagram) FillChecksumParts(pseudo, payload checksum.Sum) {
	d.SetChecksum(0)
	sum := pseudo.Add(checksum.Of(d[:HeaderLen])).Add(payload).Checksum()
	if sum == 0 {
		sum = 0xffff // RFC 768: 0 would say that there is none
	}
	d.SetChecksum(sum)
}
