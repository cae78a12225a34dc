package icmpv4

import "github.com/netdev-go/netdev/internal/checksum"

// ChecksumOK reports whether the checksum is right.
func (m Message) ChecksumOK() bool { return checksum.Of(m).Valid() }

// FillChecksum computes the checksum and puts it into its field.
func (m Message) FillChecksum() { m.FillChecksumParts(checksum.Of(m.Payload())) }

// FillChecksumParts does as [Message.FillChecksum] for a caller that has the sum
// of the payload, for instance from copying it.
func (m Message) FillChecksumParts(payload checksum.Sum) {
	m.SetChecksum(0)
	m.SetChecksum(checksum.Of(m[:HeaderLen]).Add(payload).Checksum())
}
