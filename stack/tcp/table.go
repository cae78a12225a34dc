package tcp

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// A table finds connections by their ends. Chains run through the connections
// themselves; the buckets double with the connections and are never given back.
type table struct {
	buckets []*Conn
	n       int
	seed    [2]uint64
}

// bucketsAtFirst keeps a small board's table small.
const bucketsAtFirst = 8

func newTable(rand func() uint64) table {
	return table{buckets: make([]*Conn, bucketsAtFirst), seed: [2]uint64{rand() | 1, rand() | 1}}
}

// hash mixes the ends with a seed by the folded product of two words: cheap, and not
// to be steered by a peer who does not know the seed.
func (t *table) hash(local, remote netip.Addr, lport, rport uint16) uint32 {
	var a, b uint64
	if remote.Is4() && local.Is4() {
		r, l := remote.As4(), local.As4()
		a = uint64(binary.BigEndian.Uint32(r[:]))<<32 | uint64(binary.BigEndian.Uint32(l[:]))
	} else {
		r, l := remote.As16(), local.As16()
		hi, lo := bits.Mul64(binary.BigEndian.Uint64(r[:8])^t.seed[1], binary.BigEndian.Uint64(r[8:])^t.seed[0])
		a = hi ^ lo
		hi, lo = bits.Mul64(binary.BigEndian.Uint64(l[:8])^a, binary.BigEndian.Uint64(l[8:])^t.seed[1])
		a = hi ^ lo
	}
	b = uint64(lport)<<16 | uint64(rport)
	hi, lo := bits.Mul64(a^t.seed[0], b^t.seed[1])
	return uint32(hi^lo) ^ uint32((hi^lo)>>32)
}

// find returns the connection between two ends, or nil.
func (t *table) find(local, remote netip.Addr, lport, rport uint16) *Conn {
	h := t.hash(local, remote, lport, rport)
	for c := t.buckets[h&uint32(len(t.buckets)-1)]; c != nil; c = c.chain {
		if c.hash == h && c.between(local, remote, lport, rport) {
			return c
		}
	}
	return nil
}

// between tells whether these are c's ends.
func (c *Conn) between(local, remote netip.Addr, lport, rport uint16) bool {
	return c.Remote.Port() == rport && c.Local.Port() == lport && c.Remote.Addr() == remote && c.Local.Addr() == local
}

// add takes in c, whose ends must not be in the table.
func (t *table) add(c *Conn) {
	if t.n >= len(t.buckets) {
		t.grow()
	}
	c.hash = t.hash(c.Local.Addr(), c.Remote.Addr(), c.Local.Port(), c.Remote.Port())
	t.link(c)
	t.n++
}

func (t *table) link(c *Conn) {
	b := &t.buckets[c.hash&uint32(len(t.buckets)-1)]
	c.chain, *b = *b, c
}

func (t *table) grow() {
	old := t.buckets
	t.buckets = make([]*Conn, 2*len(old))
	for _, c := range old {
		for c != nil {
			next := c.chain
			t.link(c)
			c = next
		}
	}
}

// remove takes c out, if it is in.
func (t *table) remove(c *Conn) {
	for p := &t.buckets[c.hash&uint32(len(t.buckets)-1)]; *p != nil; p = &(*p).chain {
		if *p == c {
			*p, c.chain = c.chain, nil
			t.n--
			return
		}
	}
}
