package socket

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/internal/bare"
)

// joiner is a device with multicast and no raw options, as a chip may be. Groups
// are kept with the interface.
type joiner struct {
	netdev.Netdever
	groups map[membershipOf]bool
	from   netip.Addr // IP_MULTICAST_IF
}

type membershipOf struct{ group, iface string }

func (j *joiner) JoinGroup(_ int, group netip.Addr, iface string) error {
	j.groups[membershipOf{group.String(), iface}] = true
	return nil
}

func (j *joiner) LeaveGroup(_ int, group netip.Addr, iface string) error {
	delete(j.groups, membershipOf{group.String(), iface})
	return nil
}

func (j *joiner) SetSockOpt(fd, level, opt int, value any) error {
	if a, ok := value.(netip.Addr); ok && level == netdev.IPPROTO_IP && opt == netdev.IP_MULTICAST_IF {
		j.from = a
		return nil
	}
	return j.Netdever.SetSockOpt(fd, level, opt, value)
}

func (j *joiner) GetSockOpt(int, int, int) (any, error) { return j.from, nil }

func (j *joiner) Addr() (netip.Addr, error) { return netip.MustParseAddr("192.0.2.7"), nil }

// twoCards is a joiner with two interfaces.
type twoCards struct{ *joiner }

func (twoCards) Interfaces() ([]netdev.Interface, error) {
	return []netdev.Interface{
		{Index: 4, Name: "lo", Addrs: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8")}},
		{Index: 5, Name: "eth0", Addrs: []netip.Prefix{netip.MustParsePrefix("fe80::1/64"), netip.MustParsePrefix("192.0.2.7/24")}},
		{Index: 6, Name: "eth1"},
	}, nil
}

func newJoiner() *joiner {
	return &joiner{Netdever: bare.Device(host.New()), groups: make(map[membershipOf]bool)}
}

// request is a group, the address of an interface and its index, of which what is
// not given is left out.
func request(group, addr string, index ...uint32) []byte {
	b := netip.MustParseAddr(group).AsSlice()
	if addr != "" {
		b = append(b, netip.MustParseAddr(addr).AsSlice()...)
	}
	for _, i := range index {
		b = binary.NativeEndian.AppendUint32(b, i)
	}
	return b
}

func TestMembershipIsACapability(t *testing.T) {
	val := request("224.0.0.251", "0.0.0.0")
	fd, s := open(t, bare.Device(host.New()), unix.SOCK_DGRAM)
	defer shut(fd, s)
	if err := s.Setsockopt(unix.IPPROTO_IP, unix.IP_ADD_MEMBERSHIP, val); err != unix.EOPNOTSUPP {
		t.Errorf("without the capability: %v, want EOPNOTSUPP", err)
	}
}

func TestMembershipIsOfTheInterfaceThatIsNamed(t *testing.T) {
	one := newJoiner()
	two := twoCards{newJoiner()}
	for _, test := range []struct {
		dev   netdev.Netdever
		val   []byte
		iface string
		err   error
	}{
		{two, request("224.0.0.251", "0.0.0.0"), "", nil},
		{two, request("224.0.0.251", "0.0.0.0", 0), "", nil},
		{two, request("224.0.0.251", "127.0.0.1"), "lo", nil},
		{two, request("224.0.0.251", "192.0.2.7"), "eth0", nil},
		{two, request("224.0.0.251", "0.0.0.0", 4), "lo", nil},
		{two, request("224.0.0.251", "127.0.0.1", 5), "eth0", nil},
		{two, request("224.0.0.251", "0.0.0.0", 6), "eth1", nil},
		{two, request("ff02::fb", "", 0), "", nil},
		{two, request("ff02::fb", "", 5), "eth0", nil},
		{two, request("224.0.0.251", "192.0.2.8"), "", unix.ENODEV},
		{two, request("224.0.0.251", "192.0.2.7", 7), "", unix.ENODEV},
		{two, request("224.0.0.251", ""), "", unix.EINVAL},
		{two, request("ff02::fb", ""), "", unix.EINVAL},
		{one, request("224.0.0.251", "0.0.0.0"), "", nil},
		{one, request("224.0.0.251", "192.0.2.7"), "", nil},
		{one, request("224.0.0.251", "0.0.0.0", 1), "", nil},
		{one, request("224.0.0.251", "192.0.2.8"), "", unix.ENODEV},
		{one, request("224.0.0.251", "0.0.0.0", 2), "", unix.ENODEV},
	} {
		fd, s := open(t, test.dev, unix.SOCK_DGRAM)
		level, join, leave, group := unix.IPPROTO_IP, unix.IP_ADD_MEMBERSHIP, unix.IP_DROP_MEMBERSHIP, "224.0.0.251"
		if test.val[0] == 0xff {
			level, join, leave, group = unix.IPPROTO_IPV6, unix.IPV6_JOIN_GROUP, unix.IPV6_LEAVE_GROUP, "ff02::fb"
		}
		groups := one.groups
		if test.dev != one {
			groups = two.groups
		}
		err := s.Setsockopt(level, join, test.val)
		if err != test.err || groups[membershipOf{group, test.iface}] != (err == nil) {
			t.Errorf("%v: joined %v, %v; want it on %q, %v", test.val, groups, err, test.iface, test.err)
		}
		if err := s.Setsockopt(level, leave, test.val); err != test.err || len(groups) != 0 {
			t.Errorf("%v: left %v, %v", test.val, groups, err)
		}
		clear(groups)
		shut(fd, s)
	}
}

func TestMulticastInterfaceIsAnAddressOfIt(t *testing.T) {
	dev := twoCards{newJoiner()}
	fd, s := open(t, dev, unix.SOCK_DGRAM)
	defer shut(fd, s)
	for _, test := range []struct {
		val  []byte
		want string
		err  error
	}{
		{request("192.0.2.7", ""), "192.0.2.7", nil},
		{request("0.0.0.0", ""), "0.0.0.0", nil},
		{request("0.0.0.0", "192.0.2.7"), "192.0.2.7", nil},
		{request("0.0.0.0", "0.0.0.0", 0), "0.0.0.0", nil},
		{request("0.0.0.0", "0.0.0.0", 5), "192.0.2.7", nil},
		{request("0.0.0.0", "0.0.0.0", 6), "invalid IP", unix.EADDRNOTAVAIL},
		{request("0.0.0.0", "0.0.0.0", 9), "invalid IP", unix.ENODEV},
		{[]byte{1}, "invalid IP", unix.EINVAL},
	} {
		dev.from = netip.Addr{}
		err := s.Setsockopt(unix.IPPROTO_IP, unix.IP_MULTICAST_IF, test.val)
		if err != test.err || dev.from.String() != test.want {
			t.Errorf("%v: %v, %v; want %v, %v", test.val, dev.from, err, test.want, test.err)
		}
		if test.err != nil {
			continue
		}
		var got [4]byte
		n, err := s.Getsockopt(unix.IPPROTO_IP, unix.IP_MULTICAST_IF, got[:])
		if n != 4 || err != nil || netip.AddrFrom4(got).String() != test.want {
			t.Errorf("read back: %v, %d, %v; want %v", got, n, err, test.want)
		}
	}
}
