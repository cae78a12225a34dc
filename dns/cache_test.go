//go:build !tinygo

package dns

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

func newCache(entries, bytes int) *cache {
	c := &cache{maxEntries: entries, maxBytes: bytes}
	c.reset()
	return c
}

func lasting(d time.Duration, addrs ...netip.Addr) answer { return answer{addrs: addrs, ttl: d} }

func TestTheAnswerUnusedForLongestGoesFirst(t *testing.T) {
	c, now := newCache(3, 1<<20), time.Now()
	for _, name := range []string{"a", "b", "c"} {
		c.put(question{name, 1}, lasting(time.Hour), now)
	}
	c.get(question{"a", 1}, now)
	if n := c.put(question{"d", 1}, lasting(time.Hour), now); n != 1 {
		t.Errorf("%d answers went for one", n)
	}
	for name, want := range map[string]bool{"a": true, "b": false, "c": true, "d": true} {
		if _, ok := c.get(question{name, 1}, now); ok != want {
			t.Errorf("%s is there: %v, want %v", name, ok, want)
		}
	}
}

func TestTheCacheNeverOutgrowsItsBounds(t *testing.T) {
	for _, bounds := range [][2]int{{10, 1 << 20}, {1 << 20, 5000}, {7, 2000}, {1, 1 << 20}, {0, 1 << 20}, {-1, 100}, {5, -1}} {
		c, now := newCache(bounds[0], bounds[1]), time.Now()
		r := rand.New(rand.NewPCG(1, 2))
		for i := range 5000 {
			now = now.Add(time.Duration(r.IntN(1000)) * time.Millisecond)
			q := question{strings.Repeat("x", 1+r.IntN(60)), 1}
			if r.IntN(2) == 0 {
				c.get(q, now)
			} else {
				c.put(q, answer{
					addrs:  make([]netip.Addr, r.IntN(20)),
					noName: r.IntN(5) == 0,
					ttl:    time.Duration(r.IntN(60)) * time.Second,
				}, now)
			}
			bytes, inOrder := 0, 0
			for e := c.root.next; e != nil; e = e.next {
				bytes += e.size()
				inOrder++
			}
			if c.len() > max(bounds[0], 0) || c.bytes > max(bounds[1], 0) || c.bytes != bytes || inOrder != c.len() {
				t.Fatalf("bounds %v, step %d: %d entries (%d in order), %d bytes (counted %d)", bounds, i, c.len(), inOrder, c.bytes, bytes)
			}
		}
	}
}

func TestAnAnswerSaysHowMuchTimeItHasLeft(t *testing.T) {
	c, now := newCache(3, 1<<20), time.Now()
	q := question{"a", 1}
	c.put(q, lasting(time.Minute, loopback[0]), now)
	a, ok := c.get(q, now.Add(20*time.Second))
	if !ok || a.ttl != 40*time.Second || !slices.Equal(a.addrs, loopback[:1]) {
		t.Errorf("after 20 s: %v, %v", a, ok)
	}
	if _, ok := c.get(q, now.Add(time.Minute)); ok || c.len() != 0 {
		t.Errorf("after a minute: %v, %d entries", ok, c.len())
	}
	c.put(q, lasting(0), now)
	if c.len() != 0 {
		t.Error("an answer that may not be kept was")
	}
}

func TestANameThatDoesNotExistHasNoType(t *testing.T) {
	c, now := newCache(3, 1<<20), time.Now()
	c.put(question{"none", 1}, answer{noName: true, ttl: time.Minute}, now)
	c.put(question{"some", 1}, answer{ttl: time.Minute}, now)
	for q, want := range map[question]bool{{"none", 1}: true, {"none", 28}: true, {"some", 1}: true, {"some", 28}: false} {
		if _, ok := c.get(q, now); ok != want {
			t.Errorf("%v is there: %v, want %v", q, ok, want)
		}
	}
}

func BenchmarkCachedLookup(b *testing.B) {
	d := &fakeDevice{servers: map[netip.AddrPort]responder{server1: zone(b, "www.example. 3600 IN A 192.0.2.1")}}
	c := d.client(Config{}, server1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.LookupNetIP(b.Context(), "ip4", "www.example"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	d := &fakeDevice{servers: map[netip.AddrPort]responder{server1: zone(b, "www.example. 3600 IN A 192.0.2.1")}}
	c := d.client(Config{}, server1)
	b.ReportAllocs()
	for b.Loop() {
		c.Flush()
		if _, err := c.LookupNetIP(b.Context(), "ip4", "www.example"); err != nil {
			b.Fatal(err)
		}
	}
}
