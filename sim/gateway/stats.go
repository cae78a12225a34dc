package gateway

import "sync/atomic"

// Stats is what a gateway has counted since New.
type Stats struct {
	DHCP        DHCPStats
	DNS         DNSStats
	TCP         StreamStats // from boards to the world
	UDP         FlowStats   // from boards to the world
	Echo        EchoStats
	TCPForwards StreamStats // from the host to boards
	UDPForwards FlowStats   // from the host to boards
}

// DHCPStats counts messages.
type DHCPStats struct {
	Discover, Request, Decline, Release, Inform uint64 // received
	Offer, Ack, Nak                             uint64 // sent
	Ignored                                     uint64 // had no answer, by design or because it was no message of a client
	Exhausted                                   uint64 // no address was left to offer
}

// DNSStats counts queries.
type DNSStats struct {
	Queries   uint64
	Malformed uint64 // no queries, or such that get an error at once
	Local     uint64 // answered from the network's own names
	Resolved  uint64 // by the host's resolver
	Forwarded uint64 // to a server
	Failed    uint64 // of those two, without an answer
	Truncated uint64
	Dropped   uint64 // too many were under way
}

// StreamStats counts TCP connections by who asks for them. Opened, Failed and
// Overflow are all that were asked for and whose outcome is known.
type StreamStats struct {
	Opened   uint64 // both ends connected
	Active   uint64 // of those, not ended yet
	Reset    uint64 // of those, ended by an error or a reset
	Failed   uint64 // the far end could not be reached, or said no
	Overflow uint64 // beyond MaxConnections, or displaced before they were established
	Sent     uint64 // bytes to the far end
	Received uint64 // bytes from it
}

// FlowStats counts UDP flows by who speaks first, and datagrams.
type FlowStats struct {
	Opened      uint64
	Active      uint64
	Expired     uint64 // idle for UDPTimeout
	Evicted     uint64 // idle for longest when another one needed room
	Failed      uint64 // could not be opened
	Sent        uint64 // datagrams to the far end
	Received    uint64 // datagrams from it
	Dropped     uint64 // datagrams in either direction
	Unreachable uint64 // errors that the far end answered with
}

// EchoStats counts echo requests.
type EchoStats struct {
	Requests uint64
	Replies  uint64
	Failed   uint64 // no reply
	Overflow uint64 // beyond MaxEchoes
}

type streamCounters struct {
	opened, active, reset, failed, overflow, sent, received atomic.Uint64
}

func (c *streamCounters) stats() StreamStats {
	return StreamStats{
		Opened: c.opened.Load(), Active: c.active.Load(), Reset: c.reset.Load(), Failed: c.failed.Load(),
		Overflow: c.overflow.Load(), Sent: c.sent.Load(), Received: c.received.Load(),
	}
}

type flowCounters struct {
	opened, active, expired, evicted, failed, sent, received, dropped, unreachable atomic.Uint64
}

func (c *flowCounters) stats() FlowStats {
	return FlowStats{
		Opened: c.opened.Load(), Active: c.active.Load(), Expired: c.expired.Load(), Evicted: c.evicted.Load(), Failed: c.failed.Load(),
		Sent: c.sent.Load(), Received: c.received.Load(), Dropped: c.dropped.Load(), Unreachable: c.unreachable.Load(),
	}
}

type echoCounters struct{ requests, replies, failed, overflow atomic.Uint64 }

// Stats returns what was counted so far.
func (g *Gateway) Stats() Stats {
	e := &g.echo
	return Stats{
		DHCP: DHCPStats(g.dhcp.Stats()), DNS: DNSStats(g.dns.Stats()),
		TCP: g.tcp.stats(), UDP: g.udp.stats(), TCPForwards: g.tcpForwards.stats(), UDPForwards: g.udpForwards.stats(),
		Echo: EchoStats{Requests: e.requests.Load(), Replies: e.replies.Load(), Failed: e.failed.Load(), Overflow: e.overflow.Load()},
	}
}
