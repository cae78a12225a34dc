package ipv4

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		panic(err)
	}
	return b
}

func dirty(n int) []byte { return bytes.Repeat([]byte{0xa5}, n) }

var (
	alice = netip.MustParseAddr("192.0.2.1")
	bob   = netip.MustParseAddr("192.0.2.2")
)

// vectors are Linux's packets, from a capture; of the fragments only what fits.
var vectors = []struct {
	name   string
	packet []byte
	header Header
}{
	{
		name: "echo request",
		packet: unhex(`45 00 002c 6b08 4000 40 01 4bc5 c0000201 c0000202
			0800d1d912340001 6e6574646576206563686f2064617461`),
		header: Header{TotalLen: 44, ID: 0x6b08, Flags: DontFragment, TTL: 64, Protocol: 1, Src: alice, Dst: bob, Options: []byte{}},
	},
	{
		name: "record route",
		packet: unhex(`48 00 002a 8d96 0000 40 01 4eaa c0000202 c0000201
			070b0cc0000201c000020200 00007b57123400027272`),
		header: Header{
			TotalLen: 42, ID: 0x8d96, TTL: 64, Protocol: 1, Src: bob, Dst: alice,
			Options: unhex("070b0cc0000201c000020200"),
		},
	},
	{
		name: "IGMP with router alert",
		packet: unhex(`46 c0 0028 0000 4000 01 02 41f8 c0000201 e0000016 94040000
			2200e8f90000000104000000ef010203`),
		header: Header{
			TOS: 0xc0, TotalLen: 40, Flags: DontFragment, TTL: 1, Protocol: 2, Src: alice,
			Dst: netip.MustParseAddr("224.0.0.22"), Options: RouterAlert[:],
		},
	},
	{
		// Composed, with a checksum that tshark finds right: 16 bytes from 1480 on.
		name:   "middle fragment",
		packet: unhex(`45 02 0024 5f0c 20b9 40 11 76fe c0000201 c0000202 78787878787878787878787878787878`),
		header: Header{
			TOS: 2, TotalLen: 36, ID: 0x5f0c, Flags: MoreFragments, FragmentOffset: 1480,
			TTL: 64, Protocol: 17, Src: alice, Dst: bob, Options: []byte{},
		},
	},
}

// same compares what == does not.
func same(a, b Header) bool {
	return a.TOS == b.TOS && a.TotalLen == b.TotalLen && a.ID == b.ID && a.Flags == b.Flags &&
		a.FragmentOffset == b.FragmentOffset && a.TTL == b.TTL && a.Protocol == b.Protocol &&
		a.Src == b.Src && a.Dst == b.Dst && bytes.Equal(a.Options, b.Options)
}

func TestFieldsOfAPacket(t *testing.T) {
	for _, v := range vectors {
		p, err := Parse(append(bytes.Clone(v.packet), dirty(8)...)) // with the frame's padding
		if err != nil {
			t.Errorf("%s: %v", v.name, err)
			continue
		}
		if h := p.Header(); !same(h, v.header) {
			t.Errorf("%s: %+v, want %+v", v.name, h, v.header)
		}
		if !bytes.Equal(p, v.packet) || !bytes.Equal(p.Payload(), v.packet[v.header.Len():]) {
			t.Errorf("%s: cut to %x, payload %x", v.name, []byte(p), p.Payload())
		}
		if want := v.name == "middle fragment"; p.IsFragment() != want {
			t.Errorf("%s: fragment %v", v.name, p.IsFragment())
		}
		if !p.ChecksumOK() {
			t.Errorf("%s: checksum %#04x is not right", v.name, p.Checksum())
		}
	}
}

