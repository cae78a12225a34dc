package neighbour

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/internal/block"
)

// none is no index.
const none = -1

type entry struct {
	addr    netip.Addr
	when    time.Duration // of the next request, the end of the delay, or of being reachable
	packets block.Queue   // each with its length before it
	hash    int16         // next entry with the same hash
	links   [2]link
	hw      [6]byte
	state   State
	tries   uint8 // requests sent
	waiting uint8 // packets
}

// A link is an entry's place in a list.
type link struct{ newer, older int16 }

// The links of an entry: of known or asked, and of ready.
const (
	inUse = iota
	toSend
)

// A list is of entries, in order.
type list struct {
	newest, oldest int16
	size           int
}

func (l *list) push(entries []entry, i int16, k int) {
	entries[i].links[k] = link{newer: none, older: l.newest}
	if l.newest == none {
		l.oldest = i
	} else {
		entries[l.newest].links[k].newer = i
	}
	l.newest = i
	l.size++
}

func (l *list) pushOldest(entries []entry, i int16, k int) {
	entries[i].links[k] = link{newer: l.oldest, older: none}
	if l.oldest == none {
		l.newest = i
	} else {
		entries[l.oldest].links[k].older = i
	}
	l.oldest = i
	l.size++
}

func (l *list) remove(entries []entry, i int16, k int) {
	at := entries[i].links[k]
	if at.newer == none {
		l.newest = at.older
	} else {
		entries[at.newer].links[k].older = at.older
	}
	if at.older == none {
		l.oldest = at.newer
	} else {
		entries[at.older].links[k].newer = at.newer
	}
	l.size--
}

func (c *Cache) reset() {
	empty := list{newest: none, oldest: none}
	c.known, c.asked, c.ready = empty, empty, empty
	c.size, c.next = 0, 0
	for i := range c.buckets {
		c.buckets[i] = none
	}
	c.spare = none
	for i := range c.entries {
		c.entries[i].links[inUse].newer = c.spare
		c.spare = int16(i)
	}
}

func (c *Cache) bucket(addr netip.Addr) *int16 {
	return &c.buckets[c.key.Addr(addr)&uint64(len(c.buckets)-1)]
}

func (c *Cache) find(addr netip.Addr) int16 {
	// Most packets go where the one before went.
	if i := c.known.newest; i != none && c.entries[i].addr == addr {
		return i
	}
	for i := *c.bucket(addr); i != none; i = c.entries[i].hash {
		if c.entries[i].addr == addr {
			return i
		}
	}
	return none
}

// add returns a new entry for addr, which the caller puts into a list.
func (c *Cache) add(addr netip.Addr) int16 {
	if c.spare == none {
		c.evict()
	}
	i := c.spare
	c.spare = c.entries[i].links[inUse].newer
	b := c.bucket(addr)
	c.entries[i] = entry{addr: addr, hash: *b}
	*b = i
	c.size++
	return i
}

// evict forgets the neighbour that was not used for longest. Those that are only
// asked for take no more than half of the table from those that are known, so that
// who calls at every address of the network does not lose its gateway.
func (c *Cache) evict() {
	c.Counters.Evicted++
	if c.asked.size >= max(len(c.entries)/2, 1) {
		c.remove(c.asked.oldest)
		return
	}
	c.remove(c.known.oldest)
}

func (c *Cache) remove(i int16) {
	e := &c.entries[i]
	c.Counters.Dropped += uint(e.waiting)
	c.waiting -= int(e.waiting)
	e.packets.Free(c.config.Pool)
	if c.isReady(e) {
		c.ready.remove(c.entries, i, toSend)
	}
	c.listOf(e).remove(c.entries, i, inUse)
	at := c.bucket(e.addr)
	for *at != i {
		at = &c.entries[*at].hash
	}
	*at = e.hash
	*e = entry{}
	e.links[inUse].newer = c.spare
	c.spare = i
	c.size--
}

func (c *Cache) listOf(e *entry) *list {
	if e.state >= Reachable {
		return &c.known
	}
	return &c.asked
}
