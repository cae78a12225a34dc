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

	bytes int
	n     int
	root  links // next is the most recently used, prev the least
}

// There is no map: it would take more than a few answers do, and to look through some
// hundred is nothing beside asking.
type entry struct {
	links
	question
	answer
	expires time.Time
}

type links struct{ prev, next *entry }

// size is about what e takes.
func (e *entry) size() int { return 160 + len(e.name) + 24*len(e.addrs) }

func (c *cache) len() int { return c.n }

func (c *cache) reset() {
	c.root, c.bytes, c.n = links{}, 0, 0
}

func (c *cache) find(q question) *entry {
	for e := c.root.next; e != nil; e = e.next {
		if e.question == q {
			return e
		}
	}
	return nil
}

// get returns the answer to q, with the time that it has left.
func (c *cache) get(q question, now time.Time) (answer, bool) {
	for _, key := range [...]question{q, {name: q.name}} {
		e := c.find(key)
		if e == nil {
			continue
		}
		left := e.expires.Sub(now)
		if left <= 0 {
			c.remove(e)
			continue
		}
		c.unlink(e)
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
	if old := c.find(q); old != nil {
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
	c.bytes += e.size()
	c.push(e)
	c.n++
	return evicted
}

func (c *cache) push(e *entry) {
	e.prev, e.next = nil, c.root.next
	if e.next == nil {
		c.root.prev = e
	} else {
		e.next.prev = e
	}
	c.root.next = e
}

func (c *cache) unlink(e *entry) {
	if e.prev == nil {
		c.root.next = e.next
	} else {
		e.prev.next = e.next
	}
	if e.next == nil {
		c.root.prev = e.prev
	} else {
		e.next.prev = e.prev
	}
}

func (c *cache) remove(e *entry) {
	c.unlink(e)
	c.n--
	c.bytes -= e.size()
}
