package stack

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/dhcp"
	"github.com/netdev-go/netdev/internal/checksum"
	"github.com/netdev-go/netdev/stack/internal/neighbour"
	"github.com/netdev-go/netdev/stack/internal/route"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/ipv4"
	"github.com/netdev-go/netdev/wire/udp"
)

// The ports of DHCP.
const (
	dhcpServer = 67
	dhcpClient = 68
)

// wants reports whether a packet may be the answer of a DHCP server to a stack
// that has no address yet.
func (l *link) wants(p ipv4.Packet) bool {
	return l.client != nil && l.wanted != nil && p.Protocol() == udp.Protocol
}

// unnamed reports whether the stack has no address and looks for none itself. Then
// sockets may still send to all, and hear what is sent to all: that is how a program
// finds an address for it.
func (l *link) unnamed() bool { return l.wanted == nil && l.carrier }

// inputDHCP takes a datagram from the network for the DHCP client, and reports
// whether it was one; without an address nothing else can be.
func (l *link) inputDHCP(s *Stack, now time.Duration, a *arrival, from, to netip.AddrPort, b []byte) bool {
	if l.client == nil || to.Port() != dhcpClient || from.Port() != dhcpServer {
		return l.client != nil && !s.eth.up()
	}
	l.client.Input(now, b)
	l.client.step(now)
	// When the lease is given back there is no time left to ask where the server is.
	s.eth.neighbours.Learn(now, a.src, a.hw)
	return true
}

// leaseholder is the part DHCP.
type leaseholder struct {
	*dhcp.Client
	s *Stack
}

func newLeases(s *Stack, hostname string) leases {
	c := s.config.lease()
	c.HardwareAddr, c.Hostname, c.Probe = s.eth.hw, hostname, true
	c.Rand = func() uint32 { return uint32(s.rand()) }
	return &leaseholder{s: s, Client: dhcp.New(c)}
}

// step does what the DHCP client wants done after any of its calls.
func (c *leaseholder) step(now time.Duration) {
	s := c.s
	s.outputDHCP(now, c.Client)
	switch c.Event() {
	case dhcp.EventBound:
		s.bound(now, c.Lease())
	case dhcp.EventLost:
		s.wentDown()
	}
	if addr, ok := c.Probing(); ok && addr != s.eth.claim.Addr() {
		s.eth.claim.Probe(now, addr, s.eth.hw, s.rand)
		s.checkClaim(now)
	}
}

// bound takes a lease into use, or what has changed in it.
func (s *Stack) bound(now time.Duration, l *dhcp.Lease) {
	e := &s.eth
	had := e.prefix
	if e.up() && had != l.Addr {
		s.wentDown()
	}
	e.setAddr(l.Addr, l.Router)
	if l.Broadcast.IsValid() && l.Addr.Contains(l.Broadcast) {
		e.broadcast = l.Broadcast
	}
	for _, r := range l.Routes {
		e.routes.Add(route.Route{Prefix: r.Dst, Gateway: r.Router, Interface: ethIndex})
	}
	e.mtu = s.config.MTU
	if l.MTU >= ipv4.MinReassembly && l.MTU < e.mtu {
		e.mtu = l.MTU
	}
	if e.claim.State() != neighbour.Held || e.claim.Addr() != e.addr {
		e.claim.Take(now, e.addr, e.hw)
	}
	if had != l.Addr {
		s.wentUp(now)
	}
	s.checkClaim(now)
}

// checkClaim sends what the claim has to say, and hears what became of it.
func (s *Stack) checkClaim(now time.Duration) {
	e := &s.eth
	for s.ring.room() > 0 {
		h, ok := e.claim.Output(now)
		if !ok {
			break
		}
		s.sendARP(h, ethernet.Broadcast)
	}
	if c := s.link.client; c != nil {
		c.claimed(now)
	}
}

func (c *leaseholder) deadline() time.Duration { return c.Deadline() }

func (c *leaseholder) advance(now time.Duration) {
	c.Advance(now)
	c.step(now)
}

// claimed tells the client what became of the claim.
func (c *leaseholder) claimed(now time.Duration) {
	e := &c.s.eth
	addr, probing := c.Probing()
	switch state := e.claim.State(); {
	case state == neighbour.Held && probing && addr == e.claim.Addr():
		c.NoConflict(now)
		c.step(now)
	case state == neighbour.Conflict && c.State() != dhcp.StateStopped:
		e.claim.Release()
		c.Conflict(now)
		c.step(now)
	}
}

// outputDHCP sends what the client has to say.
func (s *Stack) outputDHCP(now time.Duration, c *dhcp.Client) {
	const headers = ipv4.HeaderLen + udp.HeaderLen
	for f := s.ring.nextFull(); f != nil; f = s.ring.nextFull() {
		b := s.packet(f)
		n, dst, ok := c.Output(now, b[headers:])
		if !ok {
			return
		}
		// The source is the message's ciaddr.
		src := netip.AddrFrom4([4]byte(b[headers+12:]))
		h := hop{src: src, hw: ethernet.Broadcast}
		if dst != limitedBroadcast {
			way, err := s.route(dst, netip.Addr{})
			if err != nil {
				continue
			}
			h = way
		}
		u := udp.Header{SrcPort: dhcpClient, DstPort: dhcpServer, Length: uint16(udp.HeaderLen + n)}
		u.Emit(b[ipv4.HeaderLen:])
		udp.Datagram(b[ipv4.HeaderLen:headers+n]).FillChecksumParts(
			checksum.Pseudo(src, dst, udp.Protocol, udp.HeaderLen+n), checksum.Of(b[headers:headers+n]))
		ip := ipv4.Header{TotalLen: headers + n, ID: s.nextID(), TTL: defaultTTL, Protocol: udp.Protocol, Src: src, Dst: dst}
		ip.Emit(b)
		s.send(now, f, headers+n, &h)
	}
}
