package udp_test

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"github.com/netdev-go/netdev/internal/checksum"
	"github.com/netdev-go/netdev/wire/udp"
)

var (
	loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	v6src    = netip.MustParseAddr("2001:db8::1")
	v6dst    = netip.MustParseAddr("2001:db8::2:1")
)

// Captured from a Linux kernel that talked to itself, with the checksum that
// tshark asks for in place of the loopback's partial one.
const captured = "99f5 99f4 000e 85a5 6e6574646576"

var capturedHeader = udp.Header{SrcPort: 39413, DstPort: 39412, Length: 14, Checksum: 0x85a5}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// dirty returns n bytes that are not zero, so that one left out shows.
func dirty(n int) []byte { return bytes.Repeat([]byte{0xa5}, n) }

func TestParseCaptured(t *testing.T) {
	d, err := udp.Parse(append(unhex(t, captured), "padding"...))
	if err != nil {
		t.Fatal(err)
	}
	if h := d.Header(); h != capturedHeader {
		t.Errorf("header = %+v, want %+v", h, capturedHeader)
	}
	if string(d.Payload()) != "netdev" {
		t.Errorf("payload = %q", d.Payload())
	}
	if !d.ChecksumOK(loopback, loopback) {
		t.Error("the checksum is taken for wrong")
	}
}

func TestEmitCaptured(t *testing.T) {
	want := unhex(t, captured)
	b := dirty(len(want) + 1)
	n := capturedHeader.Emit(b)
	copy(b[n:], "netdev")
	if n != capturedHeader.Len() || !bytes.Equal(b, append(want, 0xa5)) {
		t.Errorf("emitted %d, % x\n     want % x", n, b, want)
	}
}

func TestParseRefuses(t *testing.T) {
	whole := unhex(t, captured)
	for n := range whole {
		if d, err := udp.Parse(whole[:n:n]); err != udp.ErrShort || d != nil {
			t.Errorf("%d bytes of %d: %v", n, len(whole), err)
		}
	}
	for n := range byte(udp.HeaderLen) {
		whole[5] = n
		if _, err := udp.Parse(whole); err != udp.ErrLength {
			t.Errorf("length %d: %v", n, err)
		}
	}
	whole[5] = udp.HeaderLen
	if d, err := udp.Parse(whole); err != nil || len(d.Payload()) != 0 {
		t.Errorf("a datagram without data: %v", err)
	}
}

func TestChecksumOfNoneIsRightOverIPv4Only(t *testing.T) {
	d := udp.Datagram(unhex(t, captured))
	d.SetChecksum(0)
	if !d.ChecksumOK(loopback, loopback) {
		t.Error("wrong over IPv4")
	}
	mapped := netip.AddrFrom16(loopback.As16())
	if !d.ChecksumOK(mapped, mapped) {
		t.Error("wrong over IPv4 with mapped addresses")
	}
	if d.ChecksumOK(v6src, v6dst) {
		t.Error("right over IPv6")
	}
}

func TestFillChecksum(t *testing.T) {
	d := udp.Datagram(unhex(t, captured))
	d.SetChecksum(0xdead)
	if d.ChecksumOK(loopback, loopback) {
		t.Error("a wrong checksum is taken for right")
	}
	d.FillChecksum(loopback, loopback)
	if d.Checksum() != capturedHeader.Checksum {
		t.Errorf("filled in %#04x, want %#04x", d.Checksum(), capturedHeader.Checksum)
	}
	d.SetChecksum(0xdead)
	d.FillChecksumParts(checksum.Pseudo(loopback, loopback, udp.Protocol, len(d)), checksum.Of(d.Payload()))
	if d.Checksum() != capturedHeader.Checksum {
		t.Errorf("from parts %#04x, want %#04x", d.Checksum(), capturedHeader.Checksum)
	}
}

