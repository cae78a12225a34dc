package tcp_test

import (
	"testing"

	"github.com/netdev-go/netdev/wire/tcp"
)

func FuzzSegment(f *testing.F) {
	for _, c := range captured {
		f.Add(unhex(f, c.bytes))
	}
	for _, c := range layouts {
		b := make([]byte, c.options.Len()+tcp.HeaderLen)
		(&tcp.Header{Options: c.options}).Emit(b)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := tcp.Parse(b)
		if err != nil {
			return
		}
		if len(s.OptionBytes())+len(s.Payload())+tcp.HeaderLen != len(b) {
			t.Fatal("the parts are not the whole")
		}
		s.ChecksumOK(loopback, loopback)
		_ = s.Flags().String()
		h, _ := s.Header()
		h.Options.DSACK(h.Ack)
		if val, ecr, ok := s.Timestamps(); ok && (h.Options.Has != tcp.HasTimestamps || val != h.Options.TSVal || ecr != h.Options.TSEcr) {
			t.Fatalf("Timestamps = %d, %d, but the options are %+v", val, ecr, h.Options)
		}

		out := dirty(h.Len() + len(s.Payload()))
		copy(out[h.Emit(out):], s.Payload())
		again, err := tcp.Parse(out)
		if err != nil {
			t.Fatal(err)
		}
		back, err := again.Header()
		if err != nil {
			t.Fatal(err)
		}
		// Without padding a block more may have fitted than with it.
		want := h
		for want.Options.SACKLen > back.Options.SACKLen {
			want.Options.SACKLen--
			want.Options.SACK[want.Options.SACKLen] = tcp.SACKBlock{}
		}
		if back != want || want.Options.SACKLen == 0 && h.Options.SACKLen != 0 || string(again.Payload()) != string(s.Payload()) {
			t.Fatalf("%+v became %+v", h, back)
		}
	})
}

func FuzzOptions(f *testing.F) {
	for _, c := range layouts {
		f.Add(unhex(f, c.bytes))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var o, back tcp.Options
		err := o.Parse(b)
		if err != nil && err != tcp.ErrOptionLength {
			t.Fatal(err)
		}
		out := dirty(tcp.MaxOptionsLen)
		if err := back.Parse(out[:o.Emit(out)]); err != nil || back.Has != o.Has {
			t.Fatalf("%+v became %+v, %v", o, back, err)
		}
	})
}
