package fragment

import (
	"bytes"
	"math/rand"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/wire/ipv4"
)

var junk = random(1480)

// delivered sends a packet of 4000 bytes from alice while others does what it wants
// before each fragment, and tells whether it arrives.
func delivered(t *testing.T, r *Reassembler, id int, others func()) bool {
	t.Helper()
	h := header()
	h.ID = uint16(id)
	payload := random(4000)
	for _, p := range split(t, h, payload, 1500) {
		others()
		if r.Input(start, p) {
			got := r.Take(make([]byte, 5000))
			return bytes.Equal(got.Payload(), payload)
		}
	}
	return false
}

func check(t *testing.T, r *Reassembler, budget int) {
	t.Helper()
	if blocks, packets := r.InUse(); blocks > budget || blocks != r.pool.InUse() || packets > len(r.packets) {
		t.Fatalf("%d blocks of %d, %d of the pool, %d packets", blocks, budget, r.pool.InUse(), packets)
	}
}

// The flood takes all packets there may be in one case, and all memory in the other.
func TestAFloodFromOneSourceKeepsNobodyOut(t *testing.T) {
	for _, c := range []Config{{Bytes: 64 << 10, Packets: 16}, {Bytes: 32 << 10, Packets: 200}} {
		c.Pool = pool(1024)
		r := New(c)
		id := 0
		flood := func() {
			for range 200 {
				id++
				r.Input(start, fragment(bob, id, 0, true, junk))
			}
			check(t, r, c.blocks())
		}
		for i := range 20 {
			if !delivered(t, r, i, flood) {
				t.Fatalf("packet %d is lost: %+v", i, r.Counters)
			}
		}
		if r.Counters.Evicted != r.Counters.ReasmFails || r.Counters.Evicted < 1000 {
			t.Errorf("%+v", r.Counters)
		}
	}
}

func TestAFloodOfLongPacketsKeepsNobodyOut(t *testing.T) {
	r := New(Config{Pool: pool(1024), Bytes: 64 << 10, Packets: 16})
	id, at := 0, 0
	flood := func() {
		for range 200 {
			if at += 1480; at > 60000 {
				at, id = 0, id+1
			}
			r.Input(start, fragment(bob, id, at, true, junk))
		}
		check(t, r, 258)
	}
	for i := range 20 {
		if !delivered(t, r, i, flood) {
			t.Fatalf("packet %d is lost: %+v", i, r.Counters)
		}
	}
}

// held tells of which of alice's packets something is held.
func held(r *Reassembler, ids ...int) (held []int) {
	for _, id := range ids {
		k := keyOf(fragment(alice, id, 0, true, random(64)))
		if i := r.find(&k); i != none && r.packets[i].blocks > 0 {
			held = append(held, id)
		}
	}
	return held
}

func TestWhoHoldsMostLosesTheOldest(t *testing.T) {
	r := New(Config{Pool: pool(64), Bytes: 8 * 256, Packets: 16}) // ten blocks
	put := func(src netip.Addr, id, blocks int) {
		r.Input(start, fragment(src, id, 64, true, junk[:256*blocks]))
	}
	put(alice, 1, 1)
	put(bob, 9, 4)
	put(alice, 2, 2)
	put(alice, 3, 2)
	if got := held(r, 1, 2, 3); len(got) != 3 || r.blocks != 9 {
		t.Fatalf("%v, %d blocks", got, r.blocks)
	}
	put(bob, 8, 2) // alice has 5, bob 4
	if got := held(r, 1, 2, 3); !slices.Equal(got, []int{2, 3}) || r.blocks != 10 {
		t.Errorf("%v, %d blocks", got, r.blocks)
	}
	put(alice, 4, 1) // bob has 6 in two packets
	if got := held(r, 2, 3, 4); !slices.Equal(got, []int{2, 3, 4}) || r.blocks != 7 || r.Counters.Evicted != 2 {
		t.Errorf("%v, %d blocks, %+v", got, r.blocks, r.Counters)
	}
	put(bob, 9, 1)
	if r.Counters.Late != 1 {
		t.Errorf("what comes of a packet given up is held: %+v", r.Counters)
	}
}

