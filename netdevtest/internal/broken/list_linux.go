package broken

import (
	"context"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

func listDevices() []Device {
	return []Device{
		device("JoinGroup does nothing", breaks("MCAST-1 MCAST-2"), func(d *hooks) {
			d.joinGroup = func(fd int, group netip.Addr, iface string) error { return nil }
		}),
		device("LeaveGroup does nothing", breaks("MCAST-1 MCAST-2"), func(d *hooks) {
			d.leaveGroup = func(fd int, group netip.Addr, iface string) error { return nil }
		}),
		device("joins what is no group", breaks("MCAST-2"), func(d *hooks) {
			d.joinGroup = func(fd int, group netip.Addr, iface string) error {
				return replace(d.Device.JoinGroup(fd, group, iface), netdev.ErrInvalid, nil)
			}
		}),

		device("counts interfaces from 0", breaks("IFACE-1"), func(d *hooks) {
			d.interfaces = func() ([]netdev.Interface, error) {
				all, err := d.Device.Interfaces()
				for i := range all {
					all[i].Index = i
				}
				return all, err
			}
		}),
		device("interfaces have no addresses", breaks("IFACE-2"), func(d *hooks) {
			d.interfaces = func() ([]netdev.Interface, error) {
				all, err := d.Device.Interfaces()
				for i := range all {
					all[i].Addrs = nil
				}
				return all, err
			}
		}),
		device("is in no group that it joined", breaks("IFACE-3"), func(d *hooks) {
			d.interfaces = func() ([]netdev.Interface, error) {
				all, err := d.Device.Interfaces()
				for i := range all {
					all[i].Groups = []netip.Addr{}
				}
				return all, err
			}
		}),

		device("its DNS servers are not known yet, and 0.0.0.0", breaks("DNS-1"), func(d *hooks) {
			d.dnsServers = func() []netip.Addr { return []netip.Addr{netip.IPv4Unspecified()} }
		}),
		device("hands out its own list of DNS servers", breaks("DNS-2"), func(d *hooks) {
			own := []netip.Addr{nobody}
			d.dnsServers = func() []netip.Addr { return own }
		}),

		device("sockets are in no state", breaks("LIST-1"), func(d *hooks) {
			d.sockets = func() ([]netdev.SocketInfo, error) {
				all, err := d.Device.Sockets()
				for i := range all {
					all[i].State = ""
				}
				return all, err
			}
		}),
		device("lists closed sockets", breaks("LIST-2"), func(d *hooks) {
			var closed []netdev.SocketInfo
			d.closeFd = func(fd int) error {
				closed = append(closed, netdev.SocketInfo{Sockfd: fd, State: "CLOSED"})
				return d.Device.Close(fd)
			}
			d.sockets = func() ([]netdev.SocketInfo, error) {
				all, err := d.Device.Sockets()
				return append(all, closed...), err
			}
		}),

		device("a ping takes no time", breaks("PING-1"), func(d *hooks) {
			d.ping = func(ctx context.Context, _ netip.Addr, _ []byte) (time.Duration, error) {
				return 0, ctx.Err()
			}
		}),
		device("pings without a look at the context", breaks("PING-2"), func(d *hooks) {
			d.ping = func(context.Context, netip.Addr, []byte) (time.Duration, error) {
				return time.Nanosecond, nil
			}
		}),
	}
}