func TestChecksumThatComputesToZeroIsSentAsOnes(t *testing.T) {
	for _, addr := range []netip.Addr{loopback, v6src} {
		b := make([]byte, udp.HeaderLen+2)
		(&udp.Header{SrcPort: 1, DstPort: 2, Length: uint16(len(b))}).Emit(b)
		d := udp.Datagram(b)
		// The payload that makes the sum 0xffff is the checksum without it.
		d.FillChecksum(addr, addr)
		b[8], b[9] = b[6], b[7]
		d.FillChecksum(addr, addr)
		if d.Checksum() != 0xffff || !d.ChecksumOK(addr, addr) {
			t.Errorf("%v: checksum %#04x", addr, d.Checksum())
		}
	}
}

func TestChecksumCoversEveryBitAndBothAddresses(t *testing.T) {
	d := udp.Datagram(unhex(t, captured))
	d.FillChecksum(v6src, v6dst)
	if !d.ChecksumOK(v6src, v6dst) || d.ChecksumOK(v6src, v6src) || d.ChecksumOK(v6dst, v6dst) {
		t.Error("the addresses do not count")
	}
	for i := range len(d) * 8 {
		d[i/8] ^= 1 << (i % 8)
		if d.ChecksumOK(v6src, v6dst) {
			t.Errorf("bit %d does not count", i)
		}
		d[i/8] ^= 1 << (i % 8)
	}
}

func TestSetPorts(t *testing.T) {
	d := udp.Datagram(unhex(t, captured))
	d.SetSrcPort(1)
	d.SetDstPort(0xfffe)
	if d.SrcPort() != 1 || d.DstPort() != 0xfffe || d.Length() != capturedHeader.Length {
		t.Errorf("ports are %d and %d", d.SrcPort(), d.DstPort())
	}
}

func TestGopacketReadsWhatWeEmit(t *testing.T) {
	for _, payload := range []string{"", "x", "netdev", strings.Repeat("odd", 333)} {
		h := udp.Header{SrcPort: 0x1234, DstPort: 0xfedc, Length: uint16(udp.HeaderLen + len(payload))}
		b := dirty(udp.HeaderLen + len(payload))
		copy(b[h.Emit(b):], payload)
		udp.Datagram(b).FillChecksum(v6src, v6dst)

		var theirs layers.UDP
		if err := theirs.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil {
			t.Errorf("%d bytes: %v", len(payload), err)
			continue
		}
		if theirs.SrcPort != 0x1234 || theirs.DstPort != 0xfedc || string(theirs.Payload) != payload {
			t.Errorf("%d bytes: gopacket reads %+v", len(payload), theirs)
		}
		ip := layers.IPv6{SrcIP: v6src.AsSlice(), DstIP: v6dst.AsSlice(), NextHeader: layers.IPProtocolUDP}
		if err := theirs.SetNetworkLayerForChecksum(&ip); err != nil {
			t.Fatal(err)
		}
		buf := gopacket.NewSerializeBuffer()
		err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{ComputeChecksums: true}, &theirs, gopacket.Payload(payload))
		if err != nil || !bytes.Equal(buf.Bytes(), b) {
			t.Errorf("gopacket writes % x, %v\n      we write % x", buf.Bytes(), err, b)
		}
	}
}

func TestErrorsSayWhy(t *testing.T) {
	seen := map[string]bool{}
	for _, err := range []error{udp.ErrShort, udp.ErrLength, udp.Error(0)} {
		if seen[err.Error()] || err.Error() == "" {
			t.Errorf("%d says %q, like another", err, err)
		}
		seen[err.Error()] = true
	}
}

func TestNothingAllocates(t *testing.T) {
	raw := unhex(t, captured)
	b := make([]byte, udp.HeaderLen)
	allocs := testing.AllocsPerRun(100, func() {
		d, err := udp.Parse(raw)
		if err != nil || !d.ChecksumOK(loopback, loopback) {
			t.Fatal(err)
		}
		h := d.Header()
		h.Emit(b)
		d.FillChecksum(loopback, loopback)
		if _, err = udp.Parse(raw[:1]); err == nil {
			t.Fatal("parsed nothing")
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations a datagram", allocs)
	}
}
