package port

import (
	"encoding/binary"
	"net/netip"

	"github.com/netdev-go/netdev/internal/siphash"
)

// The range of RFC 6335 §6, in which no service is registered. Linux begins at
// 32768 and has more, and from there to here, ports that a server may be given.
const (
	First = 49152
	Last  = 65535
)

// Config is what an Allocator is made of. Zero fields have the values in
// brackets.
type Config struct {
	First, Last uint16        // the range [First to Last]
	Table       int           // counters; the more, the less a port tells of others [256]
	Rand        func() uint64 // where the secrets come from
}

// Allocator chooses ports. One is enough for all protocols. It is not safe for
// concurrent use.
type Allocator struct {
	first, size   uint32
	offset, index siphash.Key
	table         []uint16
}

// New returns an Allocator.
func New(c Config) *Allocator {
	if c.First == 0 {
		c.First = First
	}
	if c.Last == 0 {
		c.Last = Last
	}
	if c.Table <= 0 {
		c.Table = 256
	}
	a := &Allocator{
		first: uint32(c.First), size: uint32(max(c.First, c.Last)-c.First) + 1,
		offset: siphash.NewKey(c.Rand), index: siphash.NewKey(c.Rand), table: make([]uint16, c.Table),
	}
	for i := range a.table {
		a.table[i] = uint16(c.Rand()) // RFC 6056 §3.3.4
	}
	return a
}

// Next returns a port for local to speak to remote from, for which used is false,
// or false if it is true for all. To one remote the ports come in turn, so that a
// port comes back as late as possible. Both addresses may be zero, for a socket
// that is not bound or not connected.
func (a *Allocator) Next(local netip.Addr, remote netip.AddrPort, used func(port uint16) bool) (port uint16, ok bool) {
	l, r := local.As16(), remote.Addr().As16()
	l0, l1 := binary.LittleEndian.Uint64(l[:8]), binary.LittleEndian.Uint64(l[8:])
	r0, r1 := binary.LittleEndian.Uint64(r[:8]), binary.LittleEndian.Uint64(r[8:])
	p := uint64(remote.Port())
	next := &a.table[a.index.Words(l0, l1, r0, r1, p)%uint64(len(a.table))]
	offset := uint32(a.offset.Words(l0, l1, r0, r1, p) % uint64(a.size))
	for range a.size {
		port = uint16(a.first + (offset+uint32(*next))%a.size)
		*next = uint16((uint32(*next) + 1) % a.size) // or the turn would break off where a uint16 ends
		if !used(port) {
			return port, true
		}
	}
	return 0, false
}
