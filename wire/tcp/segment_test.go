package tcp_test

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev/internal/checksum"
	"github.com/netdev-go/netdev/wire/tcp"
)

func TestParseCaptured(t *testing.T) {
	for _, c := range captured {
		t.Run(c.name, func(t *testing.T) {
			s, err := tcp.Parse(unhex(t, c.bytes))
			if err != nil {
				t.Fatal(err)
			}
			h, err := s.Header()
			if err != nil || h != c.header {
				t.Errorf("header = %+v, %v\nwant %+v", h, err, c.header)
			}
			if string(s.Payload()) != c.payload {
				t.Errorf("payload = %q, want %q", s.Payload(), c.payload)
			}
			if s.Len() != c.len {
				t.Errorf("takes %d numbers, want %d", s.Len(), c.len)
			}
			if !s.ChecksumOK(loopback, loopback) {
				t.Error("the checksum is taken for wrong")
			}
			if got, want := s.Prediction(), tcp.Predict(s.HeaderLen(), s.Flags(), s.Window()); got != want {
				t.Errorf("Prediction = %#08x, Predict says %#08x", got, want)
			}
		})
	}
}

func TestEmitCaptured(t *testing.T) {
	for _, c := range captured {
		t.Run(c.name, func(t *testing.T) {
			want := unhex(t, c.bytes)
			b := dirty(len(want) + 4)
			n := c.header.Emit(b)
			if n != c.header.Len() || n+len(c.payload) != len(want) {
				t.Fatalf("Emit = %d, Len = %d, want %d", n, c.header.Len(), len(want)-len(c.payload))
			}
			copy(b[n:], c.payload)
			if !bytes.Equal(b[:len(want)], want) {
				t.Errorf("emitted % x\n    want % x", b[:len(want)], want)
			}
			if !bytes.Equal(b[len(want):], dirty(4)) {
				t.Error("wrote behind its own length")
			}
		})
	}
}

func TestFillChecksum(t *testing.T) {
	for _, c := range captured {
		s, err := tcp.Parse(unhex(t, c.bytes))
		if err != nil {
			t.Fatal(err)
		}
		s.SetChecksum(0xdead)
		if s.ChecksumOK(loopback, loopback) {
			t.Errorf("%s: a wrong checksum is taken for right", c.name)
		}
		s.FillChecksum(loopback, loopback)
		if s.Checksum() != c.header.Checksum {
			t.Errorf("%s: filled in %#04x, want %#04x", c.name, s.Checksum(), c.header.Checksum)
		}
		s.SetChecksum(0xbeef)
		s.FillChecksumParts(checksum.Pseudo(loopback, loopback, tcp.Protocol, len(s)), checksum.Of([]byte(c.payload)))
		if s.Checksum() != c.header.Checksum {
			t.Errorf("%s: from parts %#04x, want %#04x", c.name, s.Checksum(), c.header.Checksum)
		}
	}
}

