package icmpv4

import (
	"bytes"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// What another codec makes of our messages, and we of its.
func TestAgreesWithGopacket(t *testing.T) {
	for _, v := range vectors {
		ours := dirty(len(v.message))
		copy(ours[v.header.Emit(ours):], v.message[HeaderLen:])
		Message(ours).FillChecksum()

		var theirs layers.ICMPv4
		if err := theirs.DecodeFromBytes(ours, gopacket.NilDecodeFeedback); err != nil {
			t.Errorf("%s: %v", v.name, err)
			continue
		}
		if theirs.TypeCode != layers.CreateICMPv4TypeCode(uint8(v.header.Type), v.header.Code) ||
			uint32(theirs.Id)<<16|uint32(theirs.Seq) != v.header.Rest || !bytes.Equal(theirs.Payload, v.message[HeaderLen:]) {
			t.Errorf("%s: read as %+v", v.name, theirs)
		}
		buf := gopacket.NewSerializeBuffer()
		err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{ComputeChecksums: true}, &theirs, gopacket.Payload(v.message[HeaderLen:]))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(buf.Bytes(), v.message) {
			t.Errorf("%s: theirs %x, want %x", v.name, buf.Bytes(), v.message)
		}
	}
}
