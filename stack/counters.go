package stack

import (
	"github.com/netdev-go/netdev/dns"
	"github.com/netdev-go/netdev/stack/internal/fragment"
	"github.com/netdev-go/netdev/stack/internal/igmp"
	"github.com/netdev-go/netdev/stack/internal/neighbour"
	"github.com/netdev-go/netdev/stack/tcp"
)

// Counters count what a stack has seen since it was made, under the names of the
// MIBs where those have one (RFC 2863, 4293, 4113, 4022), and of Linux.
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

// InterfaceCounters count frames of eth0.
type InterfaceCounters struct {
	InFrames, OutFrames uint64
	InOctets, OutOctets uint64
	InErrors            uint64 // frames that are none, and errors of the device
	InDiscards          uint64 // frames for other stations
	InUnknownProtos     uint64 // frames that carry neither IPv4 nor ARP
	OutErrors           uint64 // frames that the device did not take
	OutDiscards         uint64 // packets dropped because the ring was full
}

// IPCounters count packets, those through the loopback interface included.
type IPCounters struct {
	InReceives      uint64
	InHdrErrors     uint64 // malformed, or with a wrong checksum
	InAddrErrors    uint64 // to or from an address that cannot be
	InUnknownProtos uint64
	InDelivers      uint64
	OutRequests     uint64
	OutNoRoutes     uint64
	OutFragCreates  uint64
	OutFragOKs      uint64
}

// ICMPCounters count messages.
type ICMPCounters struct {
	InMsgs, OutMsgs      uint64
	InErrors             uint64 // malformed, or with a wrong checksum
	InEchos, OutEchoReps uint64
	OutEchos, InEchoReps uint64
	InDestUnreachs       uint64
	OutDestUnreachs      uint64
	OutTimeExcds         uint64
	RateLimited          uint64 // errors not sent
}

// UDPCounters count datagrams.
type UDPCounters struct {
	InDatagrams  uint64 // delivered
	NoPorts      uint64 // nobody was there for
	InErrors     uint64 // malformed
	InCsumErrors uint64
	RcvbufErrors uint64 // the socket's queue was full
	MemErrors    uint64 // the memory of all sockets was
	OutDatagrams uint64
}

// Counters returns the counters.
func (s *Stack) Counters() Counters {
	s.lock()
	defer s.mu.Unlock()
	c := s.counters
	c.TCP = s.engine.Counters
	c.Fragments = s.frags.Counters
	c.Neighbour = s.eth.neighbours.Counters
	c.IGMP = s.eth.groups.Counters
	c.DNS = s.resolver.Stats()
	c.ICMP.RateLimited = s.icmpRate.Denied
	c.Blocks, c.BlocksInUse, c.BlocksPeak = s.pool.Blocks(), s.pool.InUse(), s.pool.Peak()
	c.Sockets = s.table.count
	return c
}
