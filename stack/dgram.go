package stack

import (
	"encoding/binary"
	"io"
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/block"
)

// dgram is what a datagram socket has beside what all have.
type dgram struct {
	remote         netip.AddrPort // of a socket that Connect was called on
	err            error          // pending
	queue          block.Queue    // of records: a header and the payload
	limit          int            // of queue, SO_RCVBUF
	sendLimit      int            // SO_SNDBUF, kept to be told
	ttl, tos       uint8          // ttl 0 is the default
	groupTTL       uint8
	noBroadcast    bool
	noLoop         bool       // groups do not hear their own
	groupInterface netip.Addr // that packets to groups leave by; invalid is eth0
	groups         []joined
}

// joined is a group that a socket is a member of.
type joined struct {
	group netip.Addr
	index int // of the interface
}

func newDgram(limit int) *dgram {
	return &dgram{limit: limit, sendLimit: limit, groupTTL: 1}
}

// A record in the queue begins with the length of the payload, and the sender.
const recordLen = 2 + 2 + 16

type record [recordLen]byte

func newRecord(n int, from netip.AddrPort) (r record) {
	binary.LittleEndian.PutUint16(r[:], uint16(n))
	binary.LittleEndian.PutUint16(r[2:], from.Port())
	a := from.Addr().As16()
	copy(r[4:], a[:])
	return r
}

func (r *record) len() int { return int(binary.LittleEndian.Uint16(r[:])) }

func (r *record) from() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom16([16]byte(r[4:])).Unmap(), binary.LittleEndian.Uint16(r[2:]))
}

// queueDatagram gives a socket a datagram, if there is room for it: in its own queue,
// and in the memory of all, of which it may not have more than is left.
func (s *Stack) queueDatagram(k *socket, from netip.AddrPort, b []byte) {
	d := k.dgram
	if k.has(shutRead) {
		return
	}
	n := recordLen + len(b)
	// The last datagram may go beyond the limit, or there were some that no limit
	// lets in.
	if d.queue.Len() >= min(d.limit, s.config.MaxBuffer) {
		s.counters.UDP.RcvbufErrors++
		return
	}
	if free := s.pool.Free() * s.pool.BlockSize(); n > free || d.queue.Len() > free {
		s.counters.UDP.MemErrors++
		return
	}
	if !k.has(toldOfData) {
		k.flags |= toldOfData
		s.wake(k, readable)
	}
	r := newRecord(len(b), from)
	d.queue.Append(s.pool, r[:])
	d.queue.Append(s.pool, b)
}

// takeDatagram moves a datagram to buf, and what there is no room for to nowhere.
func (s *Stack) takeDatagram(k *socket, buf []byte, flags int) (int, netip.AddrPort, error) {
	d := k.dgram
	k.flags &^= toldOfData
	if err := k.takeError(); err != nil {
		return 0, netip.AddrPort{}, err
	}
	if d.queue.Len() == 0 {
		if k.has(shutRead) {
			return 0, netip.AddrPort{}, io.EOF
		}
		return 0, netip.AddrPort{}, netdev.ErrWouldBlock
	}
	var r record
	d.queue.Peek(r[:])
	n := min(r.len(), len(buf))
	if flags&netdev.MSG_PEEK != 0 {
		d.queue.PeekAt(recordLen, buf[:n])
	} else {
		d.queue.Drop(s.pool, recordLen)
		d.queue.Read(s.pool, buf[:n])
		d.queue.Drop(s.pool, r.len()-n)
		s.dropStrangers(k)
	}
	return n, r.from(), nil
}

// takeError returns the pending error and clears it.
func (k *socket) takeError() error {
	err := k.dgram.err
	k.dgram.err = nil
	return err
}

// dropStrangers drops what comes next of those that k does not hear any more since
// Connect. Who was told of them is told anew of others.
func (s *Stack) dropStrangers(k *socket) {
	k.flags &^= toldOfData
	for d := k.dgram; d.remote.IsValid() && d.queue.Len() > 0; {
		var r record
		d.queue.Peek(r[:])
		if k.hears(r.from()) {
			return
		}
		d.queue.Drop(s.pool, recordLen+r.len())
	}
}

// hears reports whether a datagram of that sender is for k.
func (k *socket) hears(from netip.AddrPort) bool {
	if !k.dgram.remote.IsValid() {
		return true
	}
	return k.dgram.remote.Addr() == from.Addr() && (k.dgram.remote.Port() == from.Port() || k.stype == netdev.SOCK_RAW)
}

// releaseDgram gives back what a datagram socket holds.
func (s *Stack) releaseDgram(k *socket) {
	k.dgram.queue.Free(s.pool)
	for _, j := range k.dgram.groups {
		s.leave(j)
	}
	k.dgram.groups = nil
	if k.stype == netdev.SOCK_RAW {
		unlink(&s.raw, k)
	}
}
