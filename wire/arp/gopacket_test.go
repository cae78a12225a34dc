package arp

import (
	"bytes"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// What another codec makes of our packets, and we of its.
func TestAgreesWithGopacket(t *testing.T) {
	for _, v := range vectors {
		b := dirty(Len)
		v.header.Emit(b)
		var theirs layers.ARP
		if err := theirs.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil {
			t.Errorf("%s: %v", v.name, err)
			continue
		}
		sender, target := v.header.SenderIP.As4(), v.header.TargetIP.As4()
		if theirs.Operation != uint16(v.header.Op) ||
			!bytes.Equal(theirs.SourceHwAddress, v.header.SenderHW[:]) || !bytes.Equal(theirs.SourceProtAddress, sender[:]) ||
			!bytes.Equal(theirs.DstHwAddress, v.header.TargetHW[:]) || !bytes.Equal(theirs.DstProtAddress, target[:]) {
			t.Errorf("%s: read as %+v", v.name, theirs)
		}
		buf := gopacket.NewSerializeBuffer()
		if err := theirs.SerializeTo(buf, gopacket.SerializeOptions{}); err != nil {
			t.Fatal(err)
		}
		if p, err := Parse(buf.Bytes()); err != nil || p.Header() != v.header {
			t.Errorf("%s: theirs read as %+v, %v", v.name, p.Header(), err)
		}
	}
}
