package igmp

import (
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// What another codec makes of our messages. Its MaxResponseTime of version 3 is
// not looked at: it takes the code for a number.
func TestAgreesWithGopacket(t *testing.T) {
	for _, v := range vectors {
		b := dirty(v.from.Len())
		v.from.Emit(b)
		m, err := Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		if v.version < 3 {
			theirs := layers.IGMPv1or2{}
			if err := theirs.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil {
				t.Errorf("%s: %v", v.name, err)
			} else if uint8(theirs.Type) != uint8(m.Type()) || !theirs.GroupAddress.Equal(m.Group().AsSlice()) || theirs.Checksum != m.Checksum() {
				t.Errorf("%s: read as %+v", v.name, theirs)
			}
			continue
		}
		theirs := layers.IGMP{}
		if err := theirs.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil {
			t.Errorf("%s: %v", v.name, err)
			continue
		}
		if m.Type() == TypeQuery {
			if !theirs.GroupAddress.Equal(m.Group().AsSlice()) || theirs.SupressRouterProcessing != m.Suppress() ||
				theirs.RobustnessValue != m.Robustness() || len(theirs.SourceAddresses) != m.Sources().Len() {
				t.Errorf("%s: read as %+v", v.name, theirs)
			}
			continue
		}
		records := m.Records()
		if len(theirs.GroupRecords) != records.Len() {
			t.Errorf("%s: read as %+v", v.name, theirs)
			continue
		}
		for _, r := range theirs.GroupRecords {
			records.Next()
			ours := records.Record()
			if uint8(r.Type) != uint8(ours.Type()) || !r.MulticastAddress.Equal(ours.Group().AsSlice()) || len(r.SourceAddresses) != ours.Sources().Len() {
				t.Errorf("%s: record read as %+v", v.name, r)
			}
		}
	}
}
