package igmp

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
	groupA = netip.MustParseAddr("239.1.2.3")
	groupB = netip.MustParseAddr("239.4.5.6")
	groupS = netip.MustParseAddr("232.1.1.1")
	source = netip.MustParseAddr("192.0.2.9")
	none   = netip.IPv4Unspecified()
)

type emitter interface {
	Len() int
	Emit([]byte) int
}

// vectors are messages and what writes them. Reports and leaves are Linux's, from
// a capture; the queries are composed and found right by tshark.
var vectors = []struct {
	name    string
	message []byte
	from    emitter
	typ     Type
	version int
	group   netip.Addr
	max     int // response time
}{
	{"version 1 query", unhex("11 00 eeff 00000000"), &Header{Type: TypeQuery}, TypeQuery, 1, none, 100},
	{"version 2 query", unhex("11 64 ee9b 00000000"), &Header{Type: TypeQuery, MaxRespTime: 100}, TypeQuery, 2, none, 100},
	{"version 2 query for a group", unhex("11 c8 fd32 ef010203"), &Header{Type: TypeQuery, MaxRespTime: 200, Group: groupA}, TypeQuery, 2, groupA, 200},
	{"version 2 report", unhex("16 00 f5f4 ef040506"), &Header{Type: TypeV2Report, Group: groupB}, TypeV2Report, 2, groupB, 0},
	{"leave", unhex("17 00 f4f4 ef040506"), &Header{Type: TypeLeave, Group: groupB}, TypeLeave, 2, groupB, 0},
	{"version 1 report", unhex("12 00 f9f4 ef040506"), &Header{Type: TypeV1Report, Group: groupB}, TypeV1Report, 1, groupB, 0},
	{
		"version 3 query", unhex("11 64 ec1e 00000000 02 7d 0000"),
		&Query{MaxRespTime: 100, Robustness: 2, Interval: 125}, TypeQuery, 3, none, 100,
	},
	{
		"version 3 query for a source", unhex("11 8a 33d4 e8010101 0f 94 0001 c0000209"),
		&Query{MaxRespTime: 208, Group: groupS, Suppress: true, Robustness: 7, Interval: 320, Sources: []netip.Addr{source}},
		TypeQuery, 3, groupS, 208,
	},
	{
		"join", unhex("22 00 e8f9 0000 0001 04 00 0000 ef010203"),
		&Report{Records: []GroupRecord{{Type: ChangeToExclude, Group: groupA}}}, TypeV3Report, 3, netip.MustParseAddr("0.0.0.1"), 0,
	},
	{
		"join one source", unhex("22 00 2df1 0000 0001 05 00 0001 e8010101 c0000209"),
		&Report{Records: []GroupRecord{{Type: AllowNewSources, Group: groupS, Sources: []netip.Addr{source}}}},
		TypeV3Report, 3, netip.MustParseAddr("0.0.0.1"), 0,
	},
	{
		// Composed, and found right by tshark.
		"report on two groups", unhex("22 00 38eb 0000 0002 06 00 0001 e8010101 c0000209 03 00 0000 ef010203"),
		&Report{Records: []GroupRecord{
			{Type: BlockOldSources, Group: groupS, Sources: []netip.Addr{source}}, {Type: ChangeToInclude, Group: groupA},
		}},
		TypeV3Report, 3, netip.MustParseAddr("0.0.0.2"), 0,
	},
}

func TestFieldsOfAMessage(t *testing.T) {
	for _, v := range vectors {
		m, err := Parse(v.message)
		if err != nil {
			t.Errorf("%s: %v", v.name, err)
			continue
		}
		if m.Type() != v.typ || m.Version() != v.version || m.Group() != v.group || m.MaxRespTime() != v.max {
			t.Errorf("%s: type %#x, version %d, group %v, within %d", v.name, m.Type(), m.Version(), m.Group(), m.MaxRespTime())
		}
		if !m.ChecksumOK() {
			t.Errorf("%s: checksum %#04x is not right", v.name, m.Checksum())
		}
	}
}