func TestFirstAndLastFragmentsAreFragments(t *testing.T) {
	p := Packet(bytes.Clone(vectors[0].packet))
	for bits, want := range map[uint16]bool{0: false, 0x4000: false, 0x8000: false, 0x2000: true, 0x0001: true, 0x2001: true, 0x1fff: true} {
		p[6], p[7] = byte(bits>>8), byte(bits)
		if p.IsFragment() != want || p.FragmentOffset() != int(bits&0x1fff)*8 || p.Flags() != Flags(bits>>13) {
			t.Errorf("%#04x: fragment %v at %d, flags %b", bits, p.IsFragment(), p.FragmentOffset(), p.Flags())
		}
	}
}

func TestEveryBitOfTheHeaderIsUnderTheChecksum(t *testing.T) {
	for _, v := range vectors {
		p := Packet(bytes.Clone(v.packet))
		for bit := 8; bit < 8*p.HeaderLen(); bit++ {
			p[bit/8] ^= 1 << (bit % 8)
			if p.ChecksumOK() {
				t.Errorf("%s: bit %d turned over and the checksum is still right", v.name, bit)
			}
			p[bit/8] ^= 1 << (bit % 8)
		}
	}
}

func TestEmitOntoDirtyMemory(t *testing.T) {
	for _, v := range vectors {
		b := dirty(len(v.packet) + 8)
		n := v.header.Emit(b)
		if n != v.header.Len() || !bytes.Equal(b[:n], v.packet[:n]) {
			t.Errorf("%s: %x, want %x", v.name, b[:n], v.packet[:n])
		}
		if !bytes.Equal(b[n:], dirty(len(b)-n)) {
			t.Errorf("%s: wrote behind the header: %x", v.name, b[n:])
		}
	}
}

func TestOptionsArePaddedToWords(t *testing.T) {
	for n := range MaxOptionsLen + 1 {
		h := Header{TotalLen: MaxHeaderLen, Options: bytes.Repeat([]byte{byte(OptionNop)}, n)}
		b := dirty(MaxHeaderLen)
		h.Emit(b)
		p, err := Parse(b)
		if err != nil || !p.ChecksumOK() || p.HeaderLen() != h.Len() {
			t.Fatalf("%d bytes of options: %d bytes of header, %v", n, p.HeaderLen(), err)
		}
		if o := p.OptionBytes(); len(o)%4 != 0 || len(o)-n > 3 || !bytes.Equal(o[n:], make([]byte, len(o)-n)) {
			t.Errorf("%d bytes of options became %x", n, o)
		}
	}
}

func TestAPacketCutShortIsRefused(t *testing.T) {
	for _, v := range vectors {
		header := v.header.Len()
		for n := range v.packet {
			if _, err := Parse(v.packet[:n:n]); !errors.Is(err, ErrShort) {
				t.Errorf("%s, %d bytes: %v, want %v", v.name, n, err, ErrShort)
			}
			// An ICMP error quotes the header and some of what follows.
			q, err := ParseQuote(v.packet[:n:n])
			if n < header {
				if !errors.Is(err, ErrShort) {
					t.Errorf("%s, quote of %d bytes: %v, want %v", v.name, n, err, ErrShort)
				}
			} else if err != nil || len(q.Payload()) != n-header || q.TotalLen() != len(v.packet) {
				t.Errorf("%s, quote of %d bytes: %v, payload %x", v.name, n, err, q.Payload())
			}
		}
	}
}

func TestImpossibleLengthsAreRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		at   int
		v    byte
		want error
	}{
		{"version 6", 0, 0x65, ErrVersion},
		{"version 0", 0, 0x05, ErrVersion},
		{"header of 16 bytes", 0, 0x44, ErrHeaderLen},
		{"header of 0 bytes", 0, 0x40, ErrHeaderLen},
		{"header behind the total length", 0, 0x4f, ErrShort},
		{"total length of 19", 3, 19, ErrTotalLen},
		{"total length of 0", 3, 0, ErrTotalLen},
		{"total length of one too many", 3, 45, ErrShort},
	} {
		b := bytes.Clone(vectors[0].packet)
		b[c.at] = c.v
		if p, err := Parse(b); p != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	b := append(bytes.Clone(vectors[0].packet), make([]byte, 60)...)
	b[0] = 0x4f // 60 bytes of header, 44 in all
	if _, err := Parse(b); !errors.Is(err, ErrTotalLen) {
		t.Errorf("header longer than the packet: %v, want %v", err, ErrTotalLen)
	}
}

