package tcp_test

import (
	"bytes"
	"testing"

	"github.com/netdev-go/netdev/wire/tcp"
)

var (
	block1 = tcp.SACKBlock{Left: 0x01020304, Right: 0x05060708}
	block2 = tcp.SACKBlock{Left: 0xfffffff0, Right: 0x10}
	block3 = tcp.SACKBlock{Left: 3, Right: 4}
	block4 = tcp.SACKBlock{Left: 5, Right: 6}
)

func sack(blocks ...tcp.SACKBlock) (o tcp.Options) {
	for _, b := range blocks {
		o.AddSACK(b)
	}
	return o
}

// withTimestamps adds the timestamps 1 and 2.
func withTimestamps(o tcp.Options) tcp.Options {
	o.Has |= tcp.HasTimestamps
	o.TSVal, o.TSEcr = 1, 2
	return o
}

const (
	bytes1 = "01020304 05060708"
	bytes2 = "fffffff0 00000010"
	bytes3 = "00000003 00000004"
	bytes4 = "00000005 00000006"
)

var layouts = []struct {
	name    string
	options tcp.Options
	bytes   string
}{
	{"none", tcp.Options{}, ""},
	{"MSS", tcp.Options{Has: tcp.HasMSS, MSS: 536}, "0204 0218"},
	{"window scale", tcp.Options{Has: tcp.HasWindowScale, WindowScale: 14}, "01 03030e"},
	{"SACK permitted", tcp.Options{Has: tcp.HasSACKPermitted}, "0101 0402"},
	{"user timeout", tcp.Options{Has: tcp.HasUserTimeout, UserTimeout: 0x8005}, "1c04 8005"},
	{"timestamps", withTimestamps(tcp.Options{}), "0101 080a 00000001 00000002"},
	{"one block", sack(block1), "0101 050a" + bytes1},
	{"four blocks", sack(block1, block2, block3, block4), "0101 0522" + bytes1 + bytes2 + bytes3 + bytes4},
	{"timestamps and three blocks", withTimestamps(sack(block3, block2, block1)),
		"0101 080a 00000001 00000002 0101 051a" + bytes3 + bytes2 + bytes1},
	{"SYN without timestamps", tcp.Options{Has: tcp.HasMSS | tcp.HasSACKPermitted | tcp.HasWindowScale, MSS: 1460, WindowScale: 7},
		"0204 05b4 0101 0402 01 030307"},
	{"SYN with timestamps, without SACK", withTimestamps(tcp.Options{Has: tcp.HasMSS | tcp.HasWindowScale, MSS: 1460}),
		"0204 05b4 0101 080a 00000001 00000002 01 030300"},
	{"all that a SYN may have", withTimestamps(tcp.Options{
		Has: tcp.HasMSS | tcp.HasSACKPermitted | tcp.HasWindowScale | tcp.HasUserTimeout, MSS: 1460, WindowScale: 1, UserTimeout: 30,
	}), "0204 05b4 0402 080a 00000001 00000002 01 030301 1c04 001e"},
}

func TestParseOptions(t *testing.T) {
	for _, c := range layouts {
		o := tcp.Options{Has: 0xff, SACKLen: 9, MSS: 77, SACK: sack(block4).SACK}
		if err := o.Parse(unhex(t, c.bytes)); err != nil || o != c.options {
			t.Errorf("%s: %+v, %v\nwant %+v", c.name, o, err, c.options)
		}
	}
}

func TestEmitOptions(t *testing.T) {
	for _, c := range layouts {
		want := unhex(t, c.bytes)
		b := dirty(len(want) + 4)
		if n := c.options.Emit(b); n != len(want) || n != c.options.Len() {
			t.Errorf("%s: Emit = %d, Len = %d, want %d", c.name, n, c.options.Len(), len(want))
		}
		if !bytes.Equal(b[:len(want)], want) || !bytes.Equal(b[len(want):], dirty(4)) {
			t.Errorf("%s: emitted % x\n    want % x", c.name, b, want)
		}
	}
}

