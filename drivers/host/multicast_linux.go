//go:build !tinygo

package host

import (
	"net"
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host/internal/gonet"
	"golang.org/x/sys/unix"
)

var _ netdev.MulticastJoiner = (*Device)(nil)

// JoinGroup joins a group. The device's choice of an interface is the kernel's,
// by its routes, and where there is no route one that can do multicast. From
// then on the socket hears the groups that it joined, not those of others.
func (d *Device) JoinGroup(sockfd int, group netip.Addr, iface string) error {
	s, err := d.use(sockfd)
	if err != nil {
		return err
	}
	defer s.release()
	if err := s.member(true, group, iface); err != nil {
		return err
	}
	// Linux gives a socket what any socket of the host has joined.
	if group.Unmap().Is4() {
		return mapError(unix.SetsockoptInt(s.fd, unix.IPPROTO_IP, unix.IP_MULTICAST_ALL, 0))
	}
	return mapError(unix.SetsockoptInt(s.fd, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_ALL, 0))
}

// LeaveGroup leaves a group. It takes the interface that JoinGroup was given.
func (d *Device) LeaveGroup(sockfd int, group netip.Addr, iface string) error {
	s, err := d.use(sockfd)
	if err != nil {
		return err
	}
	defer s.release()
	return s.member(false, group, iface)
}

func (s *socket) member(join bool, group netip.Addr, iface string) error {
	if s.stype == unix.SOCK_STREAM {
		return netdev.ErrNotSupported
	}
	group = group.Unmap()
	if !group.IsMulticast() {
		return netdev.ErrInvalid
	}
	if group.Is6() && s.family == unix.AF_INET {
		return netdev.ErrFamilyNotSupported
	}
	if iface == "" {
		iface = group.Zone()
	}
	if iface != "" {
		index, err := interfaceIndex(s.fd, iface)
		if err != nil {
			return err
		}
		return mapError(s.memberOn(join, group, index))
	}
	err := s.memberOn(join, group, 0)
	if err == unix.ENODEV || err == unix.EADDRNOTAVAIL {
		if index := multicastInterface(group); index != 0 {
			err = s.memberOn(join, group, index)
		}
	}
	return mapError(err)
}

func (s *socket) memberOn(join bool, group netip.Addr, index int) error {
	if group.Is4() {
		opt := unix.IP_DROP_MEMBERSHIP
		if join {
			opt = unix.IP_ADD_MEMBERSHIP
		}
		return unix.SetsockoptIPMreqn(s.fd, unix.IPPROTO_IP, opt,
			&unix.IPMreqn{Multiaddr: group.As4(), Ifindex: int32(index)})
	}
	opt := unix.IPV6_LEAVE_GROUP
	if join {
		opt = unix.IPV6_JOIN_GROUP
	}
	return unix.SetsockoptIPv6Mreq(s.fd, unix.IPPROTO_IPV6, opt,
		&unix.IPv6Mreq{Multiaddr: group.As16(), Interface: uint32(index)})
}

// multicastInterface returns the first interface that can do multicast, or the
// loopback one, or 0.
func multicastInterface(group netip.Addr) int {
	interfaces, err := gonet.Interfaces()
	if err != nil {
		return 0
	}
	loopback := 0
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || !speaks(i, group) {
			continue
		}
		if i.Flags&net.FlagMulticast != 0 {
			return i.Index
		}
		if i.Flags&net.FlagLoopback != 0 {
			loopback = i.Index
		}
	}
	return loopback
}

// speaks reports whether i has an address of group's family.
func speaks(i netdev.Interface, group netip.Addr) bool {
	for _, p := range i.Addrs {
		if p.Addr().Is4() == group.Is4() {
			return true
		}
	}
	return false
}
