package neighbour

import (
	"net/netip"
	"time"
	"unsafe"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/internal/heap"
	"github.com/netdev-go/netdev/internal/siphash"
)

// Config is what a Cache is made of. Zero fields have the values in brackets.
type Config struct {
	Entries int           // most neighbours known at once [256]
	Pool    *block.Pool   // where packets wait
	Waiting int           // most packets that wait for one neighbour [3]
	Packets int           // most packets that wait for all of them [64]
	Tries   int           // requests before a neighbour is given up [3]
	Retry   time.Duration // time between them, a second or more [1 s]
	Reach   time.Duration // how long a confirmation is good for, on average [30 s]
	Delay   time.Duration // how long upper layers have to confirm a neighbour [5 s]
	Rand    func() uint64 // seeds the hash, and spreads Reach
}

func (c Config) withDefaults() Config {
	for _, f := range []struct {
		field *int
		value int
	}{{&c.Entries, 256}, {&c.Waiting, 3}, {&c.Packets, 64}, {&c.Tries, 3}} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	for _, f := range []struct {
		field *time.Duration
		value time.Duration
	}{{&c.Retry, time.Second}, {&c.Reach, 30 * time.Second}, {&c.Delay, 5 * time.Second}} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	c.Entries = min(c.Entries, 1<<14)
	c.Waiting = min(c.Waiting, 255)
	c.Retry = max(c.Retry, time.Second) // RFC 1122 §2.3.2.1
	return c
}

func (c Config) buckets() int {
	n := 1
	for n < c.Entries {
		n *= 2
	}
	return n
}

// Memory returns how many bytes a Cache takes, beside the blocks of the pool.
func (c Config) Memory() int {
	c = c.withDefaults()
	return heap.Object(int(unsafe.Sizeof(Cache{}))) + heap.Object(c.Entries*int(unsafe.Sizeof(entry{}))) + heap.Bytes(c.buckets()*int(unsafe.Sizeof(int16(0))))
}

// Counters count what a Cache did.
type Counters struct {
	Requests   uint // requests asked to be sent
	Unresolved uint // neighbours that never answered
	Lost       uint // neighbours that stopped answering
	Changed    uint // neighbours whose hardware address became another one
	Evicted    uint // neighbours forgotten for others
	Dropped    uint // packets dropped for newer ones, with their neighbour, or for want of memory
	Refused    uint // hardware addresses that no single station has
}

// Cache is the neighbour cache of one interface. It is not safe for concurrent
// use.
type Cache struct {
	Counters Counters

	config  Config
	key     siphash.Key
	reach   time.Duration // Config.Reach, spread
	next    time.Duration // no timer of an entry is due earlier, 0 for none
	waiting int           // packets
	entries []entry
	buckets []int16 // first entry of each hash
	spare   int16   // entries not in use, linked by newer
	size    int
	known   list // entries with a hardware address
	asked   list // those without
	ready   list // entries whose packets are to leave, whether they are in asked or known
}

// New returns an empty cache.
func New(c Config) *Cache {
	c = c.withDefaults()
	t := &Cache{
		config: c, key: siphash.NewKey(c.Rand),
		entries: make([]entry, c.Entries), buckets: make([]int16, c.buckets()),
	}
	t.spread()
	t.reset()
	return t
}

// RFC 4861 §6.3.2: between half the base value and one and a half, so that
// stations do not ask in step.
func (c *Cache) spread() {
	c.reach = c.config.Reach/2 + time.Duration(c.config.Rand()%uint64(c.config.Reach))
}

// Lookup returns the hardware address of addr, for a packet that is sent there
// now. Without one the packet is for Wait.
func (c *Cache) Lookup(now time.Duration, addr netip.Addr) (hw [6]byte, ok bool) {
	i := c.find(addr)
	if i == none {
		return hw, false
	}
	e := &c.entries[i]
	switch e.state {
	case Reachable:
		if now < e.when {
			break
		}
		fallthrough
	case Stale:
		e.state = Delay
		c.wake(e, now+c.config.Delay)
	case Incomplete, failed:
		return hw, false
	}
	if c.known.newest != i {
		c.known.remove(c.entries, i, inUse)
		c.known.push(c.entries, i, inUse)
	}
	return e.hw, true
}

// Wait keeps a copy of packet until addr, for which Lookup has no answer, is known,
// and has addr asked for if that is not under way. Of several packets the newest
// are kept (RFC 1122 §2.3.2.2).
func (c *Cache) Wait(now time.Duration, addr netip.Addr, packet []byte) {
	i := c.find(addr)
	if i == none {
		i = c.add(addr)
		c.entries[i].state = Incomplete
		c.asked.push(c.entries, i, inUse)
		c.wake(&c.entries[i], now)
	} else if e := &c.entries[i]; e.state == failed {
		// What waited before this packet shares its luck.
		c.ready.remove(c.entries, i, toSend)
		e.state, e.tries = Incomplete, 0
		c.wake(e, now)
	}
	c.enqueue(i, packet)
}

// Confirm takes the word of an upper layer that addr has received what was sent to
// it lately, as the acknowledgement of new data shows (RFC 4861 §7.3.1).
func (c *Cache) Confirm(now time.Duration, addr netip.Addr) {
	if i := c.find(addr); i != none {
		if e := &c.entries[i]; e.state >= Reachable {
			e.state, e.when = Reachable, now+c.reach
		}
	}
}

// Forget removes addr, as for a gateway through which nothing goes any more, so
// that it is asked for anew.
func (c *Cache) Forget(addr netip.Addr) {
	if i := c.find(addr); i != none {
		c.remove(i)
	}
}

// Clear forgets all neighbours and drops all packets that wait.
func (c *Cache) Clear() {
	for _, l := range []*list{&c.known, &c.asked} {
		for l.oldest != none {
			c.remove(l.oldest)
		}
	}
	c.reset()
}

// State returns what is known of addr.
func (c *Cache) State(now time.Duration, addr netip.Addr) State {
	i := c.find(addr)
	if i == none {
		return None
	}
	switch e := &c.entries[i]; {
	case e.state == failed:
		return None
	case e.state == Reachable && now >= e.when:
		return Stale
	default:
		return e.state
	}
}

// Len returns how many neighbours are in the cache, those asked for included.
func (c *Cache) Len() int { return c.size }
