package ethernet

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

// unhex reads bytes as capture tools print them.
func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		panic(err)
	}
	return b
}

func dirty(n int) []byte { return bytes.Repeat([]byte{0xa5}, n) }

var (
	alice = [6]byte{0x0e, 0xcc, 0x31, 0x23, 0x03, 0x4f}
	bob   = [6]byte{0x8e, 0x19, 0xd6, 0xac, 0xb0, 0x8e}
)

// vectors are frames, the first from a capture, and what tshark says of them.
var vectors = []struct {
	name    string
	frame   []byte
	header  Header
	payload string
}{
	{
		name:    "plain",
		frame:   unhex("ffffffffffff 0ecc3123034f 0806 0001080006040001"),
		header:  Header{Dst: Broadcast, Src: alice, Type: TypeARP},
		payload: "0001080006040001",
	},
	{
		name:    "VLAN 7 with priority 5",
		frame:   unhex("8e19d6acb08e 0ecc3123034f 8100 a007 0800 4500"),
		header:  Header{Dst: bob, Src: alice, Tags: [2]Tag{{TPID: TypeVLAN, PCP: 5, VID: 7}}, Type: TypeIPv4},
		payload: "4500",
	},
	{
		name:  "QinQ, service 100 that may be dropped, customer 4095",
		frame: unhex("8e19d6acb08e 0ecc3123034f 88a8 1064 8100 efff 86dd 60"),
		header: Header{
			Dst: bob, Src: alice,
			Tags: [2]Tag{{TPID: TypeQinQ, DEI: true, VID: 100}, {TPID: TypeVLAN, PCP: 7, VID: 4095}},
			Type: TypeIPv6,
		},
		payload: "60",
	},
	{
		name:  "three tags, the third of them payload",
		frame: unhex("8e19d6acb08e 0ecc3123034f 8100 0001 8100 0002 8100 0003 0800"),
		header: Header{
			Dst: bob, Src: alice,
			Tags: [2]Tag{{TPID: TypeVLAN, VID: 1}, {TPID: TypeVLAN, VID: 2}},
			Type: TypeVLAN,
		},
		payload: "00030800",
	},
	{
		name:    "spanning tree, with a length",
		frame:   unhex("0180c2000000 8e19d6acb08e 0003 424203"),
		header:  Header{Dst: [6]byte{0x01, 0x80, 0xc2}, Src: bob, Type: 3},
		payload: "424203",
	},
}

func TestFieldsOfAFrame(t *testing.T) {
	for _, v := range vectors {
		f, err := Parse(v.frame)
		if err != nil {
			t.Errorf("%s: %v", v.name, err)
			continue
		}
		if h := f.Header(); h != v.header {
			t.Errorf("%s: %+v, want %+v", v.name, h, v.header)
		}
		if !bytes.Equal(f.Payload(), unhex(v.payload)) || f.HeaderLen() != v.header.Len() {
			t.Errorf("%s: payload %x behind %d bytes, want %s behind %d", v.name, f.Payload(), f.HeaderLen(), v.payload, v.header.Len())
		}
	}
}

func TestEmitOntoDirtyMemory(t *testing.T) {
	for _, v := range vectors {
		b := dirty(len(v.frame) + 8)
		n := v.header.Emit(b)
		if n != v.header.Len() || !bytes.Equal(b[:n], v.frame[:n]) {
			t.Errorf("%s: %x, want %x", v.name, b[:n], v.frame[:n])
		}
		if !bytes.Equal(b[n:], dirty(len(b)-n)) {
			t.Errorf("%s: wrote behind the header: %x", v.name, b[n:])
		}
	}
}

func TestAHeaderCutShortIsRefused(t *testing.T) {
	for _, v := range vectors {
		header := v.header.Len()
		for n := range v.frame {
			f, err := Parse(v.frame[:n:n])
			switch {
			case n < header:
				if !errors.Is(err, ErrShort) {
					t.Errorf("%s, %d bytes: %v, want %v", v.name, n, err, ErrShort)
				}
			case v.header.Type.IsLength():
				if !errors.Is(err, ErrLength) {
					t.Errorf("%s, %d bytes: %v, want %v", v.name, n, err, ErrLength)
				}
			case err != nil || len(f.Payload()) != n-header:
				t.Errorf("%s, %d bytes: payload %x, %v", v.name, n, f.Payload(), err)
			}
		}
	}
}

func TestALengthCutsPaddingOff(t *testing.T) {
	b := append(unhex("0180c2000000 8e19d6acb08e 0003 424203"), make([]byte, 43)...)
	f, err := Parse(b)
	if err != nil || len(f) != 17 {
		t.Errorf("%d bytes, %v, want 17", len(f), err)
	}
}

func TestBetweenLengthAndType(t *testing.T) {
	b := make([]byte, 2000)
	for v, want := range map[uint16]error{1500: nil, 1501: ErrType, 1535: ErrType, 1536: nil} {
		b[12], b[13] = byte(v>>8), byte(v)
		if _, err := Parse(b); !errors.Is(err, want) {
			t.Errorf("%d: %v, want %v", v, err, want)
		}
	}
}

func TestEmitPanicsWhereThereIsNoRoom(t *testing.T) {
	for _, v := range vectors {
		b := dirty(v.header.Len())
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", v.name)
				}
			}()
			v.header.Emit(b[:len(b)-1])
		}()
		if !bytes.Equal(b, dirty(len(b))) {
			t.Errorf("%s: wrote before it looked", v.name)
		}
	}
}

func TestAddressesAreSetInPlace(t *testing.T) {
	f, err := Parse(bytes.Clone(vectors[0].frame))
	if err != nil {
		t.Fatal(err)
	}
	f.SetDst(alice)
	f.SetSrc(bob)
	if f.Dst() != alice || f.Src() != bob || f.Type() != TypeARP {
		t.Errorf("%x", []byte(f))
	}
}

func TestPadZeroesUpToTheShortestFrame(t *testing.T) {
	for _, n := range []int{14, 42, 59, 60, 61, 80} {
		b := dirty(80)
		got := Pad(b, n)
		if want := max(n, MinLen); got != want {
			t.Errorf("%d bytes padded to %d, want %d", n, got, want)
		}
		if !bytes.Equal(b[:n], dirty(n)) || !bytes.Equal(b[n:got], make([]byte, got-n)) || !bytes.Equal(b[got:], dirty(80-got)) {
			t.Errorf("%d bytes: %x", n, b)
		}
	}
}

func TestNothingAllocates(t *testing.T) {
	b := bytes.Clone(vectors[2].frame)
	if n := testing.AllocsPerRun(100, func() {
		f, err := Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		h := f.Header()
		h.Emit(b)
		if _, err := Parse(b[:9]); err != ErrShort {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzFrame(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.frame)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Parse(b)
		if err != nil {
			return
		}
		h := p.Header()
		out := dirty(len(p))
		n := h.Emit(out)
		copy(out[n:], p.Payload())
		if !bytes.Equal(out, p) {
			t.Errorf("%x became %x", []byte(p), out)
		}
		again, err := Parse(out)
		if err != nil || again.Header() != h {
			t.Errorf("%+v came back as %+v, %v", h, again.Header(), err)
		}
		if h.Type.String() == "" {
			t.Error("a type without a name or number")
		}
	})
}