func TestWhoHasMostPacketsLosesTheOldest(t *testing.T) {
	r := New(Config{Pool: pool(64), Packets: 4})
	put := func(src netip.Addr, id int) { r.Input(start, fragment(src, id, 0, true, random(64))) }
	put(bob, 9)
	put(alice, 1)
	put(alice, 2)
	put(alice, 3)
	put(bob, 8)
	if got := held(r, 1, 2, 3); !slices.Equal(got, []int{2, 3}) || r.Counters.Evicted != 1 || r.Counters.ReasmFails != 1 {
		t.Errorf("%v, %+v", got, r.Counters)
	}
	put(bob, 7) // two each, and bob's is the oldest
	if got := held(r, 2, 3); len(got) != 2 {
		t.Errorf("%v", got)
	}
	r.Input(start, fragment(alice, 3, 56, true, random(64))) // overlaps
	put(alice, 4)                                            // in the place of that
	if got := held(r, 2, 3, 4); !slices.Equal(got, []int{2, 4}) || r.Counters.Evicted != 2 {
		t.Errorf("%v, %+v", got, r.Counters)
	}
}

// Who forges his addresses cannot be told from others, but a packet whose
// fragments come close together still gets through.
func TestAFloodFromManySourcesPushesTheOldestOut(t *testing.T) {
	r := New(Config{Pool: pool(1024), Bytes: 256 << 10, Packets: 64})
	src := netip.MustParseAddr("10.0.0.0")
	flood := func() {
		for range 20 {
			src = src.Next()
			r.Input(start, fragment(src, 1, 0, true, junk))
		}
		check(t, r, 1026)
	}
	for range 20 {
		flood()
	}
	if !delivered(t, r, 1, flood) {
		t.Errorf("lost: %+v", r.Counters)
	}
	if delivered(t, r, 2, func() { flood(); flood(); flood(); flood() }) {
		t.Error("64 newer packets pushed nobody out")
	}
}

func TestPartsThatHaveBecomeOneAreOne(t *testing.T) {
	r := New(Config{Pool: pool(1024), Runs: 2})
	for i := range 20 {
		r.Input(start, fragment(alice, 1, 128*i, true, random(64)))
		r.Input(start, fragment(alice, 1, 128*i+192, true, random(64)))
		r.Input(start, fragment(alice, 1, 128*i+64, true, random(64)))
	}
	if r.Counters.Evicted != 0 {
		t.Errorf("%+v", r.Counters)
	}
}

func TestAPacketInTooManyPartsIsGivenUp(t *testing.T) {
	r := New(Config{Pool: pool(1024), Runs: 4})
	for i := range 5 {
		r.Input(start, fragment(alice, 1, 128*i, true, random(64)))
	}
	if blocks, _ := r.InUse(); blocks != 0 || r.Counters.Evicted != 1 {
		t.Errorf("%d blocks, %+v", blocks, r.Counters)
	}
}

func TestAPacketLongerThanTheBudgetIsGivenUp(t *testing.T) {
	r := New(Config{Pool: pool(1024), Bytes: 8192})
	r.Input(start, fragment(bob, 1, 0, true, random(1000)))
	for _, p := range split(t, header(), random(20000), 1500) {
		if r.Input(start, p) {
			t.Error("whole")
		}
		check(t, r, 34)
	}
	if !delivered(t, r, 1, func() {}) {
		t.Errorf("the next one is lost: %+v", r.Counters)
	}
}

// RFC 1122 §3.3.2: 576 bytes are what everybody takes.
func TestTheBudgetOfASmallBoardTakes576Bytes(t *testing.T) {
	for _, mtu := range []int{296, 300, 400, 572} {
		for reverse := range 2 {
			pool := block.NewPool(block.Config{BlockSize: 128, Blocks: 48})
			r := New(Config{Pool: pool, Bytes: ipv4.MinReassembly, Packets: 2})
			all := split(t, header(), random(ipv4.MinReassembly-ipv4.HeaderLen), mtu)
			if reverse == 1 {
				slices.Reverse(all)
			}
			for _, p := range all {
				r.Input(start, p)
			}
			if r.Len() != ipv4.MinReassembly {
				t.Errorf("MTU %d: %d bytes, %+v", mtu, r.Len(), r.Counters)
			}
		}
	}
}

