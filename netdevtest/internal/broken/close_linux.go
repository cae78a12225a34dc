package broken

import (
	"sync/atomic"
	"time"

	"github.com/netdev-go/netdev"
)

func closeDevices() []Device {
	return []Device{
		receiving("Close wakes nobody", "CLOSE-1 CLOSE-5", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			n, err := d.Device.Recv(fd, buf, flags, deadline)
			if err == netdev.ErrClosed {
				d.hang()
			}
			return n, err
		}),
		device("Close does not wake all", breaks("CLOSE-1 CLOSE-5"), func(d *hooks) {
			var woken atomic.Int32
			d.recv = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				n, err := d.Device.Recv(fd, buf, flags, deadline)
				if err == netdev.ErrClosed && woken.Add(1)%3 == 2 {
					d.hang()
				}
				return n, err
			}
		}),
		device("Close does not wake Send", breaks("CLOSE-2"), func(d *hooks) {
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				n, err := d.Device.Send(fd, buf, flags, deadline)
				if err == netdev.ErrClosed {
					d.hang()
				}
				return n, err
			}
		}),
		device("panics on a closed descriptor", breaks("CLOSE-3 CLOSE-4"), func(d *hooks) {
			d.recv = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				n, err := d.Device.Recv(fd, buf, flags, deadline)
				if err == netdev.ErrInvalidSocketFd {
					panic("index out of range")
				}
				return n, err
			}
		}),
		device("a closed descriptor is not connected", breaks("CLOSE-3 CLOSE-4"), func(d *hooks) {
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				n, err := d.Device.Send(fd, buf, flags, deadline)
				return n, replace(err, netdev.ErrInvalidSocketFd, netdev.ErrNotConnected)
			}
		}),
		device("panics on a negative descriptor", breaks("CLOSE-4"), func(d *hooks) {
			d.closeFd = func(fd int) error {
				if fd < 0 {
					panic("index out of range")
				}
				return d.Device.Close(fd)
			}
		}),
		device("a second Close is nil", breaks("CLOSE-3 CLOSE-4 CLOSE-8"), func(d *hooks) {
			d.closeFd = func(fd int) error {
				return replace(d.Device.Close(fd), netdev.ErrInvalidSocketFd, nil)
			}
		}),
		device("reuses a descriptor with the old connection", breaks("CLOSE-5"), func(d *hooks) {
			// Recv looks the descriptor's slot up again and again, as a driver
			// that polls its chip does. The host's device gives the next socket
			// of a slot a number that is higher by this.
			const nextOfSlot = 1 << 20
			d.recv = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				n, err := d.Device.Recv(fd, buf, flags, deadline)
				for start := time.Now(); err == netdev.ErrClosed && time.Since(start) < 200*time.Millisecond; {
					m, again := d.Device.Recv(fd+nextOfSlot, buf, flags, time.Now().Add(time.Millisecond))
					if again == nil {
						return m, nil
					}
				}
				return n, err
			}
		}),
		device("Close drops what was sent", breaks("CLOSE-2 CLOSE-6"), func(d *hooks) {
			d.closeFd = func(fd int) error {
				d.Device.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_LINGER, 0)
				return d.Device.Close(fd)
			}
		}),
		device("Close waits for the peer", breaks("CLOSE-2 CLOSE-7"), func(d *hooks) {
			d.closeFd = func(fd int) error {
				all, _ := d.Device.Sockets()
				for _, s := range all {
					if s.Sockfd == fd && s.SendQ > 1<<15 {
						d.hang()
					}
				}
				return d.Device.Close(fd)
			}
		}),
	}
}
