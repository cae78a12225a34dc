package igmp

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
)

func TestRecordsAreWalkedOver(t *testing.T) {
	for _, c := range []struct{ name, message, want string }{
		{"none", "22000000 00000000", ""},
		{"two", "220038eb 00000002 06000001e8010101c0000209 03000000ef010203",
			"6 232.1.1.1 [192.0.2.9] , 3 239.1.2.3 [] , "},
		{"auxiliary data between", "22000000 00000002 06020001e8010101c0000209 a1a2a3a4a5a6a7a8 01000000ef010203",
			"6 232.1.1.1 [192.0.2.9] a1a2a3a4a5a6a7a8, 1 239.1.2.3 [] , "},
		{"one more than counted", "22000000 00000001 03000000ef010203 03000000ef010204",
			"3 239.1.2.3 [] , "},
	} {
		m, err := Parse(unhex(c.message))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := ""
		records := m.Records()
		for left := records.Len(); records.Next(); {
			if left--; records.Len() != left {
				t.Errorf("%s: %d left, want %d", c.name, records.Len(), left)
			}
			r := records.Record()
			var sources []any
			for i := range r.Sources().Len() {
				sources = append(sources, r.Sources().At(i))
			}
			got += fmt.Sprintf("%d %v %v %x, ", r.Type(), r.Group(), sources, r.AuxData())
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if records.Next() || records.Record() != nil {
			t.Errorf("%s: goes on behind the end", c.name)
		}
	}
}

func TestRecordsThatPassTheEndAreRefused(t *testing.T) {
	for _, message := range []string{
		"22000000 00000002 03000000ef010203",                   // one too few
		"22000000 0000ffff 03000000ef010203",                   // many too few
		"22000000 00000001 0300ffffef010203",                   // sources
		"22000000 00000001 03ff0000ef010203",                   // auxiliary data
		"22000000 00000002 03010000ef010203 03000000 ef010203", // a record taken for data
	} {
		if _, err := Parse(unhex(message)); !errors.Is(err, ErrRecords) {
			t.Errorf("%s: %v, want %v", message, err, ErrRecords)
		}
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
		// Each of what writes messages says the same again.
		var from emitter
		switch m.Version() {
		case 1, 2:
			h := m.Header()
			from = &h
		case 3:
			if from = report(m); m.Type() == TypeQuery {
				from = query(m)
			}
		default:
			return
		}
		out := dirty(from.Len())
		from.Emit(out)
		again, err := Parse(out)
		if err != nil || !again.ChecksumOK() || again.Version() != m.Version() || again.MaxRespTime() != m.MaxRespTime() {
			t.Errorf("%x became %x: %v", []byte(m), out, err)
		}
		twice := dirty(from.Len())
		switch from.(type) {
		case *Query:
			query(again).Emit(twice)
		case *Report:
			report(again).Emit(twice)
		case *Header:
			h := again.Header()
			h.Emit(twice)
		}
		if !bytes.Equal(twice, out) {
			t.Errorf("%x came back as %x", out, twice)
		}
	})
}

func query(m Message) *Query {
	q := Query{
		MaxRespTime: m.MaxRespTime(), Group: m.Group(), Suppress: m.Suppress(),
		Robustness: m.Robustness(), Interval: m.Interval(),
	}
	for i := range m.Sources().Len() {
		q.Sources = append(q.Sources, m.Sources().At(i))
	}
	return &q
}

func report(m Message) *Report {
	var r Report
	for records := m.Records(); records.Next(); {
		rec := GroupRecord{Type: records.Record().Type(), Group: records.Record().Group()}
		for i := range records.Record().Sources().Len() {
			rec.Sources = append(rec.Sources, records.Record().Sources().At(i))
		}
		r.Records = append(r.Records, rec)
	}
	return &r
}
