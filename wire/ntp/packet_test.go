package ntp_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/netdev-go/netdev/wire/ntp"
)

// Captured between two chronyd, the client of which sends a random number for its
// time. tshark reads the server's times as below.
var captured = []struct {
	name, bytes string
	header      ntp.Header
}{
	{
		"request",
		"23000620 00000000 00000000 00000000 0000000000000000 0000000000000000 0000000000000000 844f69d4843850e9",
		ntp.Header{Version: 4, Mode: ntp.ModeClient, Poll: 6, Precision: 32, TransmitTime: 0x844f69d4843850e9},
	},
	{
		"answer",
		"240306e6 00000000 00000000 7f7f0101 eead3e90e51bac72 844f69d4843850e9 eead3e91fc958601 eead3e91fc9b1dc6",
		ntp.Header{
			Version: 4, Mode: ntp.ModeServer, Stratum: 3, Poll: 6, Precision: -26, ReferenceID: [4]byte{127, 127, 1, 1},
			ReferenceTime: 0xeead3e90e51bac72, OriginTime: 0x844f69d4843850e9,
			ReceiveTime: 0xeead3e91fc958601, TransmitTime: 0xeead3e91fc9b1dc6,
		},
	},
}

var (
	capturedReference = time.Date(2026, 11, 22, 10, 12, 32, 894953515, time.UTC)
	capturedReceive   = time.Date(2026, 11, 22, 10, 12, 33, 986656546, time.UTC)
)

// every has another value in each bit of each field.
var every = ntp.Header{
	Leap: ntp.LeapUnknown, Version: 3, Mode: ntp.ModeBroadcast, Stratum: 16, Poll: -7, Precision: -20,
	RootDelay: 0x01020304, RootDispersion: 0x85868788, ReferenceID: [4]byte{'G', 'P', 'S', 0},
	ReferenceTime: 0x1122334455667788, OriginTime: 0x99aabbccddeeff00, ReceiveTime: 0x0123456789abcdef, TransmitTime: 0xfedcba9876543210,
}

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
	for _, c := range captured {
		p, err := ntp.Parse(append(unhex(t, c.bytes), 1, 2, 3, 4))
		if err != nil {
			t.Fatal(err)
		}
		if h := p.Header(); h != c.header {
			t.Errorf("%s: %+v\nwant %+v", c.name, h, c.header)
		}
		if !bytes.Equal(p.Extra(), []byte{1, 2, 3, 4}) {
			t.Errorf("%s: % x behind the header", c.name, p.Extra())
		}
		if _, ok := p.KissCode(); ok {
			t.Errorf("%s: kissed to death", c.name)
		}
		if want := c.name == "answer"; p.Synchronized() != want {
			t.Errorf("%s: synchronized %v", c.name, !want)
		}
	}
}

func TestEmit(t *testing.T) {
	for _, c := range captured {
		b := dirty(ntp.HeaderLen + 1)
		if n := c.header.Emit(b); n != c.header.Len() || !bytes.Equal(b, append(unhex(t, c.bytes), 0xa5)) {
			t.Errorf("%s: emitted %d, % x", c.name, n, b)
		}
	}
	b := dirty(ntp.HeaderLen)
	every.Emit(b)
	if p, err := ntp.Parse(b); err != nil || p.Header() != every {
		t.Errorf("%+v became %+v, %v", every, p.Header(), err)
	}
	h := ntp.ClientHeader(0x844f69d4843850e9)
	h.Poll, h.Precision = 6, 32
	if h != captured[0].header {
		t.Errorf("a client's header is %+v", h)
	}
}

func TestParseRefuses(t *testing.T) {
	whole := unhex(t, captured[1].bytes)
	for n := range whole {
		if p, err := ntp.Parse(whole[:n:n]); err != ntp.ErrShort || p != nil {
			t.Errorf("%d bytes of %d: %v", n, len(whole), err)
		}
	}
	for first := range 256 {
		want := error(nil)
		switch version, mode := first>>3&7, first&7; {
		case version == 0 || version > 4:
			want = ntp.ErrVersion
		case mode == 0 || mode > 5:
			want = ntp.ErrMode
		}
		whole[0] = byte(first)
		if _, err := ntp.Parse(whole); err != want {
			t.Errorf("first byte %08b: %v, want %v", first, err, want)
		}
	}
}

func TestSynchronized(t *testing.T) {
	for _, c := range []struct {
		leap    ntp.Leap
		stratum uint8
		want    bool
	}{
		{ntp.LeapNone, 1, true}, {ntp.LeapAdd, 15, true}, {ntp.LeapDelete, 2, true},
		{ntp.LeapUnknown, 1, false}, {ntp.LeapNone, 0, false}, {ntp.LeapNone, 16, false}, {ntp.LeapNone, 255, false},
	} {
		b := make([]byte, ntp.HeaderLen)
		(&ntp.Header{Leap: c.leap, Stratum: c.stratum}).Emit(b)
		if got := ntp.Packet(b).Synchronized(); got != c.want {
			t.Errorf("leap %d, stratum %d: %v", c.leap, c.stratum, got)
		}
	}
}

func TestKissCodes(t *testing.T) {
	for code, want := range map[string]ntp.KissCode{
		"DENY": ntp.KissDeny, "RSTR": ntp.KissRestrict, "RATE": ntp.KissRate, "INIT": ntp.KissInit,
		"STEP": ntp.KissStep, "AUTH": ntp.KissAuth, "NTSN": ntp.KissNTS,
	} {
		h := ntp.Header{Version: 4, Mode: ntp.ModeServer, ReferenceID: [4]byte([]byte(code))}
		b := make([]byte, ntp.HeaderLen)
		h.Emit(b)
		got, ok := ntp.Packet(b).KissCode()
		if !ok || got != want || got.String() != code {
			t.Errorf("%s: %v, %v", code, got, ok)
		}
		h.Stratum = 1
		h.Emit(b)
		if got, ok := ntp.Packet(b).KissCode(); ok {
			t.Errorf("stratum 1 has the code %v", got)
		}
	}
	if got := ntp.KissCode(0x001f7f41).String(); got != "???A" {
		t.Errorf("letters that cannot be shown: %q", got)
	}
}

func TestErrorsSayWhy(t *testing.T) {
	seen := map[string]bool{}
	for err := ntp.Error(0); err <= ntp.ErrMode; err++ {
		if seen[err.Error()] || err.Error() == "" {
			t.Errorf("%d says %q, like another", err, err.Error())
		}
		seen[err.Error()] = true
	}
}

func TestNothingAllocates(t *testing.T) {
	raw := unhex(t, captured[1].bytes)
	b := make([]byte, ntp.HeaderLen)
	near := capturedReceive
	allocs := testing.AllocsPerRun(100, func() {
		p, err := ntp.Parse(raw)
		if err != nil || p.TransmitTime().Time(near).IsZero() || p.RootDelay().Duration() != 0 {
			t.Fatal(err)
		}
		h := p.Header()
		h.ReceiveTime = ntp.TimestampOf(near)
		h.Emit(b)
		p.KissCode()
		_, _ = ntp.Measure(h.OriginTime, h.ReceiveTime, h.TransmitTime, h.ReferenceTime)
		if _, err = ntp.Parse(raw[:1]); err == nil {
			t.Fatal("parsed nothing")
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations a packet", allocs)
	}
}
