package dhcp

import (
	"math/bits"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/wire/dhcpv4"
)

const (
	firstWait   = 4 * time.Second // RFC 2131 §4.1
	maxDoubled  = 4               // up to 64 s
	waitJitter  = time.Second     // to either side
	maxRequests = 3               // for an address that was offered

	// RFC 2131 §4.4.5: how often, at most, more time is asked for.
	minRenewWait = time.Minute
)

// exchange begins a conversation with servers that no answer to an earlier one
// belongs to.
func (c *Client) exchange(now time.Duration) {
	old := c.xid
	if c.xid = c.cfg.Rand(); c.xid == old {
		c.xid++
	}
	c.began, c.asked = now, 0
	c.tries = 0
}

// discover asks all servers for an address.
func (c *Client) discover(now time.Duration) {
	if c.state == StateInit {
		// What was declined or refused is no wish.
		c.addr = netip.Addr{}
	}
	c.lease = nil
	c.exchange(now)
	c.state, c.send = StateSelecting, dhcpv4.Discover
	c.deadline = now + c.wait(0)
}

// request asks for what was offered. It belongs to the exchange of the offer.
func (c *Client) request(now time.Duration) {
	c.tries = 0
	c.state, c.send = StateRequesting, dhcpv4.Request
	c.deadline = now + c.wait(0)
}

// reboot asks for the address of the lease that is remembered. It does so once: a
// server that does not know the lease says nothing, and one that does will offer the
// same address.
func (c *Client) reboot(now time.Duration) {
	c.exchange(now)
	c.state, c.send = StateRebooting, dhcpv4.Request
	c.deadline = now + c.wait(0)
}

// extend asks for more time, or asks again: the server, and from T2 on any server.
func (c *Client) extend(now time.Duration) {
	state, end := StateRenewing, c.lease.T2
	if now >= c.lease.T2 {
		state, end = StateRebinding, c.lease.Expiry
	}
	if c.state != state {
		c.exchange(now)
		c.state = state
	}
	c.send = dhcpv4.Request
	c.deadline = min(end, now+max((end-now)/2, minRenewWait))
}

// pause waits before it asks for an address again, at least for d.
func (c *Client) pause(now, d time.Duration) {
	c.lease = nil
	c.state, c.send = StateInit, 0
	c.deadline = now + d
}

// Advance does what the time has come for. Calling it early is harmless.
func (c *Client) Advance(now time.Duration) {
	if c.deadline == 0 || now < c.deadline {
		return
	}
	switch c.state {
	case StateInit, StateRebooting:
		c.discover(now)
	case StateSelecting:
		c.again(now)
	case StateRequesting:
		if c.tries+1 < maxRequests {
			c.again(now)
		} else {
			c.discover(now)
		}
	case StateProbing, StateBound, StateRenewing, StateRebinding:
		if c.lease.expired(now) {
			c.withdraw()
			c.discover(now)
		} else {
			c.extend(now)
		}
	}
}

// again sends the last message once more, with the wait doubled.
func (c *Client) again(now time.Duration) {
	c.tries = min(c.tries+1, maxDoubled)
	c.send = dhcpv4.Request
	if c.state == StateSelecting {
		c.send = dhcpv4.Discover
	}
	c.deadline = now + c.wait(c.tries)
}

// wait returns how long to wait for an answer that did not come so many times,
// maxDoubled at most.
func (c *Client) wait(times uint8) time.Duration {
	return firstWait<<times - waitJitter + c.jitter(2*waitJitter)
}

// jitter returns a random time below limit.
func (c *Client) jitter(limit time.Duration) time.Duration {
	d, _ := bits.Mul64(uint64(limit), uint64(c.cfg.Rand())<<32)
	return time.Duration(d)
}