func TestWithoutMemoryOfThePoolNothingIsHeld(t *testing.T) {
	r := New(Config{Pool: pool(4)})
	var sockets block.Queue
	sockets.Append(r.pool, random(4*256))
	r.Input(start, fragment(alice, 3, 0, true, random(64)))
	if blocks, _ := r.InUse(); blocks != 0 || r.Counters.Evicted != 1 {
		t.Errorf("%d blocks, %+v", blocks, r.Counters)
	}
	sockets.Free(r.pool)
	r.Input(start, fragment(alice, 1, 0, true, random(512)))
	r.Input(start, fragment(alice, 2, 0, true, random(512)))
	check(t, r, 4)
	if !delivered(t, New(Config{Pool: pool(17)}), 1, func() {}) {
		t.Error("with memory it arrives")
	}
	if r.Counters.Evicted != 2 {
		t.Errorf("%+v", r.Counters)
	}
}

// A model that keeps every byte, and what it is told to expect.
type model struct {
	data    map[int]byte
	total   int
	refused bool
}

// Small fragments at random places of few packets: against the model the result is
// the same bytes or a refusal.
func TestReassemblyAgreesWithAModel(t *testing.T) {
	rnd := rand.New(rand.NewSource(2))
	for round := range 100 {
		r := New(Config{Pool: pool(4096), Runs: 255})
		now := start
		models := map[int]*model{}
		truth := random(64 * 12)
		for range 400 {
			id := rnd.Intn(3)
			at := 8 * rnd.Intn(80)
			n := 48 + 8*rnd.Intn(4)
			if rnd.Intn(3) > 0 {
				at, n = 64*rnd.Intn(12), 64 // these do not overlap
			}
			more := at+n < len(truth)
			n = min(n, len(truth)-at)
			payload := bytes.Clone(truth[at : at+n])
			if rnd.Intn(200) == 0 {
				payload[rnd.Intn(n)] ^= 1
			}
			m := models[id]
			if m == nil {
				m = &model{data: map[int]byte{}, total: -1}
				models[id] = m
			}
			m.add(at, more, payload)
			whole := r.Input(now, fragment(alice, id, at, more, payload))
			if want := !m.refused && m.total == len(m.data); whole != want {
				t.Fatalf("round %d: whole is %v, want %v: %+v", round, whole, want, r.Counters)
			}
			if whole {
				p := r.Take(make([]byte, 2000))
				for i, b := range p.Payload() {
					if m.data[i] != b {
						t.Fatalf("round %d: byte %d is %#x, want %#x", round, i, b, m.data[i])
					}
				}
				delete(models, id)
			}
		}
		for now += time.Minute; ; {
			if _, ok := r.Expire(now, nil); !ok {
				break
			}
		}
		idle(t, r)
	}
}

func (m *model) add(at int, more bool, payload []byte) {
	if m.refused {
		return
	}
	held, same, end := 0, true, 0
	for i := range m.data {
		end = max(end, i+1)
	}
	for i, b := range payload {
		if old, ok := m.data[at+i]; ok {
			held++
			same = same && old == b
		}
	}
	if held == len(payload) && same {
		return
	}
	if held > 0 || m.total >= 0 && (at+len(payload) > m.total || !more) || !more && at+len(payload) < end {
		m.refused = true
		return
	}
	for i, b := range payload {
		m.data[at+i] = b
	}
	if !more {
		m.total = at + len(payload)
	}
}

// Whatever comes in, the bounds hold and all memory comes back.
func FuzzReassembler(f *testing.F) {
	f.Add([]byte{0, 0, 8, 1, 1, 8, 8, 0})
	f.Add([]byte{0, 0, 64, 1, 0, 4, 64, 0, 255, 0, 0, 0})
	f.Fuzz(func(t *testing.T, script []byte) {
		r := New(Config{Pool: pool(24), Bytes: 4096, Packets: 3, Runs: 3})
		now := start
		b := make([]byte, ipv4.MaxLen)
		for ; len(script) >= 4; script = script[4:] {
			now += time.Duration(script[0]>>4) * time.Second
			src := alice
			if script[0]&4 != 0 {
				src = bob
			}
			p := fragment(src, int(script[0]&3), 8*(int(script[1])+int(script[3]&0x1f)<<8), script[3]&0x80 != 0, make([]byte, 4*int(script[2])))
			p[1] = script[3] >> 5 & 3
			if r.Input(now, p) {
				if whole := r.Take(b); whole == nil || !whole.ChecksumOK() || whole.IsFragment() {
					t.Fatal("what is whole is no packet")
				}
			}
			check(t, r, 18)
			for {
				n, ok := r.Expire(now, b)
				if !ok {
					break
				}
				if _, err := ipv4.ParseQuote(b[:n]); n > 0 && err != nil {
					t.Fatal(err)
				}
			}
		}
		r.Clear()
		idle(t, r)
	})
}
