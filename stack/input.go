package stack

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/stack/internal/icmp"
	"github.com/netdev-go/netdev/wire/arp"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/icmpv4"
	"github.com/netdev-go/netdev/wire/igmp"
	"github.com/netdev-go/netdev/wire/ipv4"
	"github.com/netdev-go/netdev/wire/tcp"
	"github.com/netdev-go/netdev/wire/udp"
)

// receive is the device's handler.
func (s *Stack) receive(frame []byte) {
	s.lock()
	if s.stopped {
		s.mu.Unlock()
		return
	}
	fwd := s.input(s.now(), frame)
	s.flush()
	if fwd != nil {
		s.forward(fwd)
	}
}

// receiveBatch is the device's handler for several frames. What they ask for is sent, and
// who waits for them woken, after the last.
func (s *Stack) receiveBatch(frames [][]byte) {
	s.lock()
	for _, frame := range frames {
		if s.stopped { // which can only be after a flush
			s.mu.Unlock()
			return
		}
		fwd := s.input(s.now(), frame)
		switch {
		case fwd != nil:
			s.flush()
			s.forward(fwd)
			s.lock()
		case s.streams != nil && s.streams.owes():
			s.output()
		}
		if s.ring.room() == 0 {
			s.flush()
			s.lock()
		}
	}
	s.flush()
}

// input takes a frame from the device.
func (s *Stack) input(now time.Duration, b []byte) *forwarded {
	c := &s.counters.Interface
	c.InFrames++
	c.InOctets += uint(len(b))
	f, err := ethernet.Parse(b)
	if err != nil {
		c.InErrors++
		return nil
	}
	dst := f.Dst()
	group := ethernet.IsMulticast(dst)
	if !group && dst != s.eth.hw {
		c.InDiscards++
		return nil
	}
	switch f.Type() {
	case ethernet.TypeIPv4:
		return s.inputIP(now, &arrival{packet: f.Payload(), hw: f.Src(), group: group})
	case ethernet.TypeARP:
		s.inputARP(now, f.Payload())
	default:
		c.InUnknownProtos++
	}
	return nil
}

// loopBack takes what the first n frames of the ring have for the stack itself, and
// reports whether they had anything.
func (s *Stack) loopBack(n int) (some bool) {
	for i := range n {
		if f := s.ring.at(i); f.local {
			some = true
			s.inputIP(s.now(), &arrival{packet: s.ring.bytes(f)[s.headroom:f.n], local: true})
		}
	}
	return some
}

func (s *Stack) inputARP(now time.Duration, b []byte) {
	e := &s.eth
	p, err := arp.Parse(b)
	if err != nil {
		s.counters.Interface.InErrors++
		return
	}
	e.claim.Input(now, p)
	ours := e.up() && p.TargetIP() == e.addr
	if e.neighbours.ARP(now, p, e.hw, ours) {
		s.sendARP(arp.Reply(e.hw, p), p.SenderHW())
	}
	e.asked = true
	s.checkClaim(now)
}

// arrival is a packet that came in.
type arrival struct {
	packet    ipv4.Packet
	src, dst  netip.Addr
	hw        [6]byte // of the station that sent the frame
	local     bool    // through the loopback interface
	group     bool    // in a frame for a group of stations
	broadcast bool    // to all hosts, in whatever frame
	foreign   bool    // to an address that Forward makes ours
}

// unicast reports whether the packet was for one host alone.
func (a *arrival) unicast() bool { return !a.group && !a.broadcast && !a.dst.IsMulticast() }

// inputIP takes an IPv4 packet. What it returns is to be told without the lock.
func (s *Stack) inputIP(now time.Duration, a *arrival) *forwarded {
	c := &s.counters.IP
	c.InReceives++
	p, err := ipv4.Parse(a.packet)
	if err != nil || !a.local && !p.ChecksumOK() {
		c.InHdrErrors++
		return nil
	}
	a.packet, a.src, a.dst = p, p.Src(), p.Dst()
	a.broadcast = s.eth.isBroadcast(a.dst)
	if !s.accepts(a) {
		return nil
	}
	if p.IsFragment() {
		return s.inputFragment(now, a)
	}
	return s.deliver(now, a)
}

