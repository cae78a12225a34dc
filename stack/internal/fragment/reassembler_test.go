package fragment

import (
	"bytes"
	"math/rand"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/wire/ipv4"
)

const start = time.Second

func pool(blocks int) *block.Pool {
	return block.NewPool(block.Config{BlockSize: 256, Blocks: blocks})
}

func reassembler() *Reassembler { return New(Config{Pool: pool(1024)}) }

// fragment is one of a packet from src with that id.
func fragment(src netip.Addr, id, at int, more bool, payload []byte) ipv4.Packet {
	h := ipv4.Header{ID: uint16(id), TTL: 64, Protocol: 17, Src: src, Dst: bob, FragmentOffset: at, TotalLen: ipv4.HeaderLen + len(payload)}
	if more {
		h.Flags = ipv4.MoreFragments
	}
	b := make([]byte, h.TotalLen)
	copy(b[h.Emit(b):], payload)
	return b
}

func idle(t *testing.T, r *Reassembler) {
	t.Helper()
	if blocks, packets := r.InUse(); blocks != 0 || packets != 0 || r.pool.InUse() != 0 || r.Deadline() != 0 {
		t.Errorf("%d blocks, %d packets, %d of the pool, deadline %v", blocks, packets, r.pool.InUse(), r.Deadline())
	}
	if len(r.spare) != len(r.packets) {
		t.Errorf("%d of %d packets are spare", len(r.spare), len(r.packets))
	}
	n := 0
	for j := r.spareR; j != none; j = r.runs[j].next {
		n++
	}
	if n != len(r.runs) {
		t.Errorf("%d of %d runs are spare", n, len(r.runs))
	}
	for _, s := range r.sources {
		if s.blocks != 0 || s.packets != 0 {
			t.Errorf("%v still has %d blocks and %d packets", s.addr, s.blocks, s.packets)
		}
	}
}

func TestFragmentsInAnyOrderBecomeTheirPacket(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	r := reassembler()
	b := make([]byte, ipv4.MaxLen)
	for i := range 500 {
		h := header()
		h.ID, h.TOS = uint16(i), 0x48
		if i%3 == 0 {
			h.Options = ipv4.RouterAlert[:]
		}
		if i%4 == 0 {
			h.Flags = ipv4.DontFragment // Linux sends such fragments
		}
		payload := random(1 + rnd.Intn(20000))
		all := split(t, h, payload, 576+rnd.Intn(1000))
		rnd.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for j, p := range all {
			if len(all) == 1 {
				break // not in need of us
			}
			whole := r.Input(start, p)
			if whole != (j == len(all)-1) {
				t.Fatalf("packet %d, fragment %d of %d: whole is %v", i, j, len(all), whole)
			}
			if !whole {
				continue
			}
			n := r.Len()
			got := r.Take(b)
			if len(got) != n || !got.ChecksumOK() || !bytes.Equal(got.Payload(), payload) {
				t.Fatalf("packet %d: %d bytes of %d, checksum right %v", i, len(got), n, got.ChecksumOK())
			}
			h.TotalLen = h.Len() + len(payload)
			want := make([]byte, h.Len())
			h.Emit(want)
			if !bytes.Equal(got[:got.HeaderLen()], want) {
				t.Fatalf("packet %d: header %x, want %x", i, got[:got.HeaderLen()], want)
			}
		}
		idle(t, r)
	}
	if c := r.Counters; c.ReasmFails != 0 || c.ReasmOKs == 0 || c.Duplicates != 0 || c.ReasmReqds < 2*c.ReasmOKs {
		t.Errorf("%+v", c)
	}
}

func TestTheLongestPacket(t *testing.T) {
	r := reassembler()
	payload := random(ipv4.MaxLen - ipv4.HeaderLen)
	for _, p := range split(t, header(), payload, 1500) {
		r.Input(start, p)
	}
	if r.Len() != ipv4.MaxLen {
		t.Fatalf("%d bytes: %+v", r.Len(), r.Counters)
	}
	if got := r.Take(make([]byte, ipv4.MaxLen)); !bytes.Equal(got.Payload(), payload) {
		t.Error("not what was sent")
	}
	idle(t, r)
}

