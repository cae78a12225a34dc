package igmp

import (
	"net/netip"
	"testing"
)

func TestFieldsOfAQuery(t *testing.T) {
	m, err := Parse(vectors[7].message)
	if err != nil {
		t.Fatal(err)
	}
	if !m.Suppress() || m.Robustness() != 7 || m.Interval() != 320 {
		t.Errorf("suppress %v, robustness %d, interval %d", m.Suppress(), m.Robustness(), m.Interval())
	}
	if s := m.Sources(); s.Len() != 1 || s.At(0) != source {
		t.Errorf("sources %x", []byte(s))
	}
	if m, err = Parse(vectors[6].message); err != nil || m.Suppress() || m.Robustness() != 2 || m.Interval() != 125 || m.Sources().Len() != 0 {
		t.Errorf("suppress %v, robustness %d, interval %d, %v", m.Suppress(), m.Robustness(), m.Interval(), err)
	}
}

func TestSourcesOfOtherFamiliesAreSentAsNone(t *testing.T) {
	q := Query{Sources: []netip.Addr{netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("::ffff:192.0.2.9"), {}}}
	b := dirty(q.Len())
	q.Emit(b)
	m, err := Parse(b)
	if err != nil || m.Sources().Len() != 3 {
		t.Fatal(err)
	}
	for i, want := range []netip.Addr{none, source, none} {
		if got := m.Sources().At(i); got != want {
			t.Errorf("source %d: %v, want %v", i, got, want)
		}
	}
}

func TestCodesAreFloatingPointFrom128On(t *testing.T) {
	// RFC 3376 §4.1.1: (mant | 0x10) << (exp + 3).
	for c, want := range map[uint8]int{
		0: 0, 1: 1, 100: 100, 127: 127, 0x80: 128, 0x81: 136, 0x8f: 248, 0x90: 256, 0x9a: 416, 0xff: 31744,
	} {
		if got := DecodeCode(c); got != want {
			t.Errorf("%#02x: %d, want %d", c, got, want)
		}
	}
	if DecodeCode(0xff) != MaxCode {
		t.Errorf("MaxCode is %d", MaxCode)
	}
}

func TestNumbersGetTheCodeNextBelow(t *testing.T) {
	for n := -3; n < MaxCode+1000; n++ {
		c := EncodeCode(n)
		switch got := DecodeCode(c); {
		case n < 0:
			if c != 0 {
				t.Fatalf("%d: %#02x", n, c)
			}
		case n >= MaxCode:
			if got != MaxCode {
				t.Fatalf("%d: %d", n, got)
			}
		case got > n || DecodeCode(c+1) <= n:
			t.Fatalf("%d became %d, and the next code is %d", n, got, DecodeCode(c+1))
		}
	}
}
