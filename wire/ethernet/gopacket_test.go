package ethernet

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// What another codec makes of our frames, and we of its.
func TestAgreesWithGopacket(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	payload := bytes.Repeat([]byte{0x42}, 64)
	for range 200 {
		var h Header
		for i := range h.Dst {
			h.Dst[i], h.Src[i] = byte(rng.Uint32()), byte(rng.Uint32())
		}
		h.Type = TypeIPv6
		tags := rng.IntN(3)
		for i := range tags {
			h.Tags[i] = Tag{TPID: TypeVLAN, PCP: uint8(rng.IntN(8)), DEI: rng.IntN(2) == 1, VID: uint16(rng.IntN(4096))}
		}
		if tags == 2 {
			h.Tags[0].TPID = TypeQinQ
		}

		stack := []gopacket.SerializableLayer{&layers.Ethernet{
			DstMAC: h.Dst[:], SrcMAC: h.Src[:], EthernetType: layers.EthernetType(typeAfter(h, 0)),
		}}
		for i := range tags {
			stack = append(stack, &layers.Dot1Q{
				Priority: h.Tags[i].PCP, DropEligible: h.Tags[i].DEI, VLANIdentifier: h.Tags[i].VID,
				Type: layers.EthernetType(typeAfter(h, i+1)),
			})
		}
		buf := gopacket.NewSerializeBuffer()
		if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{}, append(stack, gopacket.Payload(payload))...); err != nil {
			t.Fatal(err)
		}
		f, err := Parse(buf.Bytes())
		if err != nil || f.Header() != h || !bytes.Equal(f.Payload(), payload) {
			t.Errorf("theirs: %+v, %v, want %+v", f.Header(), err, h)
		}

		ours := make([]byte, h.Len()+len(payload))
		copy(ours[h.Emit(ours):], payload)
		if !bytes.Equal(ours, buf.Bytes()) {
			t.Errorf("%+v: ours %x, theirs %x", h, ours, buf.Bytes())
		}
	}
}

// typeAfter is the type field behind i tags.
func typeAfter(h Header, i int) EtherType {
	if i < len(h.Tags) && h.Tags[i].TPID != 0 {
		return h.Tags[i].TPID
	}
	return h.Type
}
