package gso_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"github.com/netdev-go/netdev/internal/gso"
)

// whole returns a frame with a segment of n bytes of data, made by gopacket.
func whole(t testing.TB, ipv6 bool, n int, change func(*layers.TCP, *layers.IPv4)) (frame, data []byte) {
	t.Helper()
	data = make([]byte, n)
	r := rand.New(rand.NewPCG(uint64(n), 1))
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	eth := &layers.Ethernet{SrcMAC: []byte{2, 0, 0, 0, 0, 1}, DstMAC: []byte{2, 0, 0, 0, 0, 2}, EthernetType: layers.EthernetTypeIPv4}
	ip4 := &layers.IPv4{
		Version: 4, TTL: 64, TOS: 3, Id: 0xfffe, Flags: layers.IPv4DontFragment, Protocol: layers.IPProtocolTCP,
		SrcIP: []byte{10, 0, 0, 1}, DstIP: []byte{10, 0, 0, 2},
	}
	ip6 := &layers.IPv6{
		Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolTCP,
		SrcIP: bytes.Repeat([]byte{0xfd}, 16), DstIP: bytes.Repeat([]byte{0xfe}, 16),
	}
	tcp := &layers.TCP{
		SrcPort: 1000, DstPort: 80, Seq: 0xfffffff0, Ack: 77, ACK: true, PSH: true, FIN: true, CWR: true, Window: 500,
		Options: []layers.TCPOption{{OptionType: layers.TCPOptionKindTimestamps, OptionLength: 10, OptionData: []byte{1, 2, 3, 4, 5, 6, 7, 8}}},
	}
	if change != nil {
		change(tcp, ip4)
	}
	var ip gopacket.SerializableLayer = ip4
	network := gopacket.NetworkLayer(ip4)
	if ipv6 {
		eth.EthernetType = layers.EthernetTypeIPv6
		ip, network = ip6, ip6
	}
	if err := tcp.SetNetworkLayerForChecksum(network); err != nil {
		t.Fatal(err)
	}
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, eth, ip, tcp, gopacket.Payload(data)); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes(), data
}

// pieces returns the frames that one was cut into.
func pieces(t testing.TB, frame []byte, mss int) (frames [][]byte) {
	t.Helper()
	before := bytes.Clone(frame)
	c, err := gso.Cut(frame, mss)
	if err != nil {
		t.Fatal(err)
	}
	longest := 0
	for {
		b := bytes.Repeat([]byte{0xa5}, c.Size()) // an unset byte shows
		n := c.Next(b)
		if n == 0 {
			break
		}
		longest = max(longest, n)
		frames = append(frames, b[:n])
	}
	if len(frames) != c.Len() || longest != c.Size() {
		t.Errorf("%d frames of %d bytes at most, said were %d of %d", len(frames), longest, c.Len(), c.Size())
	}
	if !bytes.Equal(frame, before) {
		t.Error("the frame was changed")
	}
	return frames
}

// check has gopacket recompute what a frame says of itself.
func check(t testing.TB, frame []byte) *layers.TCP {
	t.Helper()
	p := gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.Default)
	if p.ErrorLayer() != nil {
		t.Fatal(p.ErrorLayer().Error())
	}
	tcp := p.TransportLayer().(*layers.TCP)
	if err := tcp.SetNetworkLayerForChecksum(p.NetworkLayer()); err != nil {
		t.Fatal(err)
	}
	err, mismatches := p.VerifyChecksums()
	if err != nil || len(mismatches) > 0 {
		t.Fatalf("checksums: %v, %v", mismatches, err)
	}
	return tcp
}

func TestPiecesAreWhatTheSenderWouldHaveSent(t *testing.T) {
	for _, ipv6 := range []bool{false, true} {
		for _, c := range []struct{ n, mss, frames int }{
			{0, 1448, 1}, {1, 1448, 1}, {1448, 1448, 1}, {1449, 1448, 2}, {2 * 1448, 1448, 2}, {10000, 1448, 7},
			{65160, 1448, 45}, {100, 1, 100}, {999, 535, 2},
		} {
			frame, data := whole(t, ipv6, c.n, nil)
			frames := pieces(t, append(frame, 1, 2, 3), c.mss) // padding does not count
			if len(frames) != c.frames {
				t.Fatalf("%d bytes by %d: %d frames, want %d", c.n, c.mss, len(frames), c.frames)
			}
			var got []byte
			for i, f := range frames {
				tcp := check(t, f)
				last := i == len(frames)-1
				if tcp.FIN != last || tcp.PSH != last || tcp.CWR != (i == 0) || !tcp.ACK {
					t.Errorf("frame %d of %d: FIN %v, PSH %v, CWR %v", i, len(frames), tcp.FIN, tcp.PSH, tcp.CWR)
				}
				if tcp.Seq != 0xfffffff0+uint32(len(got)) || tcp.Ack != 77 || tcp.Window != 500 || len(tcp.Options) == 0 {
					t.Errorf("frame %d: sequence number %#x, %+v", i, tcp.Seq, tcp)
				}
				if !ipv6 && binary.BigEndian.Uint16(f[18:]) != 0xfffe+uint16(i) {
					t.Errorf("frame %d: identification % x", i, f[18:20])
				}
				if !last && len(tcp.Payload) != c.mss {
					t.Errorf("frame %d has %d bytes of data", i, len(tcp.Payload))
				}
				got = append(got, tcp.Payload...)
			}
			if !bytes.Equal(got, data) {
				t.Errorf("%d bytes by %d: others came out", c.n, c.mss)
			}
		}
	}
}

