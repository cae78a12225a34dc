package fragment

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/wire/ipv4"
)

// A key is what the fragments of one packet have in common (RFC 791 §3.2).
type key struct {
	id       uint32
	protocol uint8
	src, dst netip.Addr
}

func keyOf(p ipv4.Packet) key {
	return key{id: uint32(p.ID()), protocol: p.Protocol(), src: p.Src(), dst: p.Dst()}
}

// A packet is under way. A refused one holds nothing, and is there so that what
// still comes of it is dropped.
type packet struct {
	key       key
	deadline  time.Duration
	headerLen int // of the first fragment, 0 before that has come
	firstLen  int // of the first fragment, header and payload
	total     int // bytes of payload in all, none before the last fragment has come
	blocks    int
	first     int16 // run with the lowest offset
	source    int16
	runs      uint8
	ecn       uint8 // set of ECN codepoints that fragments had
	refused   bool
}

// A source is who sends packets that are under way.
type source struct {
	addr            netip.Addr
	blocks, packets int
}

func (r *Reassembler) find(k *key) int16 {
	for j := len(r.order) - 1; j >= 0; j-- {
		if q := &r.packets[r.order[j]]; q.key.id == k.id && q.key == *k {
			return r.order[j]
		}
	}
	return none
}

func (r *Reassembler) add(now time.Duration, k *key) int16 {
	if len(r.spare) == 0 {
		r.evictPacket()
	}
	i := r.spare[len(r.spare)-1]
	r.spare = r.spare[:len(r.spare)-1]
	r.order = append(r.order, i)
	r.packets[i] = packet{key: *k, deadline: now + r.timeout, total: none, first: none, source: r.sourceOf(k.src)}
	r.sources[r.packets[i].source].packets++
	return i
}

// sourceOf returns the index of the source with address a. There are as many as
// packets, so that one is always free before a packet is added.
func (r *Reassembler) sourceOf(a netip.Addr) int16 {
	free := int16(none)
	for i := range r.sources {
		switch s := &r.sources[i]; {
		case s.packets == 0:
			free = int16(i)
		case s.addr == a:
			return int16(i)
		}
	}
	r.sources[free] = source{addr: a}
	return free
}

// refuse drops what there is of a packet, and has the rest of it dropped too.
func (r *Reassembler) refuse(i int16, reason *uint) {
	*reason++
	r.Counters.ReasmFails++
	r.free(i)
	r.packets[i].refused = true
}

func (r *Reassembler) remove(i int16) {
	r.free(i)
	r.sources[r.packets[i].source].packets--
	j := 0
	for r.order[j] != i {
		j++
	}
	r.order = append(r.order[:j], r.order[j+1:]...)
	r.spare = append(r.spare, i)
	if r.whole == i {
		r.whole = none
	}
}

// free gives the memory of packet i back.
func (r *Reassembler) free(i int16) {
	q := &r.packets[i]
	for q.first != none {
		j := q.first
		q.first = r.runs[j].next
		r.freeRun(j)
	}
	r.charge(i, -q.blocks)
}

// charge accounts n more blocks to packet i.
func (r *Reassembler) charge(i int16, n int) {
	q := &r.packets[i]
	q.blocks += n
	r.sources[q.source].blocks += n
	r.blocks += n
}