// RFC 791 §3.2: source, destination, protocol and identification tell packets
// apart.
func TestPacketsAreToldApart(t *testing.T) {
	first := fragment(alice, 1, 0, true, random(64))
	rest := fragment(alice, 1, 64, false, random(8))
	for name, change := range map[string]func(b []byte){
		"protocol":       func(b []byte) { b[9] = 1 },
		"source":         func(b []byte) { b[15]++ },
		"destination":    func(b []byte) { b[19]++ },
		"identification": func(b []byte) { b[5]++ },
	} {
		r := reassembler()
		other := bytes.Clone(rest)
		change(other)
		if r.Input(start, first) || r.Input(start, other) {
			t.Errorf("another %s, and they make a packet", name)
		}
		if !r.Input(start, rest) {
			t.Errorf("another %s came between, and the right ones make no packet", name)
		}
	}
}

func TestAPacketThatIsNotTakenIsLost(t *testing.T) {
	r := reassembler()
	feed := func() bool {
		r.Input(start, fragment(alice, 1, 0, true, random(64)))
		return r.Input(start, fragment(alice, 1, 64, false, random(8)))
	}
	for range 2 {
		if !feed() {
			t.Error("not whole")
		}
	}
	if p := r.Take(make([]byte, r.Len()-1)); p != nil {
		t.Errorf("%d bytes in less memory", len(p))
	}
	if p := r.Take(make([]byte, 1500)); p != nil || r.Len() != 0 || r.Counters.ReasmFails != 1 {
		t.Errorf("taken twice: %d bytes", len(p))
	}
	idle(t, r)
}

func TestExactDuplicatesAreIgnored(t *testing.T) {
	r := reassembler()
	payload := random(4000)
	all := split(t, header(), payload, 576)
	for i, p := range all[:len(all)-1] {
		r.Input(start, p)
		for range 2 {
			if r.Input(start, all[i/2]) {
				t.Fatal("whole")
			}
		}
	}
	if !r.Input(start, all[len(all)-1]) || r.Counters.Duplicates != uint(2*(len(all)-1)) {
		t.Fatalf("%+v", r.Counters)
	}
	if got := r.Take(make([]byte, 5000)); !bytes.Equal(got.Payload(), payload) {
		t.Error("not what was sent")
	}
}

// RFC 5722 §4: the packet is discarded, and so is what still comes of it.
func TestOverlapsRefuseThePacketAndTheRestOfIt(t *testing.T) {
	data := random(256)
	other := bytes.Clone(data)
	other[70] ^= 1
	for _, c := range []struct {
		name  string
		parts []ipv4.Packet
	}{
		{"teardrop: inside another", []ipv4.Packet{
			fragment(alice, 1, 0, true, data[:128]), fragment(alice, 1, 8, false, data[16:20]),
		}},
		{"the end of another", []ipv4.Packet{fragment(alice, 1, 0, true, data[:128]), fragment(alice, 1, 120, true, data[120:184])}},
		{"the beginning of another", []ipv4.Packet{fragment(alice, 1, 64, true, data[64:128]), fragment(alice, 1, 0, true, data[:72])}},
		{"all of another", []ipv4.Packet{fragment(alice, 1, 64, true, data[64:128]), fragment(alice, 1, 0, true, data[:192])}},
		{"all of another, from its beginning", []ipv4.Packet{fragment(alice, 1, 0, true, data[:64]), fragment(alice, 1, 0, true, data[:128])}},
		{"the same place with other bytes", []ipv4.Packet{fragment(alice, 1, 64, true, data[64:128]), fragment(alice, 1, 64, true, other[64:128])}},
		{"across a gap", []ipv4.Packet{
			fragment(alice, 1, 0, true, data[:64]), fragment(alice, 1, 128, true, data[128:192]), fragment(alice, 1, 64, true, data[64:136]),
		}},
		{"behind the last", []ipv4.Packet{fragment(alice, 1, 64, false, data[64:100]), fragment(alice, 1, 128, true, data[128:192])}},
		{"past the end of the last", []ipv4.Packet{fragment(alice, 1, 64, false, data[64:100]), fragment(alice, 1, 96, true, data[96:160])}},
		{"another last, longer", []ipv4.Packet{fragment(alice, 1, 64, false, data[64:100]), fragment(alice, 1, 128, false, data[128:130])}},
		{"another last, shorter", []ipv4.Packet{fragment(alice, 1, 64, false, data[64:100]), fragment(alice, 1, 0, false, data[:3])}},
		{"a last before what has come", []ipv4.Packet{fragment(alice, 1, 128, true, data[128:192]), fragment(alice, 1, 64, false, data[64:100])}},
	} {
		r := reassembler()
		for i, p := range c.parts {
			if r.Input(start, p) {
				t.Errorf("%s: whole", c.name)
			}
			if want := uint(i / (len(c.parts) - 1)); r.Counters.Overlaps != want || r.Counters.ReasmFails != want {
				t.Errorf("%s: after fragment %d %+v", c.name, i, r.Counters)
			}
		}
		if blocks, _ := r.InUse(); blocks != 0 {
			t.Errorf("%s: %d blocks are still held", c.name, blocks)
		}
		for _, p := range split(t, func() ipv4.Header { h := header(); h.ID = 1; return h }(), data, 100) {
			if r.Input(start, p) {
				t.Errorf("%s: what came later became whole", c.name)
			}
		}
		if r.Counters.Late == 0 || r.Counters.ReasmFails != 1 {
			t.Errorf("%s: %+v", c.name, r.Counters)
		}
		if _, ok := r.Expire(r.Deadline(), nil); ok {
			t.Errorf("%s: timed out, having been refused", c.name)
		}
		idle(t, r)
	}
}

