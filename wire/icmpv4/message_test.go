package icmpv4

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/netdev-go/netdev/internal/checksum"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		panic(err)
	}
	return b
}

func dirty(n int) []byte { return bytes.Repeat([]byte{0xa5}, n) }

// vectors are Linux's messages, from a capture, and the functions that make them.
var vectors = []struct {
	name    string
	message []byte
	header  Header
	quote   string
}{
	{
		name:    "echo",
		message: unhex("08 00 d1d9 1234 0001 6e6574646576206563686f2064617461"),
		header:  Echo(0x1234, 1),
	},
	{
		name:    "echo reply",
		message: unhex("00 00 7b57 1234 0002 7272"),
		header:  EchoReply(0x1234, 2),
	},
	{
		name:    "port unreachable",
		message: unhex("03 03 62df 00000000 4500001e5f0440004011 57c7c0000201c0000202 867b270f000a841f6869"),
		header:  Unreachable(CodePortUnreachable),
		quote:   "4500001e5f044000401157c7c0000201c0000202867b270f000a841f6869",
	},
	{
		name: "fragmentation needed",
		message: unhex("03 04 e051 0000 0258 4500033c000040004011 39aac0000201cb007105 b17d000703280141" +
			strings.Repeat("7a", 520)),
		header: FragmentationNeeded(600),
		quote:  "4500033c00004000401139aac0000201cb007105b17d000703280141" + strings.Repeat("7a", 520),
	},
	{
		name:    "time exceeded",
		message: unhex("0b 00 4571 00000000 45000020ad8340000111 e00dc0000201c6336407 e28b0007000cec5974746c21"),
		header:  TimeExceeded(CodeTTLExceeded),
		quote:   "45000020ad8340000111e00dc0000201c6336407e28b0007000cec5974746c21",
	},
	{
		name:    "redirect",
		message: unhex("05 01 8220 c0000209 45000022ad0840003f11 a285c0000201c6336408 81720007000eec5c726564697221"),
		header:  Redirect(CodeRedirectHost, netip.MustParseAddr("192.0.2.9")),
		quote:   "45000022ad0840003f11a285c0000201c633640881720007000eec5c726564697221",
	},
	{
		// Composed, and found right by tshark.
		name:    "parameter problem",
		message: unhex("0c 00 905c 14000000 46000020000040000111 2d4ac0000201c0000202 070f0000 0102030405060708"),
		header:  ParameterProblem(20),
		quote:   "460000200000400001112d4ac0000201c0000202070f00000102030405060708",
	},
}

func TestFieldsOfAMessage(t *testing.T) {
	for _, v := range vectors {
		m, err := Parse(v.message)
		if err != nil {
			t.Errorf("%s: %v", v.name, err)
			continue
		}
		want := v.header
		want.Checksum = m.Checksum()
		if m.Header() != want {
			t.Errorf("%s: %+v, want %+v", v.name, m.Header(), want)
		}
		if !m.ChecksumOK() {
			t.Errorf("%s: checksum %#04x is not right", v.name, m.Checksum())
		}
		if !bytes.Equal(m.Payload(), v.message[HeaderLen:]) || !bytes.Equal(m.Quote(), unhex(v.quote)) || m.Type().IsError() != (v.quote != "") {
			t.Errorf("%s: payload %x, quote %x", v.name, m.Payload(), m.Quote())
		}
	}
}

