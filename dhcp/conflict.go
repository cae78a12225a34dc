package dhcp

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/wire/dhcpv4"
)

const (
	declineWait   = 10 * time.Second // RFC 2131 §3.1, at least
	maxConflicts  = 10               // RFC 5227 §2.1.1: from then on,
	conflictsWait = time.Minute      // one address in so long
)

// Probing returns the address that the client has a lease of but does not use yet,
// as Config.Probe wants it. The owner looks whether another host answers for it and
// calls Conflict or NoConflict.
func (c *Client) Probing() (addr netip.Addr, ok bool) {
	if c.state != StateProbing {
		return netip.Addr{}, false
	}
	return c.addr, true
}

// NoConflict says that nobody else uses the address that Probing returned.
func (c *Client) NoConflict(time.Duration) {
	if c.state == StateProbing {
		c.bind()
	}
}

// Conflict says that another host uses the address, be it one that Probing returned
// or that of a lease in use which cannot be defended. The client declines the address
// and begins anew after ten seconds or more.
func (c *Client) Conflict(now time.Duration) {
	if !c.holds() {
		return
	}
	c.withdraw()
	c.exchange(now)
	wait := declineWait
	if c.conflicts++; c.conflicts >= maxConflicts {
		c.conflicts = maxConflicts
		wait = conflictsWait
	}
	c.pause(now, wait+c.jitter(waitJitter))
	c.send = dhcpv4.Decline
}