// Every set of options fits, and what there was room for comes back.
func TestEverySetOfOptionsFits(t *testing.T) {
	full := withTimestamps(sack(block1, block2, block3, block4))
	full.MSS, full.WindowScale, full.UserTimeout = 1460, 7, 0x800a
	for has := 0; has < 1<<6; has++ {
		for blocks := uint8(0); blocks <= tcp.MaxSACKBlocks; blocks++ {
			o := full
			o.Has, o.SACKLen = tcp.OptionSet(has), blocks
			b := dirty(tcp.MaxOptionsLen + 4)
			n := o.Emit(b)
			if n != o.Len() || n%4 != 0 || n > tcp.MaxOptionsLen || !bytes.Equal(b[n:], dirty(len(b)-n)) {
				t.Fatalf("%06b with %d blocks: Emit = %d, Len = %d, % x", has, blocks, n, o.Len(), b)
			}
			var back tcp.Options
			if err := back.Parse(b[:n]); err != nil {
				t.Fatalf("%06b with %d blocks: %v", has, blocks, err)
			}
			want := o.Has
			if blocks == 0 {
				want &^= tcp.HasSACK
			}
			if back.Has != want {
				t.Fatalf("%06b with %d blocks: %06b came back", has, blocks, back.Has)
			}
			for i, block := range back.Blocks() {
				if block != o.SACK[i] {
					t.Errorf("%06b with %d blocks: block %d is %v", has, blocks, i, block)
				}
			}
			if room := tcp.MaxOptionsLen - n; want&tcp.HasSACK != 0 && len(back.Blocks()) < int(blocks) && room >= 8 {
				t.Errorf("%06b: %d of %d blocks, with %d bytes of room", has, len(back.Blocks()), blocks, room)
			}
		}
	}
}

func TestParseOddOptions(t *testing.T) {
	ts := withTimestamps(tcp.Options{})
	for _, c := range []struct {
		name, bytes string
		want        tcp.Options
		err         error
	}{
		{"unknown kinds are skipped", "fd04abcd 1306000000ff 0204 0218", tcp.Options{Has: tcp.HasMSS, MSS: 536}, nil},
		{"nothing counts behind the end", "00 0204 0218", tcp.Options{}, nil},
		{"options without padding", "0402 030302 080a 00000001 00000002",
			withTimestamps(tcp.Options{Has: tcp.HasSACKPermitted | tcp.HasWindowScale, WindowScale: 2}), nil},
		{"timestamps first, without NOPs", "080a 00000001 00000002 0000", ts, nil},
		{"timestamps last", "01 01 01 01 0101 080a 00000001 00000002", ts, nil},
		{"a shift above 14", "03030f", tcp.Options{Has: tcp.HasWindowScale, WindowScale: 14}, nil},
		{"a shift of 255", "0303ff", tcp.Options{Has: tcp.HasWindowScale, WindowScale: 14}, nil},
		{"the last of two counts", "0204 0001 0204 0002", tcp.Options{Has: tcp.HasMSS, MSS: 2}, nil},
		{"the last of two lists counts", "0512" + bytes1 + bytes2 + "050a" + bytes3, sack(block3), nil},
		{"five blocks", "052a" + bytes1 + bytes2 + bytes3 + bytes4 + bytes1, sack(block1, block2, block3, block4), nil},
		{"known kinds of a wrong length are skipped",
			"020300 0205000000 0302 03040000 040300 0502 0506 00000000 0511" + bytes1 + "00000000000000 080900000000000000 1c03ff 0204 0218",
			tcp.Options{Has: tcp.HasMSS, MSS: 536}, nil},
		{"length 0", "0402 0200 0218", tcp.Options{Has: tcp.HasSACKPermitted}, tcp.ErrOptionLength},
		{"length 1", "0402 0201 0218", tcp.Options{Has: tcp.HasSACKPermitted}, tcp.ErrOptionLength},
		{"length past the end", "0402 0205 0218", tcp.Options{Has: tcp.HasSACKPermitted}, tcp.ErrOptionLength},
		{"no length", "0402 02", tcp.Options{Has: tcp.HasSACKPermitted}, tcp.ErrOptionLength},
		{"an unknown kind of length 0", "fe00", tcp.Options{}, tcp.ErrOptionLength},
		{"the common layout, then nonsense", "0101 080a 00000001 00000002 05ff", ts, tcp.ErrOptionLength},
	} {
		var o tcp.Options
		if err := o.Parse(unhex(t, c.bytes)); err != c.err || o != c.want {
			t.Errorf("%s: %+v, %v\nwant %+v, %v", c.name, o, err, c.want, c.err)
		}
	}
}