func TestFieldsOfEachType(t *testing.T) {
	parse := func(i int) Message {
		m, err := Parse(vectors[i].message)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	if m := parse(0); m.ID() != 0x1234 || m.Seq() != 1 {
		t.Errorf("echo %#x, %d", m.ID(), m.Seq())
	}
	if m := parse(2); m.IsFragmentationNeeded() {
		t.Error("port unreachable taken for fragmentation needed")
	}
	if m := parse(3); !m.IsFragmentationNeeded() || m.MTU() != 600 {
		t.Errorf("fragmentation needed %v, MTU %d", m.IsFragmentationNeeded(), m.MTU())
	}
	if m := parse(5); m.Gateway() != netip.MustParseAddr("192.0.2.9") {
		t.Errorf("gateway %v", m.Gateway())
	}
	if m := parse(6); m.Pointer() != 20 || m.Quote()[m.Pointer()] != 7 {
		t.Errorf("pointer %d", m.Pointer())
	}
}

func TestEmitOntoDirtyMemory(t *testing.T) {
	for _, v := range vectors {
		b := dirty(len(v.message) + 8)
		n := v.header.Emit(b)
		if n != HeaderLen || n != v.header.Len() || !bytes.Equal(b[n:], dirty(len(b)-n)) {
			t.Errorf("%s: %d bytes, %x", v.name, n, b)
		}
		m := Message(b[:n+copy(b[n:], v.message[n:])])
		m.SetChecksum(0xa5a5)
		m.FillChecksum()
		if !bytes.Equal(m, v.message) {
			t.Errorf("%s: %x, want %x", v.name, []byte(m), v.message)
		}
		m.SetChecksum(0xa5a5)
		m.FillChecksumParts(checksum.Copy(b[n:], v.message[n:]))
		if !bytes.Equal(m, v.message) {
			t.Errorf("%s, by parts: %x, want %x", v.name, []byte(m), v.message)
		}
	}
}

func TestExtensionsAreNoPartOfTheQuote(t *testing.T) {
	for _, c := range []struct {
		name          string
		typ           Type
		words         byte
		payload, want int
	}{
		{"no length", TypeTimeExceeded, 0, 200, 200},
		{"128 bytes and extensions", TypeTimeExceeded, 32, 200, 128},
		{"unreachable", TypeUnreachable, 33, 200, 132},
		{"parameter problem", TypeParameterProblem, 32, 200, 128},
		{"exactly what is there", TypeTimeExceeded, 32, 128, 128},
		{"more than is there", TypeTimeExceeded, 255, 200, 200},
		{"too short to be a length", TypeTimeExceeded, 31, 200, 200},
		{"a redirect has a gateway there", TypeRedirect, 32, 200, 200},
	} {
		h := Header{Type: c.typ, Rest: uint32(c.words) << 16}
		b := dirty(HeaderLen + c.payload)
		h.Emit(b)
		m, err := Parse(b)
		if err != nil || len(m.Quote()) != c.want {
			t.Errorf("%s: %d bytes, %v, want %d", c.name, len(m.Quote()), err, c.want)
		}
	}
}

func TestAMessageCutShortIsRefused(t *testing.T) {
	for _, v := range vectors {
		for n := range v.message {
			m, err := Parse(v.message[:n:n])
			if n < HeaderLen {
				if m != nil || !errors.Is(err, ErrShort) {
					t.Errorf("%s, %d bytes: %v, want %v", v.name, n, err, ErrShort)
				}
			} else if err != nil || len(m.Payload()) != n-HeaderLen {
				t.Errorf("%s, %d bytes: %v, payload %x", v.name, n, err, m.Payload())
			}
		}
	}
}

func TestEveryBitIsUnderTheChecksum(t *testing.T) {
	for _, v := range vectors {
		m := Message(bytes.Clone(v.message))
		for bit := range 8 * len(m) {
			m[bit/8] ^= 1 << (bit % 8)
			if m.ChecksumOK() {
				t.Errorf("%s: bit %d turned over and the checksum is still right", v.name, bit)
			}
			m[bit/8] ^= 1 << (bit % 8)
		}
	}
}

func TestValuesThatDoNotFit(t *testing.T) {
	if h := FragmentationNeeded(1 << 20); h.Rest != 0xffff {
		t.Errorf("MTU of 1 MiB: %#x", h.Rest)
	}
	if h := Redirect(CodeRedirectHost, netip.MustParseAddr("2001:db8::1")); h.Rest != 0 {
		t.Errorf("gateway of another family: %#x", h.Rest)
	}
	if h := Redirect(CodeRedirectHost, netip.MustParseAddr("::ffff:192.0.2.9")); h.Rest != 0xc0000209 {
		t.Errorf("mapped gateway: %#x", h.Rest)
	}
}

func TestOnlyErrorsAreErrors(t *testing.T) {
	for typ := range 256 {
		want := typ == 3 || typ == 4 || typ == 5 || typ == 11 || typ == 12
		if got := Type(typ).IsError(); got != want {
			t.Errorf("type %d: %v", typ, got)
		}
	}
}

func TestEmitPanicsWhereThereIsNoRoom(t *testing.T) {
	b := dirty(HeaderLen)
	defer func() {
		if recover() == nil || !bytes.Equal(b, dirty(HeaderLen)) {
			t.Error("no panic, or too late")
		}
	}()
	vectors[0].header.Emit(b[:HeaderLen-1])
}

func TestAnIDIsSetInPlace(t *testing.T) {
	m := Message(bytes.Clone(vectors[0].message))
	m.SetID(0xabcd)
	m.FillChecksum()
	if m.ID() != 0xabcd || m.Seq() != 1 || !m.ChecksumOK() {
		t.Errorf("%x", []byte(m))
	}
}

func TestNothingAllocates(t *testing.T) {
	b := bytes.Clone(vectors[3].message)
	gateway := netip.MustParseAddr("192.0.2.9")
	if n := testing.AllocsPerRun(100, func() {
		m, err := Parse(b)
		if err != nil || len(m.Quote()) == 0 {
			t.Fatal(err)
		}
		h := Redirect(CodeRedirectHost, gateway)
		h.Emit(b)
		h = m.Header()
		h.Emit(b)
		m.FillChecksum()
		if _, err := Parse(b[:3]); err != ErrShort {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzMessage(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.message)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b)
		if err != nil {
			return
		}
		h := m.Header()
		out := dirty(len(m))
		copy(out[h.Emit(out):], m.Payload())
		if !bytes.Equal(out, m) {
			t.Errorf("%x became %x", []byte(m), out)
		}
		if !bytes.HasPrefix(m.Payload(), m.Quote()) {
			t.Errorf("quote %x is not in %x", m.Quote(), m.Payload())
		}
		again := Message(out)
		again.FillChecksum()
		if !again.ChecksumOK() {
			t.Errorf("%#04x, just filled in, is not right", again.Checksum())
		}
		if m.ChecksumOK() && m.Checksum() != again.Checksum() && m.Checksum() != ^again.Checksum() {
			t.Errorf("%#04x and %#04x are both right", m.Checksum(), again.Checksum())
		}
		if uint32(m.ID())<<16|uint32(m.Seq()) != m.Rest() || m.MTU() != int(m.Seq()) || m.Pointer() != int(m.ID()>>8) || !m.Gateway().Is4() {
			t.Errorf("%#08x is read as different things", m.Rest())
		}
		m.IsFragmentationNeeded()
	})
}
