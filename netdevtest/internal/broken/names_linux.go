package broken

import (
	"errors"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// nobody is an address that no device has (RFC 5737).
var nobody = netip.MustParseAddr("203.0.113.1")

func nameDevices() []Device {
	return []Device{
		device("every name is the same address", breaks("NAME-1 NAME-2"), func(d *hooks) {
			d.getHostByName = func(name string) (netip.Addr, error) {
				_, err := d.Device.GetHostByName(name)
				if err != nil {
					return netip.Addr{}, err
				}
				return nobody, nil
			}
		}),
		device("does not know an address for a name", breaks("NAME-2"), func(d *hooks) {
			d.getHostByName = func(name string) (netip.Addr, error) {
				if _, err := netip.ParseAddr(name); err == nil {
					return netip.Addr{}, netdev.ErrHostUnknown
				}
				return d.Device.GetHostByName(name)
			}
		}),
		device("an unknown name is no error", breaks("NAME-3 NAME-4"), func(d *hooks) {
			d.getHostByName = func(name string) (netip.Addr, error) {
				addr, err := d.Device.GetHostByName(name)
				return addr, replace(err, netdev.ErrHostUnknown, nil)
			}
		}),
		device("panics at a long name", breaks("NAME-4"), func(d *hooks) {
			d.getHostByName = func(name string) (netip.Addr, error) {
				var field [255]byte
				for i := range len(name) {
					field[i] = name[i]
				}
				return d.Device.GetHostByName(name)
			}
		}),
		device("has the unspecified address", breaks("NAME-5"), func(d *hooks) {
			d.addr = func() (netip.Addr, error) { return netip.IPv4Unspecified(), nil }
		}),
	}
}

func errorDevices() []Device {
	return []Device{
		receiving("a timeout is an error of its own", "ERR-1", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			n, err := d.Device.Recv(fd, buf, flags, deadline)
			return n, replace(err, netdev.ErrTimeout, errors.New("chip: timeout"))
		}),
		receiving("closed is an error of its own", "ERR-2", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			n, err := d.Device.Recv(fd, buf, flags, deadline)
			return n, replace(err, netdev.ErrClosed, errors.New("chip: socket gone"))
		}),
		device("unsupported is an error of its own", breaks("ERR-3"), func(d *hooks) {
			d.setSockOpt = func(fd, level, opt int, value any) error {
				return replace(d.Device.SetSockOpt(fd, level, opt, value), netdev.ErrNotSupported, errors.New("chip: no"))
			}
		}),
		device("Socket returns 0 beside an error", breaks("ERR-4"), func(d *hooks) {
			d.socket = func(domain, stype, protocol int) (int, error) {
				fd, err := d.Device.Socket(domain, stype, protocol)
				return max(fd, 0), err
			}
		}),
		receiving("Recv returns -1 beside an error", "ERR-5", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			n, err := d.Device.Recv(fd, buf, flags, deadline)
			if err != nil {
				n = -1
			}
			return n, err
		}),
	}
}
