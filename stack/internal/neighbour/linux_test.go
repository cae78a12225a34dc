package neighbour

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev/wire/arp"
)

// What Linux sent, as the station 02:00:00:00:00:01 with the address 10.9.0.1, to
// us, 02:00:00:00:00:02 with 10.9.0.2.
const (
	linuxAnnounces     = "0001080006040001" + "0200000000010a090001" + "0000000000000a090001"
	linuxReplies       = "0001080006040002" + "0200000000010a090001" + "0200000000020a090002"
	linuxRepliesAProbe = "0001080006040002" + "0200000000010a090001" + "02000000000200000000"
	linuxAsksOthers    = "0001080006040001" + "0200000000010a090001" + "0000000000000a090003"
	linuxAsksUs        = "0001080006040001" + "0200000000010a090001" + "0000000000000a090002"
)

var (
	linuxIP = netip.MustParseAddr("10.9.0.1")
	linuxHW = [6]byte{2, 0, 0, 0, 0, 1}
	ourIP   = netip.MustParseAddr("10.9.0.2")
	ourHW   = [6]byte{2, 0, 0, 0, 0, 2}
)

func linux(t *testing.T, s string) arp.Packet {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	p, err := arp.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPacketsOfLinux(t *testing.T) {
	for _, c := range []struct {
		name, packet   string
		unknown, asked State // what the sender is afterwards
		reply          bool
	}{
		{"announcement", linuxAnnounces, None, Delay, false},
		{"reply", linuxReplies, None, Reachable, false},
		{"reply to a probe", linuxRepliesAProbe, None, Delay, false},
		{"request to others", linuxAsksOthers, None, Delay, false},
		{"request to us", linuxAsksUs, Stale, Delay, true},
	} {
		packet := linux(t, c.packet)
		hear := func(p *probe) bool { return p.ARP(p.now, packet, ourHW, packet.TargetIP() == ourIP) }
		p := cache(t, Config{})
		if hear(p) != c.reply {
			t.Errorf("%s: replied to is %v", c.name, !c.reply)
		}
		p.state(linuxIP, c.unknown)
		p = cache(t, Config{})
		p.wait(linuxIP, c.name)
		p.expect("who has 10.9.0.1")
		hear(p)
		p.expect(c.name + " to 1")
		p.state(linuxIP, c.asked)
		p.lookup(linuxIP, linuxHW)

		var claim Claim
		claim.Probe(start, linuxIP, ourHW, random)
		if claim.Input(start, packet); claim.State() != Conflict {
			t.Errorf("%s: no conflict", c.name)
		}
		claim.Probe(start, ourIP, ourHW, random)
		if claim.Input(start, packet); claim.State() != Probing {
			t.Errorf("%s: a conflict about our own address", c.name)
		}
	}
}

func TestLinuxSendsWhatWeSend(t *testing.T) {
	for want, h := range map[string]arp.Header{
		linuxAnnounces:     arp.Announcement(linuxHW, linuxIP),
		linuxReplies:       arp.Reply(linuxHW, packet(arp.Request(ourHW, ourIP, linuxIP))),
		linuxRepliesAProbe: arp.Reply(linuxHW, packet(arp.Probe(ourHW, linuxIP))),
		linuxAsksOthers:    arp.Request(linuxHW, linuxIP, netip.MustParseAddr("10.9.0.3")),
	} {
		if got := packet(h); !bytes.Equal(got, linux(t, want)) {
			t.Errorf("%x, Linux %s", got, want)
		}
	}
}
