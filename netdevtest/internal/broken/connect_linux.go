package broken

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

func connectDevices() []Device {
	return []Device{
		device("speaks first by itself", breaks("CONN-1 CONN-5 CONN-7 CONN-8"), func(d *hooks) {
			d.connect = func(fd int, host string, ip netip.AddrPort) error {
				err := d.Device.Connect(fd, host, ip)
				if err == nil && !d.isDatagram(fd) {
					d.Device.Send(fd, []byte("hello"), 0, time.Time{})
				}
				return err
			}
		}),
		device("a refusal is another error", breaks("CONN-2"), func(d *hooks) {
			d.connect = func(fd int, host string, ip netip.AddrPort) error {
				return replace(d.Device.Connect(fd, host, ip), netdev.ErrConnRefused, netdev.ErrConnReset)
			}
		}),
		device("no route is a timeout", breaks("CONN-3"), func(d *hooks) {
			d.connect = func(fd int, host string, ip netip.AddrPort) error {
				return replace(d.Device.Connect(fd, host, ip), netdev.ErrNetUnreachable, netdev.ErrTimeout)
			}
		}),
		device("Close does not wake Connect", breaks("CONN-4"), func(d *hooks) {
			d.connect = func(fd int, host string, ip netip.AddrPort) error {
				err := d.Device.Connect(fd, host, ip)
				if err == netdev.ErrClosed {
					d.hang()
				}
				return err
			}
		}),
		device("Connect resolves nothing", breaks("CONN-5 CONN-6"), func(d *hooks) {
			d.connect = func(fd int, host string, ip netip.AddrPort) error {
				if !ip.Addr().IsValid() {
					return netdev.ErrInvalid
				}
				return d.Device.Connect(fd, host, ip)
			}
		}),
		device("Connect to an unknown name is refused", breaks("CONN-6"), func(d *hooks) {
			d.connect = func(fd int, host string, ip netip.AddrPort) error {
				return replace(d.Device.Connect(fd, host, ip), netdev.ErrHostUnknown, netdev.ErrConnRefused)
			}
		}),
		device("resolves the name beside an address", breaks("CONN-7"), func(d *hooks) {
			d.connect = func(fd int, host string, ip netip.AddrPort) error {
				if host != "" {
					if _, err := d.Device.GetHostByName(host); err != nil {
						return err
					}
				}
				return d.Device.Connect(fd, host, ip)
			}
		}),
		device("connects twice", breaks("CONN-8"), func(d *hooks) {
			d.connect = func(fd int, host string, ip netip.AddrPort) error {
				return replace(d.Device.Connect(fd, host, ip), netdev.ErrIsConnected, nil)
			}
		}),
		device("a connected datagram socket hears strangers", breaks("CONN-9"), func(d *hooks) {
			var peer netip.AddrPort
			d.connect = func(fd int, host string, ip netip.AddrPort) error {
				if d.isDatagram(fd) && ip.Addr().Is4() {
					peer = ip
					return nil
				}
				return d.Device.Connect(fd, host, ip)
			}
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				if d.isDatagram(fd) {
					return d.Device.SendTo(fd, buf, flags, peer, deadline)
				}
				return d.Device.Send(fd, buf, flags, deadline)
			}
		}),
		device("port 0 is a port", breaks("CONN-10"), func(d *hooks) {
			d.connect = func(fd int, host string, ip netip.AddrPort) error {
				if ip.Port() == 0 {
					return nil
				}
				return d.Device.Connect(fd, host, ip)
			}
		}),
		device("IPv6 on an IPv4 socket connects", breaks("CONN-11"), func(d *hooks) {
			d.connect = func(fd int, host string, ip netip.AddrPort) error {
				if ip.Addr().Is6() {
					return nil
				}
				return d.Device.Connect(fd, host, ip)
			}
		}),
	}
}
