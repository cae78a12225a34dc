//go:build !tinygo

package host_test

import (
	"net"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

// loopbackName returns the name of the loopback interface.
func loopbackName(t testing.TB, d *host.Device) string {
	t.Helper()
	list, err := d.Interfaces()
	must(t, err)
	for _, i := range list {
		if i.Flags&net.FlagLoopback != 0 && i.Flags&net.FlagUp != 0 {
			return i.Name
		}
	}
	t.Skip("no loopback interface on this host")
	return ""
}

// groupInterface returns the name of an interface on which group can be sent
// to. A group of the test stays on the host: it is a loopback one, or of
// interface-local scope, which no interface lets out.
func groupInterface(t testing.TB, d *host.Device, group netip.Addr) string {
	t.Helper()
	lo := loopbackName(t, d)
	if group.Is4() {
		return lo
	}
	list, err := d.Interfaces()
	must(t, err)
	for _, i := range list {
		fd := socket(t, d, netdev.AF_INET6, netdev.SOCK_DGRAM)
		if i.Flags&net.FlagUp == 0 {
			continue
		}
		if _, err := d.SendTo(fd, nil, 0, netip.AddrPortFrom(group.WithZone(i.Name), 9), soon()); err == nil {
			return i.Name
		}
	}
	t.Skip("no interface of this host has a route for IPv6 multicast")
	return ""
}

func TestMulticast(t *testing.T) {
	for _, test := range []struct {
		name   string
		domain int
		group  netip.Addr
		any    netip.Addr
	}{
		{"IPv4", netdev.AF_INET, netip.MustParseAddr("239.77.1.2"), netip.IPv4Unspecified()},
		{"IPv6", netdev.AF_INET6, netip.MustParseAddr("ff01::4d:1:2"), netip.IPv6Unspecified()},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.domain == netdev.AF_INET6 {
				needIPv6(t)
			}
			d := host.New()
			lo := groupInterface(t, d, test.group)
			member := socket(t, d, test.domain, netdev.SOCK_DGRAM)
			stranger := socket(t, d, test.domain, netdev.SOCK_DGRAM)
			other := socket(t, d, test.domain, netdev.SOCK_DGRAM)
			for _, fd := range []int{member, stranger, other} {
				must(t, d.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_REUSEADDR, true))
			}
			must(t, d.Bind(member, netip.AddrPortFrom(test.any, 0)))
			at := sockName(t, d, member)
			must(t, d.Bind(stranger, at))
			must(t, d.Bind(other, at))
			must(t, d.JoinGroup(member, test.group, lo))
			second := test.group.Next()
			must(t, d.JoinGroup(stranger, second, lo))

			send := func(to netip.Addr) {
				t.Helper()
				fd := socket(t, d, test.domain, netdev.SOCK_DGRAM)
				if to.Is4() {
					must(t, d.SetSockOpt(fd, netdev.IPPROTO_IP, netdev.IP_MULTICAST_IF, loopback))
				} else {
					to = to.WithZone(lo)
				}
				if _, err := d.SendTo(fd, []byte(to.WithZone("").String()), 0, netip.AddrPortFrom(to, at.Port()), soon()); err != nil {
					t.Fatal(err)
				}
			}
			buf := make([]byte, 64)
			send(test.group)
			n, err := d.Recv(member, buf, 0, soon())
			if string(buf[:n]) != test.group.String() || err != nil {
				t.Fatalf("member heard %q, %v", buf[:n], err)
			}
			// A member of one group does not hear the other.
			if n, err := d.Recv(stranger, buf, netdev.MSG_DONTWAIT, never); err != netdev.ErrWouldBlock {
				t.Errorf("member of another group heard %q, %v", buf[:n], err)
			}
			must(t, d.LeaveGroup(member, test.group, lo))
			send(test.group)
			send(second)
			n, err = d.Recv(stranger, buf, 0, soon())
			if string(buf[:n]) != second.String() || err != nil {
				t.Errorf("member of the second group heard %q, %v", buf[:n], err)
			}
			if n, err := d.Recv(member, buf, netdev.MSG_DONTWAIT, never); err != netdev.ErrWouldBlock {
				t.Errorf("who has left heard %q, %v", buf[:n], err)
			}
		})
	}
}

func TestJoinGroupRefusesWhatIsNone(t *testing.T) {
	d := host.New()
	udp, _ := bound(t, d)
	group := netip.MustParseAddr("239.77.1.2")
	wantErr(t, "no group", d.JoinGroup(udp, loopback, ""), netdev.ErrInvalid)
	wantErr(t, "no address", d.JoinGroup(udp, netip.Addr{}, ""), netdev.ErrInvalid)
	wantErr(t, "IPv6 on IPv4", d.JoinGroup(udp, netip.MustParseAddr("ff02::fb"), ""), netdev.ErrFamilyNotSupported)
	wantErr(t, "stream", d.JoinGroup(stream(t, d), group, ""), netdev.ErrNotSupported)
	for _, name := range []string{"nosuchthing", "a name that is longer than names are", "a\x00b", "999999"} {
		if err := d.JoinGroup(udp, group, name); err == nil {
			t.Errorf("joined on %q", name)
		}
	}
	wantErr(t, "LeaveGroup of a stranger", d.LeaveGroup(udp, group, loopbackName(t, d)), netdev.ErrAddrNotAvailable)
}

func TestDeviceChoosesAnInterface(t *testing.T) {
	d := host.New()
	loopbackName(t, d)
	udp, _ := bound(t, d)
	group := netip.MustParseAddr("239.77.1.3")
	must(t, d.JoinGroup(udp, group, ""))
	must(t, d.LeaveGroup(udp, group, ""))
}
