package dhcp

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/wire/dhcpv4"
)

// Client is a DHCP client for one interface. It is not safe for concurrent use.
type Client struct {
	cfg   Config
	lease *Lease // held, being probed, or remembered while stopped

	// What is asked for and of whom. In StateSelecting addr is no more than a wish.
	addr, server netip.Addr

	began    time.Duration // the exchange, for secs
	asked    time.Duration // its first DHCPREQUEST went out; a lease counts from here
	deadline time.Duration

	digest uint64 // of the options in lease
	xid    uint32
	secs   uint16

	state     State
	event     Event
	send      dhcpv4.MessageType // for Output to write, 0 for nothing
	tries     uint8              // messages sent again in this state
	refused   uint8              // NAKs since the last lease
	conflicts uint8              // since the last lease that nobody disputed
}

// New returns a client that is stopped. It panics if c.Rand is nil or if the texts in
// c are longer than 240 bytes together.
func New(c Config) *Client {
	c.complete()
	return &Client{cfg: c, addr: c.RequestedAddr}
}

// Start begins to get a lease. Where there is one already, or one from before
// Suspend, the client asks whether it is still good (INIT-REBOOT), and it does not
// count until that is answered: call it whenever the link has come up.
func (c *Client) Start(now time.Duration) {
	c.withdraw()
	c.refused, c.conflicts = 0, 0
	if c.lease != nil && !c.lease.expired(now) {
		c.reboot(now)
		return
	}
	c.discover(now)
}

// Stop gives the lease back (DHCPRELEASE) and stops. The message is for Output to
// write, and is to be sent before the address is taken off the interface.
func (c *Client) Stop(now time.Duration) {
	held := c.holds() && !c.lease.expired(now)
	c.Suspend(now)
	c.lease = nil
	if held {
		c.exchange(now)
		c.send = dhcpv4.Release
	}
}

// Suspend stops without a word to the server: the link is gone. The lease is
// remembered for Start.
func (c *Client) Suspend(time.Duration) {
	c.withdraw()
	c.state, c.deadline, c.send = StateStopped, 0, 0
}

// Deadline returns when Advance is to be called next, or 0 for not before another
// call.
func (c *Client) Deadline() time.Duration { return c.deadline }

// Event returns what has become of the lease since Event was called last, the latest
// change only.
func (c *Client) Event() Event {
	e := c.event
	c.event = EventNone
	return e
}

// Lease returns the lease that the interface may use now, or nil. Renewing changes
// its times in place, and nothing else; other changes make another Lease and come
// with EventBound. It is not to be changed.
func (c *Client) Lease() *Lease {
	if c.usable() {
		return c.lease
	}
	return nil
}

// State returns where the client stands.
func (c *Client) State() State { return c.state }

// usable reports whether the interface may use the lease.
func (c *Client) usable() bool { return c.state >= StateBound }

// holds reports whether the server has the address down as ours.
func (c *Client) holds() bool { return c.state >= StateProbing }

// withdraw tells the owner that the lease does not count any more.
func (c *Client) withdraw() {
	if c.usable() {
		c.event = EventLost
	}
}