func TestChecksumCoversEveryBitAndBothAddresses(t *testing.T) {
	src, dst := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2:1")
	s, err := tcp.Parse(unhex(t, captured[2].bytes))
	if err != nil {
		t.Fatal(err)
	}
	s.FillChecksum(src, dst)
	if !s.ChecksumOK(src, dst) || s.ChecksumOK(src, src) || s.ChecksumOK(dst, dst) {
		t.Error("the addresses do not count")
	}
	for i := range len(s) * 8 {
		if i/8 == 12 {
			continue // the data offset, which only Parse looks at
		}
		s[i/8] ^= 1 << (i % 8)
		if s.ChecksumOK(src, dst) {
			t.Errorf("bit %d does not count", i)
		}
		s[i/8] ^= 1 << (i % 8)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range captured {
		whole := unhex(t, c.bytes)
		for n := range c.header.Len() {
			if s, err := tcp.Parse(whole[:n:n]); err != tcp.ErrShort || s != nil {
				t.Errorf("%s: %d bytes of a header of %d: %v", c.name, n, c.header.Len(), err)
			}
		}
		for n := c.header.Len(); n <= len(whole); n++ {
			if s, err := tcp.Parse(whole[:n:n]); err != nil || len(s) != n {
				t.Errorf("%s: header whole with %d bytes: %d, %v", c.name, n, len(s), err)
			}
		}
	}
	for offset := range byte(5) {
		b := make([]byte, 60)
		b[12] = offset<<4 | 0xf
		if _, err := tcp.Parse(b); err != tcp.ErrDataOffset {
			t.Errorf("data offset %d: %v", offset, err)
		}
	}
}

func TestReservedBitsAreNoPartOfTheLength(t *testing.T) {
	b := make([]byte, 21)
	b[12] = 5<<4 | 0xf
	s, err := tcp.Parse(b)
	if err != nil || s.HeaderLen() != 20 || len(s.Payload()) != 1 {
		t.Errorf("header %d, payload %d, %v", s.HeaderLen(), len(s.Payload()), err)
	}
}

func TestLenCountsSYNAndFIN(t *testing.T) {
	for f, want := range map[tcp.Flags]int{tcp.ACK: 3, tcp.SYN: 4, tcp.FIN | tcp.ACK: 4, tcp.SYN | tcp.FIN: 5, tcp.RST: 3} {
		b := make([]byte, 23)
		(&tcp.Header{Flags: f}).Emit(b)
		if got := tcp.Segment(b).Len(); got != want {
			t.Errorf("%v with 3 bytes takes %d numbers, want %d", f, got, want)
		}
	}
}

func TestSetPorts(t *testing.T) {
	s := tcp.Segment(unhex(t, captured[0].bytes))
	s.SetSrcPort(1)
	s.SetDstPort(0xfffe)
	if s.SrcPort() != 1 || s.DstPort() != 0xfffe || s.Seq() != captured[0].header.Seq {
		t.Errorf("ports are %d and %d", s.SrcPort(), s.DstPort())
	}
}

func TestPredictionFindsTheCommonSegment(t *testing.T) {
	s := tcp.Segment(unhex(t, captured[2].bytes))
	want := tcp.Predict(32, tcp.ACK, 64)
	if s.Prediction()&^tcp.PredictionPSH != want {
		t.Errorf("Prediction = %#08x, want %#08x but for PSH", s.Prediction(), want)
	}
	for _, other := range []tcp.Header{
		{Flags: tcp.ACK | tcp.FIN, Window: 64, Options: tcp.Options{Has: tcp.HasTimestamps}},
		{Flags: tcp.ACK, Window: 65, Options: tcp.Options{Has: tcp.HasTimestamps}},
		{Flags: tcp.ACK, Window: 64},
	} {
		b := dirty(tcp.MaxHeaderLen)
		other.Emit(b)
		if got := tcp.Segment(b).Prediction(); got&^tcp.PredictionPSH == want {
			t.Errorf("%+v passes for the common segment", other)
		}
	}
}

func TestTimestampsOfTheCommonLayoutOnly(t *testing.T) {
	for i, want := range []bool{false, false, true, true} {
		s := tcp.Segment(unhex(t, captured[i].bytes))
		val, ecr, ok := s.Timestamps()
		if ok != want {
			t.Errorf("%s: Timestamps ok = %v", captured[i].name, ok)
		}
		if o := captured[i].header.Options; ok && (val != o.TSVal || ecr != o.TSEcr) {
			t.Errorf("%s: Timestamps = %d, %d", captured[i].name, val, ecr)
		}
	}
	s := tcp.Segment(unhex(t, captured[2].bytes))
	for i := 20; i < 24; i++ {
		s[i] ^= 1
		if _, _, ok := s.Timestamps(); ok {
			t.Errorf("byte %d of the layout does not count", i)
		}
		s[i] ^= 1
	}
}

func TestErrorsSayWhy(t *testing.T) {
	seen := map[string]bool{}
	for _, err := range []error{tcp.ErrShort, tcp.ErrDataOffset, tcp.ErrOptionLength, tcp.Error(0)} {
		if seen[err.Error()] || err.Error() == "" {
			t.Errorf("%d says %q, like another", err, err)
		}
		seen[err.Error()] = true
	}
}
