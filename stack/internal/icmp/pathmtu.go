package icmp

import (
	"net/netip"
	"time"
)

// PathMTU remembers how long packets to some destinations may be. The zero value
// remembers nothing. It is not safe for concurrent use.
type PathMTU struct {
	Counters PathMTUCounters
}

// PathMTUCounters count what a PathMTU did.
type PathMTUCounters struct {
	Reduced uint64 // paths that turned out to carry less
	Evicted uint64 // paths forgotten for others
	Ignored uint64 // reports of what is no less than what is known
}

// NewPathMTU returns a PathMTU that remembers as many destinations, each for the
// 10 minutes of RFC 1191 §6.3. rand seeds its hash.
func NewPathMTU(entries int, rand func() uint64) *PathMTU { return &PathMTU{} }

// Lookup returns how long a packet to dst may be where the interface carries mtu,
// and whether it may forbid to be taken apart.
func (t *PathMTU) Lookup(now time.Duration, dst netip.Addr, mtu int) (limit int, dontFragment bool) {
	return mtu, true
}

// Reduce takes the report that packets to dst may be no longer than mtu, and
// tells whether that is less than was known. link is what the interface carries.
func (t *PathMTU) Reduce(now time.Duration, dst netip.Addr, mtu, link int) bool { return false }

// Clear forgets all.
func (t *PathMTU) Clear() {}

// Plateau returns the largest of the usual MTUs that is below n (RFC 1191 §7).
func Plateau(n int) int { return 0 }