// accepts decides whether a packet with such addresses can be, and is for us.
func (s *Stack) accepts(a *arrival) bool {
	c := &s.counters.IP
	e := &s.eth
	// RFC 1122 §3.2.1.3: no host speaks from a group, only one that does not know its
	// address from network 0, and loopback addresses never appear outside of one.
	if a.src.IsMulticast() || e.isBroadcast(a.src) || isThisNetwork(a.src) && a.unicast() ||
		!a.local && (a.src.IsLoopback() || a.dst.IsLoopback()) {
		c.InAddrErrors++
		return false
	}
	switch {
	case a.local:
		return true
	case e.up() && a.src == e.addr:
		c.InAddrErrors++
		return false
	case !e.up():
		// A server may send the offer to the address that it offers.
		return s.link.wants(a.packet) ||
			s.link.unnamed() && a.dst == limitedBroadcast && a.packet.Protocol() == udp.Protocol
	case a.dst.IsMulticast():
		return a.dst == allHosts || e.groups != nil && e.groups.Member(a.dst)
	case a.broadcast:
		return true
	case a.group:
		// RFC 1122 §3.3.6: a packet for one host does not come in such a frame.
		c.InAddrErrors++
		return false
	case a.dst == e.addr:
		return true
	case s.config.Forward != nil && a.dst.IsGlobalUnicast():
		a.foreign = true
		return true
	}
	c.InAddrErrors++
	return false
}

// deliver hands a whole packet to those it is for.
func (s *Stack) deliver(now time.Duration, a *arrival) *forwarded {
	c := &s.counters.IP
	protocol := a.packet.Protocol()
	heard := s.raw != nil && s.inputRaw(a, protocol)
	switch {
	case protocol == tcp.Protocol && s.streams != nil:
		if a.unicast() && s.streams.input(now, a.src, a.dst, a.packet.Payload()) && !a.local {
			s.eth.reached(now, a.src)
		}
	case protocol == udp.Protocol:
		return s.inputUDP(now, a)
	case protocol == icmpv4.Protocol:
		return s.inputICMP(now, a)
	case protocol == igmp.Protocol && s.eth.groups != nil:
		s.eth.groups.Input(now, a.packet)
	default:
		if !heard {
			c.InUnknownProtos++
			s.sendError(now, a, icmpv4.Unreachable(icmpv4.CodeProtocolUnreachable))
			return nil
		}
	}
	c.InDelivers++
	return nil
}

// inputFragment delivers a packet that is whole with this fragment.
func (s *Stack) inputFragment(now time.Duration, a *arrival) *forwarded {
	if !s.frags.Input(now, a.packet) {
		return nil
	}
	var buf []byte
	if s.config.wholeInRing() {
		if f := s.ring.nextFull(); f != nil {
			buf = s.packet(f)
		}
	} else if buf, s.whole = s.whole, nil; buf == nil {
		buf = make([]byte, s.config.longest())
	}
	p := s.frags.Take(buf)
	var fwd *forwarded
	if p != nil {
		a.packet = p
		fwd = s.deliver(now, a)
	}
	if fwd != nil {
		fwd.buf = buf
		return fwd
	}
	if !s.config.wholeInRing() {
		s.whole = buf
	}
	return nil
}

// expireFragments gives up packets whose fragments did not all come.
func (s *Stack) expireFragments(now time.Duration) {
	var quote [ipv4.MaxHeaderLen + icmpv4.HeaderLen]byte
	for {
		n, ok := s.frags.Expire(now, quote[:])
		if !ok {
			return
		}
		if n == 0 {
			continue // RFC 792: without the first fragment nobody is told
		}
		if p, err := ipv4.ParseQuote(quote[:n]); err == nil && icmp.Answerable(p, s.eth.prefix, false) {
			s.sendErrorAbout(now, p, p.Dst(), icmpv4.TimeExceeded(icmpv4.CodeReassemblyExceeded))
		}
	}
}
