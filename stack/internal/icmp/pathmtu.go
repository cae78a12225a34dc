package icmp

import (
	"net/netip"
	"time"
	"unsafe"

	"github.com/netdev-go/netdev/internal/heap"
	"github.com/netdev-go/netdev/internal/siphash"
	"github.com/netdev-go/netdev/wire/ipv4"
)

const (
	// pathLifetime is how long a path is believed to carry no more (RFC 1191 §6.3).
	pathLifetime = 10 * time.Minute
	// minPathMTU is the least that packets are cut down to because an ICMP error
	// says so. Who carries less has to take them apart. Anybody can say so, and at
	// 68 bytes next to nothing is left of a connection; 552 is Linux's value.
	minPathMTU = 552
	// ways is how many paths share a hash.
	ways = 4
)

// PathMTU remembers how long packets to some destinations may be. The zero value
// remembers nothing. It is not safe for concurrent use.
type PathMTU struct {
	Counters PathMTUCounters

	key   siphash.Key
	paths []path
	until time.Duration // when the last path will be forgotten
}

// PathMTUCounters count what a PathMTU did.
type PathMTUCounters struct {
	Reduced uint // paths that turned out to carry less
	Evicted uint // paths forgotten for others
	Ignored uint // reports of no less than was known
}

type path struct {
	dst   netip.Addr
	until time.Duration
	mtu   uint16
	split bool // it carries less than that, so packets may be taken apart
}

// NewPathMTU returns a PathMTU that remembers up to as many destinations, rounded
// up to a multiple of 4, each for 10 minutes. rand seeds its hash.
func NewPathMTU(entries int, rand func() uint64) *PathMTU {
	return &PathMTU{key: siphash.NewKey(rand), paths: make([]path, roundUp(entries))}
}

func roundUp(entries int) int { return (max(entries, 1) + ways - 1) / ways * ways }

// PathMTUMemory returns how many bytes a PathMTU of so many entries takes.
func PathMTUMemory(entries int) int {
	return (&PathMTU{paths: make([]path, roundUp(entries))}).Memory()
}

// Memory returns how many bytes it takes.
func (t *PathMTU) Memory() int {
	return heap.Object(int(unsafe.Sizeof(*t))) + heap.Object(len(t.paths)*int(unsafe.Sizeof(path{})))
}

// Lookup returns how long a packet to dst may be where the interface carries mtu,
// and whether it may forbid to be taken apart.
func (t *PathMTU) Lookup(now time.Duration, dst netip.Addr, mtu int) (limit int, dontFragment bool) {
	if now >= t.until {
		return mtu, true
	}
	for i, set := 0, t.set(dst); i < len(set); i++ {
		if p := &set[i]; p.dst == dst && now < p.until {
			return min(mtu, int(p.mtu)), !p.split
		}
	}
	return mtu, true
}

// Reduce takes the report that packets to dst may be no longer than mtu, and tells
// whether that is less than was known. link is what the interface carries. A report
// of more is no news: only time makes a path wider.
func (t *PathMTU) Reduce(now time.Duration, dst netip.Addr, mtu, link int) bool {
	known, whole := t.Lookup(now, dst, link)
	split := mtu < minPathMTU
	if mtu = min(max(mtu, minPathMTU), known, 1<<16-1); len(t.paths) == 0 || mtu >= known && (!split || !whole) {
		t.Counters.Ignored++
		return false
	}
	set := t.set(dst)
	victim := &set[0]
	for i := range set {
		if set[i].dst == dst {
			victim = &set[i]
			break
		}
		if set[i].until < victim.until {
			victim = &set[i]
		}
	}
	if victim.dst != dst && now < victim.until {
		t.Counters.Evicted++
	}
	*victim = path{dst: dst, mtu: uint16(mtu), split: split, until: now + pathLifetime}
	t.until = victim.until
	t.Counters.Reduced++
	return true
}

// Clear forgets all.
func (t *PathMTU) Clear() {
	clear(t.paths)
	t.until = 0
}

func (t *PathMTU) set(dst netip.Addr) []path {
	i := int(t.key.Addr(dst) % uint64(len(t.paths)/ways) * ways)
	return t.paths[i : i+ways]
}

// The plateaus of RFC 1191 §7.1, table 7-1.
var plateaus = [...]int{65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296}

// Plateau returns the largest of the usual MTUs that is below n (RFC 1191 §7.1).
func Plateau(n int) int {
	for _, p := range plateaus {
		if p < n {
			return p
		}
	}
	return ipv4.MinMTU
}
