package stack

import (
	"time"

	"github.com/netdev-go/netdev/stack/internal/neighbour"
	"github.com/netdev-go/netdev/wire/arp"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/igmp"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// packet returns where in f the packet goes.
func (s *Stack) packet(f *frame) []byte { return s.ring.bytes(f)[s.headroom:] }

// send puts a packet of n bytes, which stands in f, on its way to h.
func (s *Stack) send(now time.Duration, f *frame, n int, h *hop) {
	s.counters.IP.OutRequests++
	f.n = s.headroom + n
	if f.local = h.local; f.local {
		s.ring.push()
		return
	}
	hw := h.hw
	if h.next.IsValid() {
		var ok bool
		if hw, ok = s.eth.neighbours.Lookup(now, h.next); !ok {
			if f.long > 0 {
				s.streams.waitCut(now, f, h.next)
			} else {
				s.eth.neighbours.Wait(now, h.next, s.packet(f)[:n])
			}
			s.eth.asked = true
			return
		}
	}
	s.sendFrame(f, hw, ethernet.TypeIPv4)
}

// sendFrame puts the frame of f.n bytes into the ring, as soon as it has its
// header.
func (s *Stack) sendFrame(f *frame, hw [6]byte, t ethernet.EtherType) {
	b := s.ring.bytes(f)[s.offset:s.headroom]
	*(*[6]byte)(b) = hw
	*(*[6]byte)(b[6:]) = s.eth.hw
	b[12], b[13] = byte(t>>8), byte(t)
	f.local = false
	s.counters.Interface.OutFrames++
	s.counters.Interface.OutOctets += uint(f.n - s.offset)
	s.ring.push()
}

// sendARP sends an ARP packet, or drops it if the ring is full.
func (s *Stack) sendARP(h arp.Header, hw [6]byte) {
	f := s.ring.next(s.headroom + arp.Len)
	if f == nil {
		s.counters.Interface.OutDiscards++
		return
	}
	f.n = s.headroom + h.Emit(s.packet(f))
	s.sendFrame(f, hw, ethernet.TypeARP)
}

// output lets the machines write what they have to send into the ring, as long as
// there is room.
func (s *Stack) output() {
	// Most calls find nothing to send, and need not know the time.
	if s.eth.asked {
		s.askNeighbours(s.now())
	}
	if g := s.eth.groups; g != nil && g.deadline() != 0 && due(g.deadline(), s.now()) {
		s.outputIGMP(s.now())
	}
	if s.streams != nil {
		s.streams.output(s.offload != nil)
	}
}

// outputLast is output where there will be no other chance: for the resets of
// connections that lose their address.
func (s *Stack) outputLast() {
	s.output()
	if s.streams != nil {
		s.streams.output(false)
	}
}

// outputIGMP sends what groups have to be told of.
func (s *Stack) outputIGMP(now time.Duration) {
	if !s.eth.up() {
		return
	}
	ip := ipv4.Header{TTL: 1, Protocol: igmp.Protocol, Src: s.eth.addr, Options: ipv4.RouterAlert[:]}
	for f := s.ring.next(0); f != nil; f = s.ring.next(0) {
		b := s.packet(f)
		n, dst := s.eth.groups.Output(now, b[ip.Len():])
		if n == 0 {
			return
		}
		ip.TotalLen, ip.ID, ip.Dst = ip.Len()+n, s.nextID(), dst
		ip.Emit(b)
		s.send(now, f, ip.TotalLen, &hop{src: ip.Src, hw: ethernet.Multicast(dst)})
	}
}

// askNeighbours does what the neighbour cache wants done.
func (s *Stack) askNeighbours(now time.Duration) {
	e := &s.eth
	for {
		f := s.ring.nextFull()
		if f == nil {
			return
		}
		switch a := e.neighbours.Output(now, s.packet(f)); a.Kind {
		case neighbour.Request:
			hw := a.HW
			if hw == [6]byte{} {
				hw = ethernet.Broadcast
			}
			s.sendARP(arp.Request(e.hw, e.addr, a.Addr), hw)
		case neighbour.Packet:
			f.n = s.headroom + a.Len
			s.sendFrame(f, a.HW, ethernet.TypeIPv4)
		case neighbour.Unreachable:
			s.unresolved(now, s.packet(f)[:a.Len])
		default:
			e.asked = false
			return
		}
	}
}