func TestAPacketLongerThanAPacketCanBeIsRefused(t *testing.T) {
	r := reassembler()
	r.Input(start, fragment(alice, 1, 0, true, random(64)))
	if r.Input(start, fragment(alice, 1, 65528, false, random(1000))) || r.Counters.TooLong != 1 {
		t.Errorf("ping of death: %+v", r.Counters)
	}
	// Here it is the options of the first fragment that make it too long.
	h := header()
	h.ID, h.Options = 2, ipv4.RouterAlert[:]
	all := split(t, h, random(ipv4.MaxLen-24), 1500)
	end := all[len(all)-1]
	for _, p := range all[:len(all)-1] {
		r.Input(start, p)
	}
	if r.Input(start, fragment(alice, 2, end.FragmentOffset(), false, random(len(end.Payload())+1))) || r.Counters.TooLong != 2 {
		t.Errorf("one byte too long: %+v", r.Counters)
	}
	if blocks, _ := r.InUse(); blocks != 0 {
		t.Errorf("%d blocks are held", blocks)
	}
}

// RFC 791 §3.2: every link carries 68 bytes, so no fragment but the last is of
// fewer than 8 less.
func TestFragmentsThatNoLinkMakesAreDropped(t *testing.T) {
	for _, p := range []ipv4.Packet{
		fragment(alice, 1, 0, true, nil),
		fragment(alice, 1, 64, false, nil),
		fragment(alice, 1, 0, true, random(8)),
		fragment(alice, 1, 64, true, random(40)),
		fragment(alice, 1, 0, true, random(65)),
	} {
		r := reassembler()
		if r.Input(start, p); r.Counters.Malformed != 1 || r.Counters.ReasmFails != 0 {
			t.Errorf("%+v: %+v", p.Header(), r.Counters)
		}
		idle(t, r)
	}
	h := header()
	h.Options = make([]byte, ipv4.MaxOptionsLen)
	h.Options[0] = byte(ipv4.OptionLooseRoute)
	h.Options[1] = ipv4.MaxOptionsLen
	for mtu := ipv4.MinMTU; mtu < 80; mtu++ {
		for _, h := range []ipv4.Header{header(), h} {
			r := reassembler()
			for _, p := range split(t, h, random(100), mtu) {
				r.Input(start, p)
			}
			if r.Len() == 0 {
				t.Errorf("MTU %d, %d bytes of options: %+v", mtu, len(h.Options), r.Counters)
			}
		}
	}
}

// RFC 792: with the first fragment there is something to quote, without it there
// is no time exceeded to be sent.
func TestMissingFragmentsEndAPacketAfter30Seconds(t *testing.T) {
	r := reassembler()
	first := fragment(alice, 1, 0, true, random(64))
	r.Input(start, first)
	r.Input(start+time.Second, fragment(alice, 1, 64, true, random(64)))
	r.Input(start+2*time.Second, fragment(alice, 2, 64, true, random(64)))
	quote := make([]byte, 576)
	if r.Deadline() != start+30*time.Second {
		t.Errorf("deadline %v", r.Deadline())
	}
	if _, ok := r.Expire(r.Deadline()-1, quote); ok {
		t.Error("too early")
	}
	n, ok := r.Expire(r.Deadline(), quote)
	if !ok || !bytes.Equal(quote[:n], first) {
		t.Errorf("%v, quotes %x, want %x", ok, quote[:n], first)
	}
	if _, ok := r.Expire(start+30*time.Second, quote); ok || r.Deadline() != start+32*time.Second {
		t.Errorf("both at once, or the deadline is %v", r.Deadline())
	}
	if n, ok := r.Expire(start+time.Hour, quote); !ok || n != 0 {
		t.Errorf("%v, quotes %d bytes without the first fragment", ok, n)
	}
	if r.Counters.Timeouts != 2 || r.Counters.ReasmFails != 2 {
		t.Errorf("%+v", r.Counters)
	}
	idle(t, r)
}

