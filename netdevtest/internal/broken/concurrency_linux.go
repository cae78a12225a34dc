package broken

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netdev-go/netdev"
)

func concurrencyDevices() []Device {
	return []Device{
		device("holds one lock while it waits", breaks("CONC-1 CONC-3"), func(d *hooks) {
			var mu sync.Mutex
			d.recv = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				mu.Lock()
				defer mu.Unlock()
				return d.Device.Recv(fd, buf, flags, deadline)
			}
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				mu.Lock()
				defer mu.Unlock()
				return d.Device.Send(fd, buf, flags, deadline)
			}
		}),
		device("holds a lock while it connects", breaks("CONC-2"), func(d *hooks) {
			var mu sync.Mutex
			d.connect = func(fd int, host string, ip netip.AddrPort) error {
				mu.Lock()
				defer mu.Unlock()
				return d.Device.Connect(fd, host, ip)
			}
		}),
		device("sends and receives by turns", breaks("CONC-3"), func(d *hooks) {
			var turns sync.Map // of descriptors
			turn := func(fd int) *sync.Mutex {
				mu, _ := turns.LoadOrStore(fd, new(sync.Mutex))
				return mu.(*sync.Mutex)
			}
			d.recv = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				mu := turn(fd)
				if !mu.TryLock() {
					return d.Device.Recv(fd, buf, flags, deadline) // another Recv
				}
				defer mu.Unlock()
				return d.Device.Recv(fd, buf, flags, deadline)
			}
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				if len(buf) > 64 || deadline.IsZero() {
					return d.Device.Send(fd, buf, flags, deadline)
				}
				mu := turn(fd)
				mu.Lock()
				defer mu.Unlock()
				return d.Device.Send(fd, buf, flags, deadline)
			}
		}),
		device("panics when a socket is closed beside another call", breaks("CONC-4"), func(d *hooks) {
			d.setSockOpt = func(fd, level, opt int, value any) error {
				err := d.Device.SetSockOpt(fd, level, opt, value)
				if err == netdev.ErrInvalidSocketFd {
					panic("nil socket")
				}
				return err
			}
		}),
		device("one Accept at a time", breaks("CONC-5"), func(d *hooks) {
			var mu sync.Mutex
			d.accept = func(fd int) (int, netip.AddrPort, error) {
				if !mu.TryLock() {
					return -1, netip.AddrPort{}, netdev.ErrInvalid
				}
				defer mu.Unlock()
				return d.Device.Accept(fd)
			}
		}),
		device("copies of a byte go to each receiver", breaks("CONC-6"), func(d *hooks) {
			var calls atomic.Int32
			d.recv = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				if len(buf) == 700 && calls.Add(1)%3 == 0 {
					flags = netdev.MSG_PEEK
				}
				return d.Device.Recv(fd, buf, flags, deadline)
			}
		}),
	}
}
