package dns

import (
	"net/netip"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// A question is a key: a name in lower case, without the final dot, and a type.
// Type 0 stands for all types, of a name that does not exist.
type question struct {
	name  string
	qtype dnsmessage.Type
}

// An answer is what is known about a question: addresses, or that there are
// none.
type answer struct {
	addrs  []netip.Addr // never changed
	noName bool         // the name does not exist, for any type
	ttl    time.Duration
}

// A cache remembers answers, the least recently used of which goes first. The
// zero cache remembers nothing.
type cache struct {
	maxEntries, maxBytes int

	bytes   int
	entries map[question]*entry
	root    entry // next is the most recently used, prev the least
}

type entry struct {
	question
	answer
	expires    time.Time
	prev, next *entry
}

// size is about what e takes, with its place in the map.
func (e *entry) size() int { return 160 + len(e.name) + 24*len(e.addrs) }

func (c *cache) len() int { return len(c.entries) }

func (c *cache) reset() {
	c.entries = make(map[question]*entry)
	c.root.prev, c.root.next = &c.root, &c.root
	c.bytes = 0
}

// get returns the answer to q, with the time that it has left.
func (c *cache) get(q question, now time.Time) (answer, bool) {
	for _, key := range [...]question{q, {name: q.name}} {
		e := c.entries[key]
		if e == nil {
			continue
		}
		left := e.expires.Sub(now)
		if left <= 0 {
			c.remove(e)
			continue
		}
		e.unlink()
		c.push(e)
		a := e.answer
		a.ttl = left
		return a, true
	}
	return answer{}, false
}

// put remembers a for as long as it may be, and returns how many others had to
// go for it.
func (c *cache) put(q question, a answer, now time.Time) (evicted int) {
	if a.noName {
		q.qtype = 0
	}
	if old := c.entries[q]; old != nil {
		c.remove(old)
	}
	e := &entry{question: q, answer: a, expires: now.Add(a.ttl)}
	if a.ttl <= 0 || e.size() > c.maxBytes || c.maxEntries <= 0 {
		return 0
	}
	for c.len() >= c.maxEntries || c.bytes+e.size() > c.maxBytes {
		c.remove(c.root.prev)
		evicted++
	}
	c.entries[q] = e
	c.bytes += e.size()
	c.push(e)
	return evicted
}

func (c *cache) push(e *entry) {
	e.prev, e.next = &c.root, c.root.next
	e.prev.next, e.next.prev = e, e
}

func (e *entry) unlink() { e.prev.next, e.next.prev = e.next, e.prev }

func (c *cache) remove(e *entry) {
	e.unlink()
	delete(c.entries, e.question)
	c.bytes -= e.size()
}
