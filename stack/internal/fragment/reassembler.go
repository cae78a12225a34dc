package fragment

import (
	"encoding/binary"
	"time"
	"unsafe"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/internal/heap"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// Config is what a Reassembler is made of. Zero fields have the values in
// brackets.
type Config struct {
	Pool    *block.Pool
	Bytes   int           // of packets that are held at most, and two blocks more [256 KiB]
	Packets int           // most packets under way [64]
	Runs    int           // most separate parts of one packet that are held [32]
	Timeout time.Duration // from a packet's first fragment to come to its last [30 s]
}

func (c Config) withDefaults() Config {
	for _, f := range []struct {
		field *int
		value int
	}{{&c.Bytes, 256 << 10}, {&c.Packets, 64}, {&c.Runs, 32}} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	if c.Timeout <= 0 {
		c.Timeout = 30 * time.Second
	}
	return c
}

// Memory returns how many bytes a Reassembler takes, beside the blocks of the pool.
func (c Config) Memory() int {
	c = c.withDefaults()
	return heap.Object(int(unsafe.Sizeof(Reassembler{}))) + heap.Object(c.Packets*int(unsafe.Sizeof(packet{}))) +
		heap.Object(c.Packets*int(unsafe.Sizeof(source{}))) + 2*heap.Bytes(c.Packets*int(unsafe.Sizeof(int16(0)))) +
		heap.Object(c.runs()*int(unsafe.Sizeof(run{})))
}

// Each part of a packet may leave a block half full, and a packet of Bytes bytes
// that comes in a few parts is to fit.
func (c Config) blocks() int { return (c.Bytes+c.Pool.BlockSize()-1)/c.Pool.BlockSize() + 2 }

// A run has a block at least, so there are never more of them.
func (c Config) runs() int { return min(c.blocks(), c.Packets*c.Runs, 1<<15-1) }

// Counters count what a Reassembler did, as in RFC 4293 and beyond it.
type Counters struct {
	ReasmReqds uint // fragments received
	ReasmOKs   uint // packets put together
	ReasmFails uint // packets given up, for whatever reason
	Timeouts   uint // of those, because fragments were missing for too long
	Evicted    uint // of those, for want of memory
	Overlaps   uint // of those, because fragments overlapped or contradicted each other
	TooLong    uint // of those, because they would be longer than a packet can be
	ECN        uint // of those, because congestion was marked on what cannot bear the mark
	Malformed  uint // fragments that no link makes
	Duplicates uint // fragments that were there already
	Late       uint // fragments of packets given up already
}

// Reassembler puts packets together. It is not safe for concurrent use.
type Reassembler struct {
	Counters Counters

	pool    *block.Pool
	timeout time.Duration
	budget  int // blocks
	blocks  int // of the budget, in use
	maxRuns uint8

	packets []packet
	order   []int16 // indices of packets in use, the oldest first
	spare   []int16 // of those that are not
	runs    []run
	spareR  int16    // list of runs not in use
	sources []source // of packets, one for each address
	whole   int16    // packet that Take is to take, none if there is none
}

// none is no index.
const none = -1

// New returns a Reassembler that holds nothing.
func New(c Config) *Reassembler {
	c = c.withDefaults()
	r := &Reassembler{
		pool: c.Pool, timeout: c.Timeout, budget: c.blocks(), maxRuns: uint8(min(c.Runs, 255)), whole: none,
		packets: make([]packet, c.Packets), order: make([]int16, 0, c.Packets), spare: make([]int16, c.Packets),
		sources: make([]source, c.Packets), runs: make([]run, c.runs()),
	}
	for i := range r.spare {
		r.spare[i] = int16(i)
	}
	for i := range r.runs {
		r.runs[i].next = int16(i) - 1
	}
	r.spareR = int16(len(r.runs)) - 1
	return r
}

// Input takes a fragment, a packet of which IsFragment is true, and tells whether
// a packet is whole with it, which has to be taken with Take before the next
// Input.
func (r *Reassembler) Input(now time.Duration, p ipv4.Packet) (whole bool) {
	r.Counters.ReasmReqds++
	if r.whole != none {
		r.remove(r.whole)
	}
	f := part{payload: p.Payload(), at: p.FragmentOffset(), more: p.Flags()&ipv4.MoreFragments != 0}
	if f.at == 0 {
		f.header = p[:p.HeaderLen()]
	}
	if f.malformed(p.HeaderLen()) {
		r.Counters.Malformed++
		return false
	}
	k := keyOf(p)
	i := r.find(&k)
	if i == none {
		i = r.add(now, &k)
	} else if r.packets[i].refused {
		r.Counters.Late++
		return false
	}
	if !r.insert(i, &f) {
		return false
	}
	q := &r.packets[i]
	q.ecn |= 1 << (p.TOS() & 3)
	if !r.complete(i) {
		return false
	}
	if q.headerLen+q.total > ipv4.MaxLen {
		r.refuse(i, &r.Counters.TooLong)
		return false
	}
	if q.ecn&markedAndUnable == markedAndUnable {
		r.refuse(i, &r.Counters.ECN)
		return false
	}
	r.whole = i
	return true
}

// RFC 3168 §5.3: a packet is not put together of fragments that were marked and
// fragments that say they are not to be.
const (
	marked          = 1 << 3
	markedAndUnable = marked | 1<<0
)

// Len returns the length of the packet that is whole, 0 if there is none.
func (r *Reassembler) Len() int {
	if r.whole == none {
		return 0
	}
	q := &r.packets[r.whole]
	return q.headerLen + q.total
}

// Take moves the packet that is whole to b, with the header of its first fragment
// made that of the whole, and returns it. Nil is for none, or for a b that is too
// short, and then the packet is lost.
func (r *Reassembler) Take(b []byte) ipv4.Packet {
	n := r.Len()
	if n == 0 {
		return nil
	}
	i := r.whole
	q := &r.packets[i]
	if len(b) < n {
		r.Counters.ReasmFails++
		r.remove(i)
		return nil
	}
	b = b[:n]
	r.runs[q.first].bytes.Peek(b)
	binary.BigEndian.PutUint16(b[2:], uint16(n))
	b[6] &= byte(ipv4.DontFragment) << 5 // it has no offset
	if q.ecn&marked != 0 {
		b[1] |= 3
	}
	p := ipv4.Packet(b)
	p.FillChecksum()
	r.Counters.ReasmOKs++
	r.remove(i)
	return p
}

// Deadline returns when Expire has something to do next, 0 for never.
func (r *Reassembler) Deadline() time.Duration {
	if len(r.order) == 0 {
		return 0
	}
	return r.packets[r.order[0]].deadline
}

// Expire gives up one packet whose time is over, and tells whether there was one;
// call it until there is none. If the packet's first fragment had come, n bytes of
// that, its header and what fits of its payload, are copied to quote for an ICMP
// time exceeded. Without it n is 0 and none is to be sent (RFC 792).
func (r *Reassembler) Expire(now time.Duration, quote []byte) (n int, ok bool) {
	for len(r.order) > 0 {
		i := r.order[0]
		q := &r.packets[i]
		if q.deadline > now {
			return 0, false
		}
		if q.refused {
			r.remove(i)
			continue
		}
		n = r.runs[q.first].bytes.Peek(quote[:min(len(quote), q.firstLen)])
		r.Counters.Timeouts++
		r.Counters.ReasmFails++
		r.remove(i)
		return n, true
	}
	return 0, false
}

// Clear forgets all packets, without counting them.
func (r *Reassembler) Clear() {
	for len(r.order) > 0 {
		r.remove(r.order[len(r.order)-1])
	}
}

// InUse returns how many blocks are held, and of how many packets.
func (r *Reassembler) InUse() (blocks, packets int) { return r.blocks, len(r.order) }
