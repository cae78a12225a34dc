package stack

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack/internal/igmp"
)

// multicast is the part of that name.
type multicast struct{ *igmp.Host }

func (m multicast) deadline() time.Duration { return m.Deadline() }

// JoinGroup joins a group. The stack's choice of an interface is eth0.
func (s *Stack) JoinGroup(sockfd int, group netip.Addr, iface string) error {
	s.lock()
	err := s.member(sockfd, group, iface, s.joinGroup)
	s.flush()
	return err
}

// LeaveGroup leaves a group. It takes the interface that JoinGroup was given.
func (s *Stack) LeaveGroup(sockfd int, group netip.Addr, iface string) error {
	s.lock()
	err := s.member(sockfd, group, iface, s.leaveGroup)
	s.flush()
	return err
}

func (s *Stack) member(sockfd int, group netip.Addr, iface string, do func(*socket, joined) error) error {
	k, err := s.use(sockfd)
	if err != nil {
		return err
	}
	if k.isStream() {
		return netdev.ErrNotSupported
	}
	group = group.Unmap()
	switch {
	case !group.IsMulticast():
		return netdev.ErrInvalid
	case group.Is6():
		return netdev.ErrFamilyNotSupported
	}
	j := joined{group: group, index: ethIndex}
	switch iface {
	case "", ethName:
	case loName:
		j.index = loIndex
	default:
		return netdev.ErrAddrNotAvailable
	}
	return do(k, j)
}

func (s *Stack) joinGroup(k *socket, j joined) error {
	d := k.dgram
	for _, o := range d.groups {
		if o == j {
			return netdev.ErrAddrInUse
		}
	}
	if len(d.groups) >= s.config.Groups {
		return netdev.ErrNoBuffers
	}
	if j.index == ethIndex {
		if err := s.eth.join(s, j.group); err != nil {
			return err
		}
	}
	d.groups = append(d.groups, j)
	return nil
}

func (s *Stack) leaveGroup(k *socket, j joined) error {
	d := k.dgram
	for i, o := range d.groups {
		if o == j {
			d.groups = append(d.groups[:i], d.groups[i+1:]...)
			s.leave(j)
			return nil
		}
	}
	return netdev.ErrAddrNotAvailable
}

// leave takes back what joinGroup did for one socket.
func (s *Stack) leave(j joined) {
	if j.index == ethIndex {
		s.eth.leave(s, j.group)
	}
}

// join counts the sockets of a group; the link is told of the first.
func (e *iface) join(s *Stack, group netip.Addr) error {
	for i := range e.memberOf {
		if e.memberOf[i].group == group {
			e.memberOf[i].sockets++
			return nil
		}
	}
	if group != allHosts {
		if e.groups == nil {
			return netdev.ErrNotSupported
		}
		if !e.groups.Join(s.now(), group) {
			return netdev.ErrNoBuffers
		}
	}
	e.memberOf = append(e.memberOf, membership{group, 1})
	return nil
}

// leave tells the link of the last.
func (e *iface) leave(s *Stack, group netip.Addr) {
	for i := range e.memberOf {
		m := &e.memberOf[i]
		if m.group != group {
			continue
		}
		if m.sockets--; m.sockets == 0 {
			e.memberOf = append(e.memberOf[:i], e.memberOf[i+1:]...)
			if group != allHosts {
				e.groups.Leave(s.now(), group)
			}
		}
		return
	}
}

// allHosts is a group that every host is in.
var allHosts = netip.AddrFrom4([4]byte{224, 0, 0, 1})