func TestTheLongestPacketIsWhole(t *testing.T) {
	h := Header{TotalLen: MaxLen}
	b := make([]byte, MaxLen+1)
	h.Emit(b)
	if p, err := Parse(b); err != nil || len(p) != 65535 || p.TotalLen() != 65535 {
		t.Errorf("%d bytes, %v", len(p), err)
	}
	if _, err := Parse(b[:MaxLen-1]); !errors.Is(err, ErrShort) {
		t.Errorf("one byte less: %v", err)
	}
}

func TestEmitPanicsWhereThereIsNoRoom(t *testing.T) {
	long := Header{Options: make([]byte, MaxOptionsLen+1)}
	for _, c := range []struct {
		h *Header
		n int
	}{{&vectors[0].header, HeaderLen - 1}, {&vectors[1].header, HeaderLen + 11}, {&long, 100}} {
		b := dirty(100)
		func() {
			defer func() {
				if recover() == nil || !bytes.Equal(b, dirty(100)) {
					t.Errorf("%d bytes: no panic, or too late", c.n)
				}
			}()
			c.h.Emit(b[:c.n])
		}()
	}
}

func TestFieldsAreSetInPlace(t *testing.T) {
	p := Packet(bytes.Clone(vectors[1].packet))
	p.SetID(0x1234)
	p.SetTTL(9)
	if p.ID() != 0x1234 || p.TTL() != 9 || p.ChecksumOK() {
		t.Errorf("%x", []byte(p))
	}
	p.FillChecksum()
	want := vectors[1].header
	want.ID, want.TTL = 0x1234, 9
	if !p.ChecksumOK() || !same(p.Header(), want) {
		t.Errorf("%+v", p.Header())
	}
}

func TestDecrementTTLKeepsARightChecksumRightAndAWrongOneWrong(t *testing.T) {
	right, wrong := Packet(bytes.Clone(vectors[1].packet)), Packet(bytes.Clone(vectors[1].packet))
	right.SetTTL(255)
	right.FillChecksum()
	wrong.SetTTL(255)
	for ttl := 254; ttl >= 0; ttl-- {
		right.DecrementTTL()
		wrong.DecrementTTL()
		if int(right.TTL()) != ttl || !right.ChecksumOK() || wrong.ChecksumOK() {
			t.Fatalf("TTL %d: %x and %x", ttl, []byte(right), []byte(wrong))
		}
	}
	if right.DecrementTTL(); right.TTL() != 0 || !right.ChecksumOK() {
		t.Errorf("TTL 0 became %d", right.TTL())
	}
}

func TestAddressesOfOtherFamiliesAreSentAsNone(t *testing.T) {
	h := Header{TotalLen: HeaderLen, Src: netip.MustParseAddr("2001:db8::1"), Dst: netip.MustParseAddr("::ffff:192.0.2.2")}
	b := dirty(HeaderLen)
	h.Emit(b)
	if p := Packet(b); p.Src() != netip.IPv4Unspecified() || p.Dst() != bob {
		t.Errorf("%v to %v", p.Src(), p.Dst())
	}
}

func TestNothingAllocates(t *testing.T) {
	b := bytes.Clone(vectors[2].packet)
	if n := testing.AllocsPerRun(100, func() {
		p, err := Parse(b)
		if err != nil || !p.ChecksumOK() || !p.HasRouterAlert() {
			t.Fatal(err)
		}
		h := p.Header()
		h.Options = RouterAlert[:]
		h.Emit(b)
		p.DecrementTTL()
		p.SetTTL(1)
		p.FillChecksum()
		if _, err := Parse(b[:9]); err != ErrShort {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
