package stack

import (
	"github.com/netdev-go/netdev/dns"
	"github.com/netdev-go/netdev/stack/internal/fragment"
	"github.com/netdev-go/netdev/stack/internal/igmp"
	"github.com/netdev-go/netdev/stack/internal/neighbour"
	"github.com/netdev-go/netdev/stack/tcp"
)

// Counters count what a stack has seen since it was made, under the names of the
// MIBs where those have one (RFC 2863, 4293, 4113, 4022), and of Linux. On a 32-bit
// machine they begin anew at 2³², as a MIB's Counter32 does.
type Counters struct {
	Interface InterfaceCounters
	IP        IPCounters
	ICMP      ICMPCounters
	UDP       UDPCounters
	TCP       tcp.Counters
	Fragments fragment.Counters
	Neighbour neighbour.Counters
	IGMP      igmp.Counters
	DNS       dns.Stats

	Blocks, BlocksInUse, BlocksPeak int // of the memory of all sockets
	Sockets                         int // open
}

// own are those that no part of the stack keeps.
type own struct {
	Interface InterfaceCounters
	IP        IPCounters
	ICMP      ICMPCounters
	UDP       UDPCounters
}

// InterfaceCounters count frames of eth0.
type InterfaceCounters struct {
	InFrames, OutFrames uint
	InOctets, OutOctets uint
	InErrors            uint // frames that are none, and errors of the device
	InDiscards          uint // frames for other stations
	InUnknownProtos     uint // frames that carry neither IPv4 nor ARP
	OutErrors           uint // frames that the device did not take
	OutDiscards         uint // packets dropped because the ring was full
}

// IPCounters count packets, those through the loopback interface included.
type IPCounters struct {
	InReceives      uint
	InHdrErrors     uint // malformed, or with a wrong checksum
	InAddrErrors    uint // to or from an address that cannot be
	InUnknownProtos uint
	InDelivers      uint
	OutRequests     uint
	OutNoRoutes     uint
	OutFragCreates  uint
	OutFragOKs      uint
}

// ICMPCounters count messages.
type ICMPCounters struct {
	InMsgs, OutMsgs      uint
	InErrors             uint // malformed, or with a wrong checksum
	InEchos, OutEchoReps uint
	OutEchos, InEchoReps uint
	InDestUnreachs       uint
	OutDestUnreachs      uint
	OutTimeExcds         uint
	RateLimited          uint // errors not sent
}

// UDPCounters count datagrams.
type UDPCounters struct {
	InDatagrams  uint // delivered
	NoPorts      uint // nobody was there for
	InErrors     uint // malformed
	InCsumErrors uint
	RcvbufErrors uint // the socket's queue was full
	MemErrors    uint // the memory of all sockets was
	OutDatagrams uint
}

// Counters returns the counters.
func (s *Stack) Counters() Counters {
	s.lock()
	defer s.mu.Unlock()
	o := &s.counters
	c := Counters{Interface: o.Interface, IP: o.IP, ICMP: o.ICMP, UDP: o.UDP}
	if s.streams != nil {
		c.TCP = s.streams.counters()
	}
	c.Fragments = s.frags.Counters
	c.Neighbour = s.eth.neighbours.Counters
	if h, ok := s.eth.groups.(multicast); ok {
		c.IGMP = h.Counters
	}
	if s.resolver != nil {
		c.DNS = s.resolver.Stats()
	}
	c.ICMP.RateLimited = s.icmpRate.Denied
	c.Blocks, c.BlocksInUse, c.BlocksPeak = s.pool.Blocks(), s.pool.InUse(), s.pool.Peak()
	c.Sockets = s.table.count
	return c
}
