package tcp_test

import (
	"bytes"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"github.com/netdev-go/netdev/wire/tcp"
)

// What we emit, another codec reads and writes as the same bytes.
func TestGopacketReadsWhatWeEmit(t *testing.T) {
	for _, c := range layouts {
		h := tcp.Header{
			SrcPort: 0x1234, DstPort: 0xfedc, Seq: 0x89abcdef, Ack: 0x76543210,
			Flags: tcp.SYN | tcp.PSH | tcp.URG | tcp.CWR, Window: 0x8001, UrgentPointer: 0x7ffe, Options: c.options,
		}
		b := dirty(h.Len() + 3)
		h.Emit(b)
		s := tcp.Segment(b)
		s.FillChecksum(loopback, loopback)

		var theirs layers.TCP
		if err := theirs.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if theirs.SrcPort != 0x1234 || theirs.DstPort != 0xfedc || theirs.Seq != 0x89abcdef || theirs.Ack != 0x76543210 ||
			theirs.Window != 0x8001 || theirs.Urgent != 0x7ffe || !theirs.SYN || !theirs.PSH || !theirs.URG || !theirs.CWR ||
			theirs.ACK || theirs.FIN || theirs.RST || theirs.ECE || !bytes.Equal(theirs.Payload, s.Payload()) {
			t.Errorf("%s: gopacket reads %+v", c.name, theirs)
		}
		ip := layers.IPv4{SrcIP: loopback.AsSlice(), DstIP: loopback.AsSlice(), Protocol: layers.IPProtocolTCP}
		if err := theirs.SetNetworkLayerForChecksum(&ip); err != nil {
			t.Fatal(err)
		}
		buf := gopacket.NewSerializeBuffer()
		err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{ComputeChecksums: true}, &theirs, gopacket.Payload(theirs.Payload))
		if err != nil || !bytes.Equal(buf.Bytes(), b) {
			t.Errorf("%s: gopacket writes % x, %v\n          we write % x", c.name, buf.Bytes(), err, b)
		}
	}
}
