package ipv4

import (
	"encoding/binary"

	"github.com/netdev-go/netdev/internal/checksum"
)

// ChecksumOK reports whether the header's checksum is right.
func (p Packet) ChecksumOK() bool { return checksum.Of(p[:p.HeaderLen()]).Valid() }

// FillChecksum computes the header's checksum and puts it into its field.
func (p Packet) FillChecksum() {
	p.SetChecksum(0)
	p.SetChecksum(checksum.Of(p[:p.HeaderLen()]).Checksum())
}

// DecrementTTL takes 1 from the time to live, as a router does, and 1's worth
// from the checksum, so that a wrong one stays wrong (RFC 1624). A time to live
// of 0 stays as it is.
func (p Packet) DecrementTTL() {
	if p[8] == 0 {
		return
	}
	before := binary.BigEndian.Uint16(p[8:10])
	p[8]--
	after := binary.BigEndian.Uint16(p[8:10])
	p.SetChecksum(checksum.Update(p.Checksum(), checksum.Sum(before), checksum.Sum(after)))
}