func TestEmitOntoDirtyMemory(t *testing.T) {
	for _, v := range vectors {
		b := dirty(len(v.message) + 8)
		if n := v.from.Emit(b); n != len(v.message) || n != v.from.Len() {
			t.Errorf("%s: %d bytes, and a length of %d, want %d", v.name, n, v.from.Len(), len(v.message))
		}
		if want := append(bytes.Clone(v.message), dirty(8)...); !bytes.Equal(b, want) {
			t.Errorf("%s: %x, want %x", v.name, b, want)
		}
	}
}

func TestAMessageCutShortIsRefused(t *testing.T) {
	for _, v := range vectors {
		for n := range v.message {
			want := ErrShort
			if n >= HeaderLen {
				switch {
				case v.typ == TypeV3Report:
					want = ErrRecords
				case n == HeaderLen: // a version 3 query looks like one of version 2
					if m, err := Parse(v.message[:n:n]); err != nil || m.Version() != 2 {
						t.Errorf("%s, %d bytes: version %d, %v", v.name, n, m.Version(), err)
					}
					continue
				case n < QueryLen:
					want = ErrQueryLen
				default:
					want = ErrSources
				}
			}
			if m, err := Parse(v.message[:n:n]); m != nil || !errors.Is(err, want) {
				t.Errorf("%s, %d bytes: %v, want %v", v.name, n, err, want)
			}
		}
	}
}

func TestBytesBehindAMessageAreUnderItsChecksum(t *testing.T) {
	for _, v := range vectors {
		if v.typ == TypeQuery && v.version < 3 {
			continue // its length is what makes it one of that version
		}
		m, err := Parse(append(bytes.Clone(v.message), 0, 1, 0, 2))
		if err != nil || m.ChecksumOK() || m.Version() != v.version {
			t.Errorf("%s: %v, checksum right %v", v.name, err, m.ChecksumOK())
			continue
		}
		fillChecksum(m)
		if !m.ChecksumOK() {
			t.Errorf("%s: checksum over all is not right", v.name)
		}
	}
}

func TestUnknownTypesAreOfNoVersion(t *testing.T) {
	m, err := Parse(unhex("30 00 0000 00000000 0000ffff"))
	if err != nil || m.Version() != 0 || m.Suppress() || m.Robustness() != 0 || m.Interval() != 0 || m.Sources() != nil {
		t.Errorf("version %d, %v", m.Version(), err)
	}
	if r := m.Records(); r.Next() || r.Len() != 0 || r.Record() != nil {
		t.Error("it has records")
	}
}

func TestHeaderIsWhatWasSent(t *testing.T) {
	for _, v := range vectors {
		if want, ok := v.from.(*Header); ok {
			got := Message(v.message).Header()
			if !want.Group.IsValid() {
				got.Group = netip.Addr{}
			}
			if got != *want {
				t.Errorf("%s: %+v, want %+v", v.name, got, *want)
			}
		}
	}
}

func TestEmitPanicsWhereThereIsNoRoom(t *testing.T) {
	for _, v := range vectors {
		b := dirty(len(v.message))
		func() {
			defer func() {
				if recover() == nil || !bytes.Equal(b, dirty(len(b))) {
					t.Errorf("%s: no panic, or too late", v.name)
				}
			}()
			v.from.Emit(b[:len(b)-1])
		}()
	}
}

func TestNothingAllocates(t *testing.T) {
	report, query := bytes.Clone(vectors[10].message), bytes.Clone(vectors[7].message)
	if n := testing.AllocsPerRun(100, func() {
		m, err := Parse(report)
		if err != nil || !m.ChecksumOK() {
			t.Fatal(err)
		}
		for r := m.Records(); r.Next(); {
			for i := range r.Record().Sources().Len() {
				if r.Record().Sources().At(i) != source {
					t.Fatal("another source")
				}
			}
		}
		m, err = Parse(query)
		if err != nil || m.Sources().At(0) != source {
			t.Fatal(err)
		}
		for _, v := range vectors {
			v.from.Emit(report[:v.from.Len()])
		}
		if _, err := Parse(report[:3]); err != ErrShort {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
