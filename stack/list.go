package stack

import (
	"net"
	"net/netip"
	"slices"

	"github.com/netdev-go/netdev"
)

// Names of the interfaces.
const (
	loName  = "lo"
	ethName = "eth0"
)

// Interfaces lists "lo" and "eth0". The latter is up while it has an address.
// Groups holds what sockets have joined, and the group of all hosts on eth0.
func (s *Stack) Interfaces() ([]netdev.Interface, error) {
	s.lock()
	defer s.mu.Unlock()
	lo := netdev.Interface{
		Index: loIndex, MTU: s.eth.mtu, Name: loName,
		Flags:  net.FlagUp | net.FlagRunning | net.FlagLoopback | net.FlagMulticast,
		Addrs:  []netip.Prefix{netip.PrefixFrom(loopback, 8)},
		Groups: s.groupsOf(loIndex),
	}
	eth := netdev.Interface{
		Index: ethIndex, MTU: s.eth.mtu, Name: ethName,
		HardwareAddr: append(net.HardwareAddr(nil), s.eth.hw[:]...),
		Flags:        net.FlagBroadcast | net.FlagMulticast,
		Groups:       s.groupsOf(ethIndex),
	}
	if s.eth.up() {
		eth.Flags |= net.FlagUp | net.FlagRunning
		eth.Addrs = []netip.Prefix{s.eth.prefix}
	}
	return []netdev.Interface{lo, eth}, nil
}

// groupsOf lists the groups of an interface, each once; it never returns nil.
func (s *Stack) groupsOf(index int) []netip.Addr {
	list := []netip.Addr{}
	if index == ethIndex {
		list = append(list, allHosts)
	}
	for i := range s.table.slots {
		k := s.table.slots[i].sock
		if k == nil || k.dgram == nil {
			continue
		}
		for _, j := range k.dgram.groups {
			if j.index == index && !slices.Contains(list, j.group) {
				list = append(list, j.group)
			}
		}
	}
	return list
}

// Sockets lists the open sockets. Type may also be SOCK_RAW. A connection that
// was closed, and goes on only to bring its last bytes to the peer, is not in the
// list.
func (s *Stack) Sockets() ([]netdev.SocketInfo, error) {
	s.lock()
	defer s.mu.Unlock()
	list := make([]netdev.SocketInfo, 0, s.table.count)
	for i := range s.table.slots {
		if k := s.table.slots[i].sock; k != nil {
			list = append(list, k.info())
		}
	}
	return list, nil
}

func (k *socket) info() netdev.SocketInfo {
	info := netdev.SocketInfo{Sockfd: k.fd, Type: int(k.stype), Local: k.localName(), Remote: k.peerName()}
	switch {
	case k.listener != nil:
		info.State = "LISTEN"
	case k.conn != nil:
		info.Remote = k.conn.Remote
		info.State = k.conn.State().String()
		info.RecvQ, info.SendQ = k.conn.Buffered(), k.conn.Unsent()
	case k.isStream():
		info.State = "CLOSED"
	default:
		info.RecvQ = k.dgram.queue.Len()
	}
	return info
}
