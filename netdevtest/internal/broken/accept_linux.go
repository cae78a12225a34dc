package broken

import (
	"net/netip"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
)

func acceptDevices() []Device {
	return []Device{
		device("Accept does not know the peer", breaks("ACC-1 ACC-3 ACC-5"), func(d *hooks) {
			d.accept = func(lfd int) (int, netip.AddrPort, error) {
				fd, _, err := d.Device.Accept(lfd)
				return fd, netip.AddrPort{}, err
			}
		}),
		device("Accept waits for the peer to speak", breaks("ACC-1 ACC-2 ACC-3 ACC-6 ACC-10"), func(d *hooks) {
			d.accept = func(lfd int) (int, netip.AddrPort, error) {
				fd, from, err := d.Device.Accept(lfd)
				if err == nil {
					d.Device.Recv(fd, make([]byte, 1), netdev.MSG_PEEK, time.Time{})
				}
				return fd, from, err
			}
		}),
		device("hands out connections that died in the backlog", breaks("ACC-3"), acceptEarly),
		device("Accept ignores Close", breaks("ACC-4"), func(d *hooks) {
			d.accept = func(lfd int) (int, netip.AddrPort, error) {
				fd, from, err := d.Device.Accept(lfd)
				if err == netdev.ErrClosed {
					d.hang()
				}
				return fd, from, err
			}
		}),
		device("loses what came before Accept", breaks("ACC-5"), func(d *hooks) {
			d.accept = func(lfd int) (int, netip.AddrPort, error) {
				fd, from, err := d.Device.Accept(lfd)
				if err == nil {
					d.Device.Recv(fd, make([]byte, 100), netdev.MSG_DONTWAIT, time.Time{})
				}
				return fd, from, err
			}
		}),
		device("a listener takes its connections along", breaks("ACC-6"), func(d *hooks) {
			var children sync.Map
			d.accept = func(lfd int) (int, netip.AddrPort, error) {
				fd, from, err := d.Device.Accept(lfd)
				if err == nil {
					children.Store(fd, lfd)
				}
				return fd, from, err
			}
			d.closeFd = func(lfd int) error {
				children.Range(func(fd, parent any) bool {
					if parent == lfd {
						children.Delete(fd)
						d.Device.Close(fd.(int))
					}
					return true
				})
				return d.Device.Close(lfd)
			}
		}),
		device("a closed listener goes on listening", breaks("ACC-7"), func(d *hooks) {
			d.closeFd = func(fd int) error {
				listens, _ := d.Device.GetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_ACCEPTCON)
				addr, _ := d.Device.GetSockName(fd)
				err := d.Device.Close(fd)
				if listens == true {
					hidden, _ := d.Device.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
					d.Device.Bind(hidden, addr)
					d.Device.Listen(hidden, 1)
					go func() {
						d.hang()
						d.Device.Close(hidden)
					}()
				}
				return err
			}
		}),
		device("Accept waits where nothing listens", breaks("ACC-8"), func(d *hooks) {
			d.accept = func(lfd int) (int, netip.AddrPort, error) {
				fd, from, err := d.Device.Accept(lfd)
				if err == netdev.ErrInvalid {
					d.hang()
				}
				return fd, from, err
			}
		}),
		device("anything listens", breaks("ACC-9"), func(d *hooks) {
			d.listen = func(fd, backlog int) error {
				return replace(d.Device.Listen(fd, backlog), netdev.ErrNotSupported, nil)
			}
		}),
		device("a backlog of 0 is refused", breaks("ACC-10"), func(d *hooks) {
			d.listen = func(fd, backlog int) error {
				if backlog == 0 {
					return netdev.ErrInvalid
				}
				return d.Device.Listen(fd, backlog)
			}
		}),
	}
}

// acceptEarly takes each connection from the kernel as soon as it is there, as
// a chip with its own queue does, and never looks at it again.
func acceptEarly(d *hooks) {
	type accepted struct {
		fd   int
		from netip.AddrPort
		err  error
	}
	var queues sync.Map
	d.listen = func(lfd, backlog int) error {
		if err := d.Device.Listen(lfd, backlog); err != nil {
			return err
		}
		queue := make(chan accepted, 100)
		queues.Store(lfd, queue)
		go func() {
			for {
				fd, from, err := d.Device.Accept(lfd)
				if err == netdev.ErrInvalidSocketFd {
					err = netdev.ErrClosed
				}
				queue <- accepted{fd, from, err}
				if err != nil {
					close(queue)
					return
				}
			}
		}()
		return nil
	}
	d.accept = func(lfd int) (int, netip.AddrPort, error) {
		queue, ok := queues.Load(lfd)
		if !ok {
			return d.Device.Accept(lfd)
		}
		if a, ok := <-queue.(chan accepted); ok {
			return a.fd, a.from, a.err
		}
		return -1, netip.AddrPort{}, netdev.ErrInvalidSocketFd
	}
}
