package neighbour

import (
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev/wire/arp"
)

var (
	own   = netip.MustParseAddr("10.0.2.15")
	ownHW = [6]byte{2, 0, 0, 0, 0, 0xf}
)

func packet(h arp.Header) arp.Packet {
	b := make([]byte, h.Len())
	h.Emit(b)
	return b
}

// hear gives the cache a packet as an interface with the address own does.
func (p *probe) hear(h arp.Header) bool {
	return p.ARP(p.now, packet(h), ownHW, h.TargetIP == own)
}

func TestARequestForUsIsRepliedToAndTellsOfItsSender(t *testing.T) {
	p := cache(t, Config{})
	if !p.hear(arp.Request(hwA, gateway, own)) {
		t.Error("no reply")
	}
	p.state(gateway, Stale)
	p.lookup(gateway, hwA)
}

func TestARequestForOthersTellsOfKnownSendersOnly(t *testing.T) {
	p := cache(t, Config{})
	if p.hear(arp.Request(hwA, gateway, other)) {
		t.Error("a reply in another's name")
	}
	p.state(gateway, None)
	p.resolve(gateway, hwA)
	p.hear(arp.Request(hwB, gateway, other))
	p.lookup(gateway, hwB)
}

func TestAReplyToUsAnswers(t *testing.T) {
	p := cache(t, Config{})
	p.wait(gateway, "x")
	p.done()
	request := packet(arp.Request(ownHW, own, gateway))
	if p.hear(arp.Reply(hwA, request)) {
		t.Error("a reply to a reply")
	}
	p.expect("x to a")
	p.state(gateway, Reachable)
	p.hear(arp.Reply(hwA, packet(arp.Request(ownHW, own, other))))
	p.state(other, None)
}

// It says where its sender is, and not that we can reach it.
func TestAReplyToAnotherIsNoAnswer(t *testing.T) {
	p := cache(t, Config{})
	p.wait(gateway, "x")
	p.done()
	p.hear(arp.Reply(hwA, packet(arp.Request(hwB, other, gateway))))
	p.expect("x to a")
	p.state(gateway, Delay)
}

func TestAnAnnouncementUpdatesKnownNeighboursOnly(t *testing.T) {
	for _, op := range []arp.Op{arp.OpRequest, arp.OpReply} {
		p := cache(t, Config{})
		announcement := func(hw [6]byte, a netip.Addr) arp.Header {
			h := arp.Announcement(hw, a)
			h.Op = op
			return h
		}
		p.hear(announcement(hwA, gateway))
		p.state(gateway, None)
		p.resolve(gateway, hwA)
		p.hear(announcement(hwB, gateway))
		p.state(gateway, Stale)
		p.lookup(gateway, hwB)
		if p.hear(announcement(hwB, own)) || p.Len() != 1 {
			t.Error("who announces our address is replied to, or learned")
		}
	}
}

// RFC 5227 §1.2: a probe for our address is replied to, and tells nothing.
func TestAProbe(t *testing.T) {
	p := cache(t, Config{})
	if !p.hear(arp.Probe(hwA, own)) {
		t.Error("no reply")
	}
	if p.hear(arp.Probe(hwA, gateway)) {
		t.Error("a reply in another's name")
	}
	h := arp.Probe(hwA, own)
	h.Op = arp.OpReply
	if p.hear(h) || p.Len() != 0 {
		t.Errorf("%d learned", p.Len())
	}
}

func TestOurOwnPacketsTellNothing(t *testing.T) {
	p := cache(t, Config{})
	if p.hear(arp.Request(ownHW, gateway, own)) || p.Len() != 0 {
		t.Error("they do")
	}
}

func TestOtherOperationsAreNotRepliedTo(t *testing.T) {
	p := cache(t, Config{})
	h := arp.Request(hwA, gateway, own)
	h.Op = 3 // reverse request
	if p.hear(h) || p.Len() != 0 {
		t.Error("they are, or teach")
	}
}

func FuzzARP(f *testing.F) {
	f.Add([]byte(packet(arp.Request(hwA, gateway, own))))
	f.Add([]byte(packet(arp.Reply(hwA, packet(arp.Request(ownHW, own, gateway))))))
	f.Add([]byte(packet(arp.Probe(hwA, own))))
	f.Fuzz(func(t *testing.T, b []byte) {
		packet, err := arp.Parse(b)
		if err != nil {
			return
		}
		p := cache(t, Config{Entries: 2})
		p.wait(gateway, "x")
		p.done()
		var c Claim
		c.Take(p.now, own, ownHW)
		c.Input(p.now, packet)
		if p.ARP(p.now, packet, ownHW, packet.TargetIP() == own) && packet.TargetIP() != own {
			t.Error("a reply in another's name")
		}
		p.done()
		p.check()
		for _, a := range []netip.Addr{own, netip.IPv4Unspecified()} {
			p.state(a, None)
		}
		if hw, ok := p.Lookup(p.now, packet.SenderIP()); ok && (hw != packet.SenderHW() || hw[0]&1 != 0) {
			t.Errorf("%v is at %x", packet.SenderIP(), hw)
		}
	})
}
