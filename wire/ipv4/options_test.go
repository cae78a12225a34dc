package ipv4

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
)

func withOptions(options []byte) Packet {
	h := Header{Options: options}
	h.TotalLen = h.Len()
	b := dirty(h.Len())
	h.Emit(b)
	return Packet(b)
}

func TestOptionsAreWalkedOver(t *testing.T) {
	for _, c := range []struct {
		name, options, want string
		err                 error
		at                  int
	}{
		{name: "none"},
		{name: "only padding", options: "01010100"},
		{name: "router alert", options: "94040000", want: "20:94040000 "},
		{name: "between padding", options: "01 0704ffff 0101 4402 00", want: "21:0704ffff 27:4402 "},
		{name: "no data, at the end", options: "0101 4402", want: "22:4402 "},
		{name: "behind the end", options: "0704ffff 00 94040000 00 0000", want: "20:0704ffff "},
		{name: "length of 0", options: "01 0700 00", err: ErrOptionLength, at: 21},
		{name: "length of 1", options: "94040000 07010000", want: "20:94040000 ", err: ErrOptionLength, at: 24},
		{name: "length behind the end", options: "94050000", err: ErrOptionLength, at: 20},
		{name: "type as the last byte", options: "01010107", err: ErrOptionLength, at: 23},
	} {
		p := withOptions(unhex(c.options))
		got := ""
		opts := p.Options()
		for opts.Next() {
			got += fmt.Sprintf("%d:%x ", opts.Offset(), []byte(opts.Option()))
		}
		if got != c.want || !errors.Is(opts.Err(), c.err) {
			t.Errorf("%s: %q, %v, want %q, %v", c.name, got, opts.Err(), c.want, c.err)
		}
		if c.err != nil && opts.Offset() != c.at {
			t.Errorf("%s: failed at %d, want %d", c.name, opts.Offset(), c.at)
		}
		if opts.Next() || opts.Option() != nil {
			t.Errorf("%s: goes on behind the end", c.name)
		}
	}
}

func TestAnOptionHasTypeAndData(t *testing.T) {
	opts := Packet(vectors[1].packet).Options()
	if !opts.Next() || opts.Option().Type() != OptionRecordRoute || !bytes.Equal(opts.Option().Data(), unhex("0cc0000201c0000202")) {
		t.Errorf("%x", []byte(opts.Option()))
	}
	if opts.Next() || opts.Err() != nil {
		t.Errorf("%x, %v behind the only option", []byte(opts.Option()), opts.Err())
	}
}

func TestSomeOptionsBelongIntoEveryFragment(t *testing.T) {
	for typ, want := range map[OptionType]bool{
		OptionRecordRoute: false, OptionTimestamp: false,
		OptionLooseRoute: true, OptionStrictRoute: true, OptionRouterAlert: true,
	} {
		if typ.Copied() != want {
			t.Errorf("option %d: %v", typ, typ.Copied())
		}
	}
}

func TestRouterAlertIsFoundWhereverItStands(t *testing.T) {
	for options, want := range map[string]bool{
		"":                  false,
		"94040000":          true,
		"01940400000000":    true,
		"070400009404 0000": true,
		"94040001":          false, // a reserved value
		"9403000000000000":  false,
		"00940400000000":    false,
		"0700000094040000":  false, // behind what cannot be read
	} {
		if got := withOptions(unhex(options)).HasRouterAlert(); got != want {
			t.Errorf("%s: %v, want %v", options, got, want)
		}
	}
}
