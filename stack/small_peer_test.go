package stack_test

import (
	"net/netip"
	"sync"

	"github.com/netdev-go/netdev/wire/arp"
	"github.com/netdev-go/netdev/wire/dhcpv4"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/ipv4"
	"github.com/netdev-go/netdev/wire/tcp"
	"github.com/netdev-go/netdev/wire/udp"
)

// A stoic is the network of one stack, and remembers nothing: what the heap grows by
// while the stack talks to it is the stack's. It leases an address with all that a
// server can tell, answers for all of the network's addresses below 10.0.0.200, takes
// every connection, and acknowledges no data.
type stoic struct {
	card
	mu     sync.Mutex
	frames [64]struct {
		b [1514]byte
		n int
	}
	queued  int
	queries [4][]byte // name servers were asked
	asked   int
}

func (p *stoic) SendOffsetEthFrame(frame []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.queued < len(p.frames) {
		f := &p.frames[p.queued]
		f.n = copy(f.b[:], frame)
		p.queued++
	}
	return nil
}

// answer answers all frames that wait, and what these answers bring about.
func (p *stoic) answer() {
	for {
		p.mu.Lock()
		if p.queued == 0 {
			p.mu.Unlock()
			return
		}
		f := p.frames[0]
		p.queued--
		copy(p.frames[:p.queued], p.frames[1:])
		p.mu.Unlock()
		p.take(ethernet.Frame(f.b[:f.n]))
	}
}

func (p *stoic) take(f ethernet.Frame) {
	switch f.Type() {
	case ethernet.TypeARP:
		q, err := arp.Parse(f.Payload())
		if err == nil && q.Op() == arp.OpRequest && q.SenderIP() != q.TargetIP() && q.SenderIP4() != [4]byte{} && q.TargetIP4()[3] < 200 {
			h := arp.Reply(peerMAC, q)
			b := make([]byte, arp.Len)
			h.Emit(b)
			p.handler(frameOf(ethernet.TypeARP, b))
		}
	case ethernet.TypeIPv4:
		q, err := ipv4.Parse(f.Payload())
		if err != nil {
			return
		}
		switch q.Protocol() {
		case udp.Protocol:
			if d, err := udp.Parse(q.Payload()); err == nil {
				p.datagram(q, d)
			}
		case tcp.Protocol:
			if s, err := tcp.Parse(q.Payload()); err == nil && s.Flags().Has(tcp.SYN) {
				p.segment(q, tcp.Header{Seq: 1000, Ack: s.Seq() + 1, Flags: tcp.SYN | tcp.ACK}, s.DstPort(), s.SrcPort(), nil)
			}
		}
	}
}

// segment sends a segment in the other direction of q.
func (p *stoic) segment(q ipv4.Packet, h tcp.Header, src, dst uint16, data []byte) {
	p.segmentFrom(q.Dst(), q.Src(), h, src, dst, data)
}

func (p *stoic) segmentFrom(from, to netip.Addr, h tcp.Header, src, dst uint16, data []byte) {
	h.SrcPort, h.DstPort, h.Window = src, dst, 8192
	if h.Flags.Has(tcp.SYN) {
		h.Options.Has, h.Options.MSS = tcp.HasMSS|tcp.HasSACKPermitted, 1460
	}
	b := make([]byte, h.Len(), h.Len()+len(data))
	h.Emit(b)
	b = append(b, data...)
	tcp.Segment(b).FillChecksum(from, to)
	p.handler(packetOf(ipv4.Header{Protocol: tcp.Protocol, Src: from, Dst: to}, b))
}

func (p *stoic) datagram(q ipv4.Packet, d udp.Datagram) {
	switch d.DstPort() {
	case 53:
		p.queries[p.asked%len(p.queries)] = append([]byte(nil), q...)
		p.asked++
	case 67:
		m, err := dhcpv4.Parse(d.Payload())
		if err != nil {
			return
		}
		kind := dhcpv4.Offer
		if m.Type() == dhcpv4.Request {
			kind = dhcpv4.Ack
		}
		h := m.Header()
		h.Op, h.YIAddr = dhcpv4.BootReply, addrA
		b := make([]byte, 1472)
		w := dhcpv4.NewWriter(b, &h)
		w.Type(kind)
		w.Addrs(dhcpv4.OptServerID, addrB)
		w.Addrs(dhcpv4.OptSubnetMask, netip.AddrFrom4([4]byte{255, 255, 255, 0}))
		w.Uint32(dhcpv4.OptLeaseTime, 7200)
		many := make([]netip.Addr, 8)
		for i := range many {
			many[i] = netip.AddrFrom4([4]byte{10, 0, 0, byte(50 + i)})
		}
		w.Addrs(dhcpv4.OptDNSServers, many...)
		w.Addrs(dhcpv4.OptNTPServers, many...)
		var routes, search []byte
		for i := range byte(20) {
			routes = append(routes, 24, 192, 168, i, 10, 0, 0, 60)
		}
		w.Bytes(dhcpv4.OptClasslessRoutes, append(routes, 0, 10, 0, 0, 2))
		for i := range byte(8) {
			for range 3 {
				search = append(search, 30)
				for range 30 {
					search = append(search, 'a'+i)
				}
			}
			search = append(search, 0)
		}
		w.Text(dhcpv4.OptDomainName, "a.domain.of.some.length.example.com")
		w.Bytes(dhcpv4.OptDomainSearch, search)
		n, err := w.End()
		if err != nil {
			panic(err)
		}
		p.say(addrB, addrA, 67, 68, b[:n])
	}
}

// say sends a datagram.
func (p *stoic) say(from, to netip.Addr, src, dst uint16, data []byte) {
	b := make([]byte, udp.HeaderLen, udp.HeaderLen+len(data))
	h := udp.Header{SrcPort: src, DstPort: dst, Length: uint16(cap(b))}
	h.Emit(b)
	b = append(b, data...)
	udp.Datagram(b).FillChecksum(from, to)
	p.handler(packetOf(ipv4.Header{Protocol: udp.Protocol, Src: from, Dst: to}, b))
}