func TestTheTimeoutCanBeAnother(t *testing.T) {
	r := New(Config{Pool: pool(8), Timeout: time.Second})
	if r.Input(start, fragment(alice, 1, 0, true, random(64))); r.Deadline() != start+time.Second {
		t.Errorf("deadline %v", r.Deadline())
	}
}

func TestAQuoteIsCutToItsMemory(t *testing.T) {
	r := reassembler()
	first := fragment(alice, 1, 0, true, random(1000))
	r.Input(start, first)
	quote := make([]byte, 28)
	if n, _ := r.Expire(start+time.Hour, quote); n != 28 || !bytes.Equal(quote, first[:28]) {
		t.Errorf("%d bytes: %x", n, quote)
	}
}

// RFC 3168 §5.3.
func TestCongestionMarksOfFragments(t *testing.T) {
	const not, ect1, ect0, ce = 0, 1, 2, 3
	for _, c := range []struct {
		a, b uint8
		want int // -1 for no packet
	}{
		{not, not, not},
		{ect0, ect0, ect0},
		{ect0, ce, ce},
		{ce, ect1, ce},
		{ce, ce, ce},
		{ce, not, -1},
		{not, ce, -1},
	} {
		r := reassembler()
		first, last := fragment(alice, 1, 0, true, random(64)), fragment(alice, 1, 64, false, random(8))
		first[1], last[1] = 0x48|c.a, 0x48|c.b
		r.Input(start, first)
		whole := r.Input(start, last)
		if whole != (c.want >= 0) || !whole && r.Counters.ECN != 1 {
			t.Errorf("%d and %d: whole is %v, %+v", c.a, c.b, whole, r.Counters)
			continue
		}
		if p := r.Take(make([]byte, 100)); whole && (p.TOS() != 0x48|uint8(c.want) || !p.ChecksumOK()) {
			t.Errorf("%d and %d: TOS %#x", c.a, c.b, p.TOS())
		}
	}
}

func TestAPacketThatIsWholeIsNotLostWithOthersThatTimeOut(t *testing.T) {
	r := reassembler()
	r.Input(start, fragment(alice, 1, 0, true, random(64)))
	now := r.Deadline()
	r.Input(now, fragment(alice, 2, 0, true, random(64)))
	r.Input(now, fragment(alice, 2, 64, false, random(64)))
	if _, ok := r.Expire(now, nil); !ok {
		t.Error("nothing timed out")
	}
	if p := r.Take(make([]byte, 200)); p == nil {
		t.Error("what is whole was lost")
	}
	idle(t, r)
}

func TestClearForgetsAll(t *testing.T) {
	r := reassembler()
	for i := range 10 {
		r.Input(start, fragment(alice, i, 64*i, true, random(64)))
	}
	r.Clear()
	idle(t, r)
}

func TestReassemblyAllocatesNothing(t *testing.T) {
	r := New(Config{Pool: block.NewPool(block.Config{BlockSize: 256, Blocks: 64, Preallocate: true}), Bytes: 64 << 10})
	all := split(t, header(), random(8000), 1500)
	all[1], all[3] = all[3], all[1]
	b := make([]byte, 9000)
	if n := testing.AllocsPerRun(100, func() {
		for _, p := range all {
			r.Input(start, p)
		}
		if r.Take(b) == nil {
			t.Fatal("not whole")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkReassemble(b *testing.B) {
	r := New(Config{Pool: block.NewPool(block.Config{BlockSize: 2048, Blocks: 64, Preallocate: true})})
	all := split(b, header(), random(8000), 1500)
	buf := make([]byte, 9000)
	b.ReportAllocs()
	b.SetBytes(8000)
	for b.Loop() {
		for _, p := range all {
			r.Input(start, p)
		}
		if r.Take(buf) == nil {
			b.Fatal("not whole")
		}
	}
}