func TestIPOptionsAreRepeated(t *testing.T) {
	frame, _ := whole(t, false, 3000, func(_ *layers.TCP, ip *layers.IPv4) {
		ip.Options = []layers.IPv4Option{{OptionType: 148, OptionLength: 4, OptionData: []byte{0, 0}}}
	})
	for _, f := range pieces(t, frame, 1448) {
		check(t, f)
		if f[34] != 148 {
			t.Errorf("% x", f[34:38])
		}
	}
}

func TestWhatCannotBeCutIsRefused(t *testing.T) {
	good, _ := whole(t, false, 3000, nil)
	with := func(at int, v byte) []byte {
		b := bytes.Clone(good)
		b[at] = v
		return b
	}
	syn, _ := whole(t, false, 10, func(h *layers.TCP, _ *layers.IPv4) { h.SYN = true })
	rst, _ := whole(t, false, 10, func(h *layers.TCP, _ *layers.IPv4) { h.RST = true })
	urg, _ := whole(t, false, 10, func(h *layers.TCP, _ *layers.IPv4) { h.URG = true })
	for name, b := range map[string][]byte{
		"nothing": nil, "short": good[:33], "cut": good[:1000], "ARP": with(13, 6), "version": with(14, 0x65), "header": with(14, 0x44),
		"UDP": with(23, 17), "fragment": with(20, 0x20), "TCP header": with(46, 0x40), "SYN": syn, "RST": rst, "URG": urg,
	} {
		if _, err := gso.Cut(b, 1448); err != gso.ErrNotCuttable {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := gso.Cut(good, 0); err != gso.ErrNotCuttable {
		t.Error("an MSS of 0:", err)
	}
}

func TestNothingIsWrittenToWhatIsTooShort(t *testing.T) {
	frame, _ := whole(t, false, 3000, nil)
	c, err := gso.Cut(frame, 1448)
	if err != nil {
		t.Fatal(err)
	}
	if n := c.Next(make([]byte, c.Size()-1)); n != 0 {
		t.Error(n, "bytes")
	}
	if n := c.Next(make([]byte, c.Size())); n != c.Size() {
		t.Error(n, "bytes after that")
	}
	if n := (&gso.Cutter{}).Next(make([]byte, 100)); n != 0 {
		t.Error(n, "bytes of nothing")
	}
}

func FuzzCut(f *testing.F) {
	for _, ipv6 := range []bool{false, true} {
		frame, _ := whole(f, ipv6, 300, nil)
		f.Add(frame, 100)
		f.Add(frame[:60], 1)
	}
	f.Fuzz(func(t *testing.T, frame []byte, mss int) {
		c, err := gso.Cut(frame, mss)
		if err != nil {
			return
		}
		b := make([]byte, c.Size())
		frames, data := 0, 0
		for n := c.Next(b); n > 0; n = c.Next(b) {
			frames++
			data += n - c.HeaderLen()
			// A frame that is one piece is cut into itself.
			again, err := gso.Cut(b[:n], max(1, mss))
			if err != nil || again.Len() != 1 {
				t.Fatal(err, again.Len())
			}
			same := make([]byte, again.Size())
			if m := again.Next(same); !bytes.Equal(same[:m], b[:n]) {
				t.Fatalf("% x\n% x", same[:m], b[:n])
			}
		}
		if frames != c.Len() {
			t.Fatal(frames, c.Len())
		}
	})
}

func BenchmarkCut(b *testing.B) {
	frame, _ := whole(b, false, 65160, nil)
	room := make([]byte, 1514)
	b.SetBytes(int64(len(frame)))
	b.ReportAllocs()
	for b.Loop() {
		c, err := gso.Cut(frame, 1448)
		if err != nil {
			b.Fatal(err)
		}
		for c.Next(room) > 0 {
		}
	}
}

func TestNoAllocation(t *testing.T) {
	frame, _ := whole(t, false, 65160, nil)
	room := make([]byte, 1514)
	if n := testing.AllocsPerRun(10, func() {
		c, _ := gso.Cut(frame, 1448)
		for c.Next(room) > 0 {
		}
	}); n > 0 {
		t.Error(n)
	}
}
