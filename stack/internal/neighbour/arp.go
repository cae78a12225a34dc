package neighbour

import (
	"time"

	"github.com/netdev-go/netdev/wire/arp"
)

// ARP takes an ARP packet that came in, in the order of RFC 826: what it tells of
// its sender, and then whether it is a request that we are to reply to. own is the
// interface's hardware address, and ours tells whether the packet's target is an
// address that we have.
func (c *Cache) ARP(now time.Duration, p arp.Packet, own [6]byte, ours bool) (reply bool) {
	hw, sender := p.SenderHW(), p.SenderIP()
	if hw == own {
		return false // our own, by a loop in the network
	}
	switch {
	case p.IsProbe():
		// Its sender has no address yet. Who has it answers (RFC 5227 §1.2).
		return ours
	case sender.IsUnspecified(), ours && sender == p.TargetIP():
		return false // the latter has our address, which is for a Claim to dispute
	case ours && p.Op() == arp.OpReply:
		c.Answer(now, sender, hw)
	case ours && p.Op() == arp.OpRequest:
		c.Learn(now, sender, hw)
		return true
	default:
		c.Update(now, sender, hw)
	}
	return false
}
