package neighbour

import (
	"time"

	"github.com/netdev-go/netdev/wire/arp"
)

// ARP takes an ARP packet from the interface with hardware address own: what it
// tells about its sender, and whether it is a request that we are to reply to.
// ours tells whether the packet's target is an address of ours.
func (c *Cache) ARP(now time.Duration, p arp.Packet, own [6]byte, ours bool) (reply bool) {
	return false
}
