package stack

import (
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack/internal/fragment"
	"github.com/netdev-go/netdev/wire/ipv4"
)

const defaultTTL = 64

// nextID returns an identification for a packet that may be taken apart. It goes
// on by chance, so that nobody can count our packets (RFC 7739).
func (s *Stack) nextID() uint16 {
	s.ipID += 1 + uint16(s.rand()&7)
	return s.ipID
}

// payload is what a packet carries, in two pieces.
type payload struct {
	header []byte // of the protocol, checksum included
	data   []byte
}

func (p *payload) len() int { return len(p.header) + len(p.data) }

// copy copies what goes from offset off on.
func (p *payload) copy(dst []byte, off int) {
	header := p.header[min(off, len(p.header)):]
	copy(dst[min(len(header), len(dst)):], p.data[max(off-len(p.header), 0):])
	copy(dst, header)
}

// sendIP sends a packet to h, in fragments where it is longer than the way there
// takes. It is ErrWouldBlock if the ring has no room for all of it.
func (s *Stack) sendIP(now time.Duration, h *hop, ip ipv4.Header, p *payload) error {
	length := ip.Len() + p.len()
	if length > ipv4.MaxLen {
		return netdev.ErrMessageTooLong
	}
	mtu := h.mtu
	if !h.local {
		mtu, _ = s.eth.paths.Lookup(now, ip.Dst, h.mtu)
	}
	ip.TotalLen = length
	if length <= mtu {
		f := s.ring.next(s.headroom + length)
		if f == nil {
			return netdev.ErrWouldBlock
		}
		b := s.packet(f)
		p.copy(b[ip.Len():length], 0) // first: it may stand in b
		ip.Emit(b)
		s.send(now, f, length, h)
		return nil
	}
	if ip.Flags&ipv4.DontFragment != 0 {
		return netdev.ErrMessageTooLong
	}
	count := (p.len() + (mtu-ip.Len())&^7 - 1) / ((mtu - ip.Len()) &^ 7)
	switch {
	case count > len(s.ring.frames)-s.ring.short:
		return netdev.ErrMessageTooLong
	case count > s.ring.roomFull():
		return netdev.ErrWouldBlock
	}
	s.counters.IP.OutFragOKs++
	for parts := fragment.Split(ip, p.len(), mtu); parts.Next(); {
		f := s.ring.nextFull()
		if f == nil {
			return netdev.ErrWouldBlock
		}
		b := s.packet(f)
		n := parts.Emit(b)
		p.copy(b[n:n+parts.Len], parts.Offset)
		s.counters.IP.OutFragCreates++
		s.send(now, f, n+parts.Len, h)
	}
	return nil
}
