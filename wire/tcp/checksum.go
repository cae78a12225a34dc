package tcp

import (
	"net/netip"

	"github.com/netdev-go/netdev/internal/checksum"
)

// ChecksumOK reports whether the checksum is right for a segment that came from
// src to dst, the addresses of the IP header.
func (s Segment) ChecksumOK(src, dst netip.Addr) bool {
	return checksum.Pseudo(src, dst, Protocol, len(s)).Add(checksum.Of(s)).Valid()
}

// FillChecksum computes the checksum of a segment that goes from src to dst, and
// puts it into its field.
func (s Segment) FillChecksum(src, dst netip.Addr) {
	s.FillChecksumParts(checksum.Pseudo(src, dst, Protocol, len(s)), checksum.Of(s.Payload()))
}

// FillChecksumParts does as [Segment.FillChecksum] for a caller that has the sum
// of the pseudo-header, and that of the payload, for instance from copying it.
func (s Segment) FillChecksumParts(pseudo, payload checksum.Sum) {
	s.SetChecksum(0)
	s.SetChecksum(pseudo.Add(checksum.Of(s[:s.HeaderLen()])).Add(payload).Checksum())
}
