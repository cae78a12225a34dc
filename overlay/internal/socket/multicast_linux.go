package socket

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/netdev-go/netdev"
)

// membership tells the options that are a capability of their own.
func membership(level, opt int) (join, ok bool) {
	switch level {
	case unix.IPPROTO_IP:
		return opt == unix.IP_ADD_MEMBERSHIP, opt == unix.IP_ADD_MEMBERSHIP || opt == unix.IP_DROP_MEMBERSHIP
	case unix.IPPROTO_IPV6:
		return opt == unix.IPV6_JOIN_GROUP, opt == unix.IPV6_JOIN_GROUP || opt == unix.IPV6_LEAVE_GROUP
	}
	return false, false
}

// A mreq is what struct ip_mreq, ip_mreqn and ipv6_mreq say. The interface is
// that of index, or else of addr, or else the device's choice.
type mreq struct {
	group netip.Addr
	addr  netip.Addr
	index int
}

func readMreq(level int, val []byte) (m mreq, err error) {
	switch {
	case level == unix.IPPROTO_IPV6 && len(val) >= unix.SizeofIPv6Mreq:
		m.group = netip.AddrFrom16([16]byte(val))
		m.index = readInt(val[16:])
	case level == unix.IPPROTO_IP && len(val) >= unix.SizeofIPMreq:
		m.group, m.addr = netip.AddrFrom4([4]byte(val)), netip.AddrFrom4([4]byte(val[4:]))
		if len(val) >= unix.SizeofIPMreqn {
			m.index = readInt(val[8:])
		}
	default:
		return m, unix.EINVAL
	}
	return m, nil
}

func readInt(val []byte) int { return int(int32(binary.NativeEndian.Uint32(val))) }

func (s *Socket) setMembership(join bool, level int, val []byte) error {
	j, ok := netdev.As[netdev.MulticastJoiner](s.dev)
	if !ok {
		return unix.EOPNOTSUPP
	}
	m, err := readMreq(level, val)
	if err != nil {
		return err
	}
	ifi, err := s.findInterface(m)
	if err != nil {
		return err
	}
	if join {
		return Errno(j.JoinGroup(s.sockfd, m.group, ifi.Name))
	}
	return Errno(j.LeaveGroup(s.sockfd, m.group, ifi.Name))
}

// multicastInterface returns the value of IP_MULTICAST_IF: an address of the
// interface that val, an in_addr, ip_mreq or ip_mreqn, names.
func (s *Socket) multicastInterface(val []byte) (netip.Addr, error) {
	if len(val) >= 4 && len(val) < unix.SizeofIPMreq {
		return netip.AddrFrom4([4]byte(val)), nil
	}
	m, err := readMreq(unix.IPPROTO_IP, val)
	if err != nil || m.index == 0 {
		return m.addr, err
	}
	ifi, err := s.findInterface(m)
	if err != nil {
		return m.addr, err
	}
	for _, p := range ifi.Addrs {
		if p.Addr().Is4() {
			return p.Addr(), nil
		}
	}
	return m.addr, unix.EADDRNOTAVAIL
}

// findInterface returns the interface of m: one without a name where the choice
// is the device's, or there is only one.
func (s *Socket) findInterface(m mreq) (netdev.Interface, error) {
	if m.index == 0 && (!m.addr.IsValid() || m.addr.IsUnspecified()) {
		return netdev.Interface{}, nil
	}
	var list []netdev.Interface
	if l, ok := netdev.As[netdev.InterfaceLister](s.dev); ok {
		all, err := l.Interfaces()
		if err != nil {
			return netdev.Interface{}, Errno(err)
		}
		list = all
	} else if own, err := s.dev.Addr(); err == nil {
		list = []netdev.Interface{{Index: 1, Addrs: []netip.Prefix{netip.PrefixFrom(own, own.BitLen())}}}
	}
	for _, ifi := range list {
		if m.index != 0 {
			if ifi.Index == m.index {
				return ifi, nil
			}
			continue
		}
		for _, p := range ifi.Addrs {
			if p.Addr() == m.addr {
				return ifi, nil
			}
		}
	}
	return netdev.Interface{}, unix.ENODEV
}
