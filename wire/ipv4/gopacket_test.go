package ipv4

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// What another codec makes of our packets, and we of its.
func TestAgreesWithGopacket(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	addr := func() netip.Addr {
		return netip.AddrFrom4([4]byte{byte(rng.Uint32()), byte(rng.Uint32()), byte(rng.Uint32()), byte(rng.Uint32())})
	}
	payload := dirty(32)
	for range 500 {
		h := Header{
			TOS: uint8(rng.Uint32()), ID: uint16(rng.Uint32()), Flags: Flags(rng.IntN(4)),
			FragmentOffset: 8 * rng.IntN(1<<13), TTL: uint8(rng.Uint32()), Protocol: 253,
			Src: addr(), Dst: addr(),
		}
		if rng.IntN(2) == 1 {
			h.Options = RouterAlert[:]
		}
		h.TotalLen = h.Len() + len(payload)
		ours := dirty(h.TotalLen)
		copy(ours[h.Emit(ours):], payload)

		var theirs layers.IPv4
		if err := theirs.DecodeFromBytes(ours, gopacket.NilDecodeFeedback); err != nil {
			t.Fatalf("%+v: %v", h, err)
		}
		src, dst := h.Src.As4(), h.Dst.As4()
		if theirs.TOS != h.TOS || int(theirs.Length) != h.TotalLen || theirs.Id != h.ID ||
			theirs.FragOffset != uint16(h.FragmentOffset/8) || theirs.TTL != h.TTL ||
			theirs.Flags&layers.IPv4MoreFragments != 0 != (h.Flags&MoreFragments != 0) ||
			theirs.Flags&layers.IPv4DontFragment != 0 != (h.Flags&DontFragment != 0) ||
			!bytes.Equal(theirs.SrcIP.To4(), src[:]) || !bytes.Equal(theirs.DstIP.To4(), dst[:]) ||
			len(theirs.Options) != len(h.Options)/4 || !bytes.Equal(theirs.Payload, payload) {
			t.Fatalf("%+v read as %+v", h, theirs)
		}
		buf := gopacket.NewSerializeBuffer()
		err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{ComputeChecksums: true}, &theirs, gopacket.Payload(payload))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(buf.Bytes(), ours) {
			t.Errorf("%+v: ours %x, theirs %x", h, ours, buf.Bytes())
		}
	}
}
