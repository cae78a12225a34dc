package stack_test

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/arp"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/icmpv4"
	"github.com/netdev-go/netdev/wire/ipv4"
	"github.com/netdev-go/netdev/wire/tcp"
	"github.com/netdev-go/netdev/wire/udp"
)

// A recorder is a card that keeps the IPv4 packets that are sent. It answers
// for peerMAC whoever is asked for.
type recorder struct {
	card
	packets []ipv4.Packet
}

func (r *recorder) SendOffsetEthFrame(frame []byte) error {
	f, err := ethernet.Parse(bytes.Clone(frame))
	if err != nil {
		return err
	}
	switch f.Type() {
	case ethernet.TypeIPv4:
		r.packets = append(r.packets, ipv4.Packet(f.Payload()))
	case ethernet.TypeARP:
		p, err := arp.Parse(f.Payload())
		if err == nil && p.Op() == arp.OpRequest && p.SenderIP() != p.TargetIP() {
			h := arp.Reply(peerMAC, p)
			b := make([]byte, arp.Len)
			h.Emit(b)
			r.handler(frameOf(ethernet.TypeARP, b))
		}
	}
	return nil
}

// frameOf returns a frame from peerMAC to cardMAC.
func frameOf(t ethernet.EtherType, payload []byte) []byte {
	b := make([]byte, ethernet.HeaderLen, ethernet.HeaderLen+len(payload))
	h := ethernet.Header{Dst: cardMAC, Src: peerMAC, Type: t}
	h.Emit(b)
	return append(b, payload...)
}

func packetOf(h ipv4.Header, payload []byte) []byte {
	h.TTL, h.TotalLen = 64, h.Len()+len(payload)
	b := make([]byte, h.Len(), h.TotalLen)
	h.Emit(b)
	return frameOf(ethernet.TypeIPv4, append(b, payload...))
}

func echoTo(src, dst netip.Addr) []byte {
	m := make([]byte, icmpv4.HeaderLen)
	h := icmpv4.Echo(1, 2)
	h.Emit(m)
	icmpv4.Message(m).FillChecksum()
	return packetOf(ipv4.Header{Protocol: icmpv4.Protocol, Src: src, Dst: dst}, m)
}

func synTo(src, dst netip.Addr, port uint16) []byte {
	b := make([]byte, tcp.MaxHeaderLen)
	h := tcp.Header{SrcPort: 9, DstPort: port, Seq: 1, Flags: tcp.SYN, Window: 1000}
	b = b[:h.Emit(b)]
	tcp.Segment(b).FillChecksum(src, dst)
	return packetOf(ipv4.Header{Protocol: tcp.Protocol, Src: src, Dst: dst}, b)
}

func datagramTo(src, dst netip.Addr, port uint16, data string) []byte {
	b := make([]byte, udp.HeaderLen, udp.HeaderLen+len(data))
	h := udp.Header{SrcPort: 9, DstPort: port, Length: uint16(cap(b))}
	h.Emit(b)
	b = append(b, data...)
	udp.Datagram(b).FillChecksum(src, dst)
	return packetOf(ipv4.Header{Protocol: udp.Protocol, Src: src, Dst: dst}, b)
}

// recorded returns a stack on a recorder, with addrA.
func recorded(t *testing.T, c stack.Config) (*stack.Stack, *recorder) {
	t.Helper()
	r := &recorder{}
	c.Address, c.Gateway = netip.PrefixFrom(addrA, 24), addrB
	s := newStack(t, r, c)
	must(t, s.NetConnect(nil))
	r.packets = nil
	return s, r
}

// A packet to all hosts may come in a frame to one.
func TestNothingIsAnsweredThatIsForAll(t *testing.T) {
	for _, c := range []stack.Config{{}, {Forward: &stack.Forward{
		UDP: func(from, to netip.AddrPort, _ []byte) { t.Errorf("a datagram to %v is forwarded", to) },
		Echo: func(from, to netip.Addr, id, seq uint16, _ []byte) {
			t.Errorf("an echo request to %v is forwarded", to)
		},
	}}} {
		s, r := recorded(t, c)
		lfd, name := listen(t, s, anywhere, 1)
		for _, all := range []string{"10.0.0.255", "255.255.255.255", "224.0.0.1"} {
			dst := netip.MustParseAddr(all)
			r.handler(echoTo(addrB, dst))
			r.handler(synTo(addrB, dst, name.Port()))
			r.handler(synTo(addrB, dst, 9))
			r.handler(datagramTo(addrB, dst, 9, "x"))
		}
		if len(r.packets) > 0 {
			t.Errorf("answered: % x", []byte(r.packets[0]))
		}
		if n := s.Counters().TCP.PassiveOpens; n != 0 {
			t.Errorf("%d connections to all hosts", n)
		}
		r.handler(echoTo(addrB, addrA))
		r.handler(synTo(addrB, addrA, name.Port()))
		if len(r.packets) != 2 {
			t.Errorf("%d packets answer what is for us alone, want 2", len(r.packets))
		}
		must(t, s.Close(lfd))
	}
}

// RFC 1122 §3.2.1.3.
func TestNobodySpeaksFromAnAddressThatNoHostHas(t *testing.T) {
	s, r := recorded(t, stack.Config{})
	fd, name := bound(t, s, anywhere)
	for _, from := range []string{"0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "10.0.0.255", "255.255.255.255", "10.0.0.1"} {
		src := netip.MustParseAddr(from)
		before := s.Counters().IP.InAddrErrors
		r.handler(datagramTo(src, addrA, name.Port(), "x"))
		r.handler(echoTo(src, addrA))
		r.handler(synTo(src, addrA, 9))
		if n := s.Counters().IP.InAddrErrors - before; n != 3 {
			t.Errorf("of 3 packets from %v %d are refused", src, n)
		}
	}
	if len(r.packets) > 0 {
		t.Errorf("answered: % x", []byte(r.packets[0]))
	}
	// A host that has no address yet may ask all for one.
	r.handler(datagramTo(netip.IPv4Unspecified(), netip.MustParseAddr("255.255.255.255"), name.Port(), "who am I?"))
	if got, _ := recv(t, s, fd); got != "who am I?" {
		t.Errorf("%q", got)
	}
}