func TestOptionsTruncatedAnywhereKeepThoseBefore(t *testing.T) {
	for _, c := range layouts {
		whole := unhex(t, c.bytes)
		for n := range whole {
			var o tcp.Options
			err := o.Parse(whole[:n:n])
			if err != nil && err != tcp.ErrOptionLength {
				t.Errorf("%s cut to %d: %v", c.name, n, err)
			}
			if o.Has&^c.options.Has != 0 {
				t.Errorf("%s cut to %d has gained options: %06b", c.name, n, o.Has)
			}
			if o.Has == c.options.Has && err != nil {
				t.Errorf("%s cut to %d lost nothing, but: %v", c.name, n, err)
			}
		}
	}
}

func TestAddSACKStopsAtFour(t *testing.T) {
	o := tcp.Options{SACKLen: 3} // without the bit the length does not count
	for i := range tcp.MaxSACKBlocks {
		if !o.AddSACK(tcp.SACKBlock{Left: tcp.Seq(i)}) || len(o.Blocks()) != i+1 {
			t.Fatalf("block %d: %v", i, o.Blocks())
		}
	}
	if before := o; o.AddSACK(block1) || o != before {
		t.Error("took a fifth block")
	}
	if o.Has = 0; len(o.Blocks()) != 0 {
		t.Error("blocks count without their bit")
	}
	o = tcp.Options{Has: tcp.HasSACK, SACKLen: 200}
	if len(o.Blocks()) != tcp.MaxSACKBlocks || o.Len() != 36 {
		t.Error("a length that cannot be counts")
	}
}

// The cases are RFC 2883 §4's examples.
func TestDSACK(t *testing.T) {
	b := func(l, r tcp.Seq) tcp.SACKBlock { return tcp.SACKBlock{Left: l, Right: r} }
	for _, c := range []struct {
		name   string
		blocks tcp.Options
		ack    tcp.Seq
		want   bool
	}{
		{"no block", tcp.Options{}, 4000, false},
		{"a duplicate below the ACK", sack(b(3000, 3500)), 4000, true},
		{"a duplicate that ends at the ACK", sack(b(3500, 4000)), 4000, true},
		{"an ordinary block", sack(b(4500, 5000)), 4000, false},
		{"an ordinary block, and another", sack(b(5000, 5500), b(4500, 4800)), 4000, false},
		{"a duplicate above the ACK, in the second block", sack(b(5000, 5500), b(4500, 6000)), 4000, true},
		{"a duplicate that is all of the second block", sack(b(4500, 5000), b(4500, 5000)), 4000, true},
		{"across the wrap", sack(b(0xfffffe00, 0xffffff00)), 0x100, true},
		{"partly below the ACK", sack(b(3500, 4500)), 4000, false},
		{"an empty block", sack(b(3500, 3500)), 4000, false},
		{"a block the wrong way round", sack(b(3500, 3000)), 4000, false},
	} {
		got, ok := c.blocks.DSACK(c.ack)
		if ok != c.want || ok && got != c.blocks.SACK[0] {
			t.Errorf("%s: %v, %v", c.name, got, ok)
		}
	}
}

func TestUserTimeout(t *testing.T) {
	for _, c := range []struct {
		seconds uint32
		value   tcp.UserTimeout
		back    uint32
	}{
		{0, 0, 0},
		{90, 90, 90},
		{1<<15 - 1, 1<<15 - 1, 1<<15 - 1},
		{1 << 15, 0x8000 | 547, 547 * 60},
		{33000, 0x8000 | 550, 33000},
		{33001, 0x8000 | 551, 551 * 60},
		{1<<32 - 1, 0xffff, (1<<15 - 1) * 60},
	} {
		if got := tcp.UserTimeoutOf(c.seconds); got != c.value || got.Seconds() != c.back {
			t.Errorf("%d s is %#04x, which is %d s; want %#04x and %d s", c.seconds, got, got.Seconds(), c.value, c.back)
		}
	}
}

func TestEmitHasNoShiftAbove14(t *testing.T) {
	o := tcp.Options{Has: tcp.HasWindowScale, WindowScale: 15}
	b := dirty(4)
	if o.Emit(b); b[3] != 14 {
		t.Errorf("a shift of %d", b[3])
	}
}
