package dhcp

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/wire/dhcpv4"
)

// Input takes the payload of a datagram to port 68, which stays the caller's. What is
// not an answer to the last message is passed over.
func (c *Client) Input(now time.Duration, payload []byte) {
	if c.state < StateSelecting {
		return
	}
	m, err := dhcpv4.Parse(payload)
	if err != nil || !c.isMine(m) {
		return
	}
	switch m.Type() {
	case dhcpv4.Offer:
		c.offer(now, m)
	case dhcpv4.Ack:
		c.ack(now, m)
	case dhcpv4.Nak:
		c.nak(now, m)
	}
}

func (c *Client) isMine(m dhcpv4.Message) bool {
	hw, ok := m.CHAddr6()
	if m.Op() != dhcpv4.BootReply || m.XID() != c.xid || !ok || hw != c.cfg.HardwareAddr {
		return false
	}
	// RFC 6842 §3.
	id := m.ClientID()
	return id == nil || c.cfg.ClientID == "" || string(id) == c.cfg.ClientID
}

func (c *Client) offer(now time.Duration, m dhcpv4.Message) {
	if c.state != StateSelecting {
		return
	}
	server, ok := serverOf(m)
	if _, given := leaseTime(m); !ok || !given || !assignable(prefixOf(m)) {
		return
	}
	c.addr, c.server = m.YIAddr(), server
	c.request(now)
}

func (c *Client) ack(now time.Duration, m dhcpv4.Message) {
	length, given := leaseTime(m)
	if !c.asking() || !given || m.YIAddr() != c.addr || !assignable(prefixOf(m)) {
		return
	}
	server, ok := serverOf(m)
	switch c.state {
	case StateRequesting:
		ok = ok && server == c.server
	case StateRenewing, StateRebinding:
		if !ok {
			// Some servers think it known by now.
			server, ok = c.server, true
		}
	}
	if !ok {
		return
	}
	t := c.terms(now, length, m)
	if t.end != 0 && t.end <= now {
		return
	}
	c.server = server
	c.take(m, t)
}

func (c *Client) nak(now time.Duration, m dhcpv4.Message) {
	server, ok := serverOf(m)
	if !c.asking() || !ok || c.state == StateRequesting && server != c.server {
		return
	}
	c.withdraw()
	c.addr = netip.Addr{}
	// Once is for an address of another network. More is a server at odds with
	// itself, which is not to be asked as fast as it can refuse.
	if c.refused++; c.refused == 1 {
		c.discover(now)
		return
	}
	c.refused = min(c.refused, maxDoubled+2)
	c.pause(now, c.wait(c.refused-2))
}

// asking reports whether a DHCPREQUEST is out.
func (c *Client) asking() bool {
	switch c.state {
	case StateRequesting, StateRebooting, StateRenewing, StateRebinding:
		return c.asked != 0
	}
	return false
}

// take makes what an acknowledgement says the lease.
func (c *Client) take(m dhcpv4.Message, t terms) {
	changed := false
	if d := c.digestOf(m); c.lease == nil || d != c.digest {
		c.lease, c.digest, changed = c.cfg.newLease(m, c.server), d, true
	}
	c.lease.T1, c.lease.T2, c.lease.Expiry = t.t1, t.t2, t.end
	switch {
	case !c.usable() && c.cfg.Probe:
		c.state, c.deadline = StateProbing, t.end
	case c.usable() && !changed:
		c.state, c.deadline = StateBound, t.next()
	default:
		c.bind()
	}
}

// bind puts the lease to use.
func (c *Client) bind() {
	l := c.lease
	c.state, c.deadline = StateBound, terms{l.T1, l.T2, l.Expiry}.next()
	c.event = EventBound
	c.refused, c.conflicts = 0, 0
}
