package neighbour

import (
	"bytes"
	"fmt"
	"math/rand"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev/internal/block"
)

func TestLimitsOfTheConfiguration(t *testing.T) {
	pool := block.NewPool(block.Config{BlockSize: 64, Blocks: 1200})
	p := cache(t, Config{Pool: pool, Entries: 1 << 20, Waiting: 1000, Packets: 1000})
	if len(p.entries) != 1<<14 {
		t.Errorf("%d entries", len(p.entries))
	}
	for range 300 {
		p.wait(gateway, "x")
	}
	if p.waiting != 255 {
		t.Errorf("%d packets wait", p.waiting)
	}
	p.wait(other, string(make([]byte, 1<<16)))
	p.wait(other, string(make([]byte, 1<<16-1)))
	p.check()
	if p.waiting != 256 {
		t.Errorf("%d packets wait", p.waiting)
	}
}

func TestAFailureThatIsNotReportedYet(t *testing.T) {
	fail := func() *probe {
		p := cache(t, Config{Tries: 1})
		p.wait(gateway, "one")
		p.wait(gateway, "two")
		p.expect("who has 10.0.2.1")
		p.now += time.Second
		if a := p.Output(p.now, make([]byte, 1500)); a.Kind != Unreachable || a.Len != 3 {
			t.Fatalf("%+v", a)
		}
		p.state(gateway, None)
		p.lookup(gateway, [6]byte{})
		return p
	}
	p := fail()
	p.wait(gateway, "three")
	p.check()
	p.expect("who has 10.0.2.1")
	p.Answer(p.now, gateway, hwA)
	p.expect("two to a", "three to a")
	p = fail()
	p.Answer(p.now, gateway, hwA)
	p.expect("two to a")
	p.state(gateway, Reachable)
	p = fail()
	p.Forget(gateway)
	p.expect()
	p.check()
}

func TestTheNewestPacketsWait(t *testing.T) {
	p := cache(t, Config{Waiting: 2})
	for _, s := range []string{"one", "two", "three"} {
		p.wait(gateway, s)
	}
	p.done()
	p.Answer(p.now, gateway, hwA)
	p.expect("two to a", "three to a")
	if p.Counters.Dropped != 1 {
		t.Errorf("%+v", p.Counters)
	}
}

func TestWithoutMemoryOnlyTheNewestPacketWaits(t *testing.T) {
	pool := block.NewPool(block.Config{BlockSize: 64, Blocks: 2})
	p := cache(t, Config{Pool: pool})
	p.wait(gateway, "one")
	p.wait(gateway, string(make([]byte, 100)))
	p.wait(gateway, "three, and it is the last one to be kept, for it takes more than a block")
	p.wait(other, "four")
	p.done()
	p.Answer(p.now, gateway, hwA)
	p.expect("three, and it is the last one to be kept, for it takes more than a block to a")
	p.Answer(p.now, other, hwB)
	p.expect()
	if p.Counters.Dropped != 3 {
		t.Errorf("%+v", p.Counters)
	}
	p.wait(netip.MustParseAddr("10.0.2.3"), string(make([]byte, 127)))
	p.check()
	if p.waiting != 0 {
		t.Error("a packet waits that there is no memory for")
	}
}

func TestMemoryIsUsedToTheLastBlock(t *testing.T) {
	p := cache(t, Config{Pool: block.NewPool(block.Config{BlockSize: 64, Blocks: 3})})
	for range 3 {
		p.wait(gateway, string(make([]byte, 62)))
	}
	if p.waiting != 3 || p.Counters.Dropped != 0 {
		t.Errorf("%d packets wait, %+v", p.waiting, p.Counters)
	}
}

func TestPacketsOfAllNeighboursAreBounded(t *testing.T) {
	p := cache(t, Config{Packets: 3})
	a := gateway
	for i := range 5 {
		p.wait(a, fmt.Sprint(i))
		p.check()
		a = a.Next()
	}
	p.done()
	for a, i := gateway, 0; i < 5; a, i = a.Next(), i+1 {
		p.Answer(p.now, a, hwA)
	}
	p.expect("2 to a", "3 to a", "4 to a")
	p.check()

	p = cache(t, Config{Packets: 1})
	p.wait(gateway, "one")
	p.done()
	p.Answer(p.now, gateway, hwA)
	p.wait(other, "two") // one has not left yet
	p.check()
	p.expect("one to a", "who has 10.0.2.2")
}

func TestAPacketThatDoesNotFitIsDropped(t *testing.T) {
	p := cache(t, Config{})
	p.wait(gateway, "a long one")
	p.wait(gateway, "short")
	p.done()
	p.Answer(p.now, gateway, hwA)
	b := make([]byte, 5)
	if a := p.Output(p.now, b); a.Kind != Packet || string(b[:a.Len]) != "short" {
		t.Errorf("%+v, %q", a, b)
	}
	p.check()
	if p.Counters.Dropped != 1 {
		t.Errorf("%+v", p.Counters)
	}
}

func TestThePacketPathAllocatesNothing(t *testing.T) {
	pool := block.NewPool(block.Config{BlockSize: 64, Blocks: 64, Preallocate: true})
	c := New(Config{Pool: pool, Rand: func() uint64 { return 1 }})
	b, packet := make([]byte, 1500), make([]byte, 200)
	now := start
	if n := testing.AllocsPerRun(100, func() {
		c.Wait(now, gateway, packet)
		for c.Output(now, b).Kind != Nothing {
		}
		c.Answer(now, gateway, hwA)
		if a := c.Output(now, b); a.Len != len(packet) || !bytes.Equal(b[:a.Len], packet) {
			t.Fatal("it did not leave")
		}
		if _, ok := c.Lookup(now, gateway); !ok {
			t.Fatal("not known")
		}
		c.Confirm(now, gateway)
		c.Learn(now, other, hwB)
		c.Forget(gateway)
		now += time.Second
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkLookup(b *testing.B) {
	for _, n := range []int{1, 2, 200} {
		b.Run(fmt.Sprintf("neighbours=%d", n), func(b *testing.B) {
			c := New(Config{Pool: block.NewPool(block.Config{BlockSize: 64, Blocks: 1}), Rand: rand.New(rand.NewSource(1)).Uint64})
			var all []netip.Addr
			for a := gateway; len(all) < n; a = a.Next() {
				c.Learn(start, a, hwA)
				c.Confirm(start, a)
				all = append(all, a)
			}
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				if i++; i >= n {
					i = 0
				}
				if _, ok := c.Lookup(start, all[i]); !ok {
					b.Fatal("not known")
				}
			}
		})
	}
}
