package broken

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/bare"
)

// only is device without capabilities, so that package net stands on the
// eleven methods alone.
func only(d Device) Device {
	with := d.New
	d.New = func(tb testing.TB) netdev.Netdever { return bare.Device(with(tb)) }
	return d
}

func netDevices() []Device {
	return []Device{
		only(device("loses a byte below package net", breaks("NET-3"), func(d *hooks) {
			lost := false
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				if len(buf) > 1000 && !lost {
					lost = true
					n, err := d.Device.Send(fd, buf[1:], flags, deadline)
					return n + 1, err
				}
				return d.Device.Send(fd, buf, flags, deadline)
			}
		})),
		only(receiving("never times out below package net", "NET-4 NET-5", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			if len(buf) > 10 {
				return d.Device.Recv(fd, buf, flags, deadline)
			}
			n, err := d.Device.Recv(fd, buf, flags, time.Time{})
			if errors.Is(err, netdev.ErrClosed) {
				d.hang()
			}
			return n, err
		})),
		only(device("a refusal is another error below package net", breaks("NET-7"), func(d *hooks) {
			d.connect = func(fd int, host string, ip netip.AddrPort) error {
				return replace(d.Device.Connect(fd, host, ip), netdev.ErrConnRefused, netdev.ErrNetDown)
			}
		})),
		receivingFrom("does not know the sender below package net", "NET-9", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error) {
			n, _, err := d.Device.RecvFrom(fd, buf, flags, deadline)
			return n, netip.AddrPort{}, err
		}),
	}
}

func soakDevices() []Device {
	return []Device{
		device("leaks a socket for each stream", breaks("SOAK-1 SOAK-3 SOAK-5"), func(d *hooks) {
			d.closeFd = func(fd int) error {
				if !d.isDatagram(fd) {
					if _, err := d.Device.GetPeerName(fd); err == netdev.ErrNotConnected {
						return nil
					}
				}
				return d.Device.Close(fd)
			}
		}),
		device("leaks a goroutine for each Close", breaks("SOAK-1 SOAK-2 SOAK-3 SOAK-4 SOAK-5"), func(d *hooks) {
			d.closeFd = func(fd int) error {
				go d.hang()
				return d.Device.Close(fd)
			}
		}),
	}
}
