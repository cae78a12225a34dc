package broken

import (
	"io"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netdev-go/netdev"
)

// polling is a device whose Poll is poll, over the host's.
func polling(name, rules string, poll func(d *hooks, fd int, events netdev.PollEvents) netdev.PollEvents) Device {
	return device(name, breaks(rules), func(d *hooks) {
		d.poll = func(fd int) (netdev.PollEvents, error) {
			events, err := d.Device.Poll(fd)
			return poll(d, fd, events), err
		}
	})
}

func pollDevices() []Device {
	return []Device{
		device("an event is told once", breaks("POLL-1"), func(d *hooks) {
			var told sync.Map // descriptors whose PollIn was told
			waiting := func(fd int) bool {
				if _, err := d.Device.GetPeerName(fd); err != nil {
					return false
				}
				n, _ := d.Device.Recv(fd, make([]byte, 1), netdev.MSG_PEEK|netdev.MSG_DONTWAIT, time.Time{})
				return n > 0
			}
			d.poll = func(fd int) (netdev.PollEvents, error) {
				events, err := d.Device.Poll(fd)
				if events&netdev.PollIn != 0 && waiting(fd) {
					if _, again := told.LoadOrStore(fd, true); again {
						events &^= netdev.PollIn
					}
				}
				return events, err
			}
			d.recv = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				n, err := d.Device.Recv(fd, buf, flags, deadline)
				if !waiting(fd) {
					told.Delete(fd)
				}
				return n, err
			}
		}),
		device("misses an edge now and then", breaks("POLL-2"), func(d *hooks) {
			d.pollNotify = func(fd int, f func()) error {
				if f == nil {
					return d.Device.PollNotify(fd, nil)
				}
				var calls atomic.Int32
				return d.Device.PollNotify(fd, func() {
					if calls.Add(1)%10 != 9 {
						f()
					}
				})
			}
		}),
		device("SetNonblock does nothing", breaks("POLL-3 POLL-4 POLL-6 POLL-8"), func(d *hooks) {
			d.setNonblock = func(fd int, nonblocking bool) error { return nil }
		}),
		device("a finished Connect is connected already", breaks("POLL-4"), func(d *hooks) {
			var asked sync.Map
			d.connect = func(fd int, host string, ip netip.AddrPort) error {
				err := d.Device.Connect(fd, host, ip)
				if _, again := asked.LoadOrStore(fd, true); again && err == nil {
					return netdev.ErrIsConnected
				}
				return err
			}
		}),
		device("a refused Connect is done", breaks("POLL-5"), func(d *hooks) {
			d.connect = func(fd int, host string, ip netip.AddrPort) error {
				return replace(d.Device.Connect(fd, host, ip), netdev.ErrConnRefused, nil)
			}
		}),
		polling("PollOut comes before Connect's outcome", "POLL-6", func(d *hooks, fd int, events netdev.PollEvents) netdev.PollEvents {
			if listens, _ := d.Device.GetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_ACCEPTCON); listens == true {
				return events
			}
			if _, err := d.Device.GetPeerName(fd); err == netdev.ErrNotConnected {
				events |= netdev.PollErr
			}
			return events
		}),
		device("accepted sockets do not wait", breaks("POLL-7"), func(d *hooks) {
			d.accept = func(lfd int) (int, netip.AddrPort, error) {
				fd, from, err := d.Device.Accept(lfd)
				if err == nil {
					d.Device.SetNonblock(fd, true)
				}
				return fd, from, err
			}
		}),
		device("a stream always takes more", breaks("POLL-8"), func(d *hooks) {
			d.poll = func(fd int) (netdev.PollEvents, error) {
				events, err := d.Device.Poll(fd)
				if _, none := d.Device.GetPeerName(fd); none == nil {
					events |= netdev.PollOut
				}
				return events, err
			}
		}),
		polling("the end of a stream is no event", "POLL-9 POLL-14", func(d *hooks, fd int, events netdev.PollEvents) netdev.PollEvents {
			if _, none := d.Device.GetPeerName(fd); none == nil && events&netdev.PollIn != 0 && !d.isDatagram(fd) {
				_, err := d.Device.Recv(fd, make([]byte, 1), netdev.MSG_PEEK|netdev.MSG_DONTWAIT, time.Time{})
				if err == io.EOF {
					events &^= netdev.PollIn
				}
			}
			return events
		}),
		polling("there is no hang-up", "POLL-14", func(_ *hooks, _ int, events netdev.PollEvents) netdev.PollEvents {
			return events &^ netdev.PollHup
		}),
		device("Close is not announced", breaks("POLL-10"), func(d *hooks) {
			d.closeFd = func(fd int) error {
				d.Device.PollNotify(fd, nil)
				return d.Device.Close(fd)
			}
		}),
		device("keeps all functions it was given", breaks("POLL-11"), func(d *hooks) {
			var mu sync.Mutex
			all := make(map[int][]func())
			d.pollNotify = func(fd int, f func()) error {
				mu.Lock()
				if f != nil {
					all[fd] = append(all[fd], f)
				}
				mine := all[fd]
				mu.Unlock()
				return d.Device.PollNotify(fd, func() {
					for _, f := range mine {
						f()
					}
				})
			}
		}),
		receiving("MSG_PEEK takes what it shows", "POLL-12", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			return d.Device.Recv(fd, buf, flags&^netdev.MSG_PEEK, deadline)
		}),
		device("an empty datagram is no event", breaks("POLL-13"), func(d *hooks) {
			d.poll = func(fd int) (netdev.PollEvents, error) {
				events, err := d.Device.Poll(fd)
				if events&netdev.PollIn != 0 && d.isDatagram(fd) {
					n, err := d.Device.Recv(fd, make([]byte, 1), netdev.MSG_PEEK|netdev.MSG_DONTWAIT, time.Time{})
					if n == 0 && err == nil {
						events &^= netdev.PollIn
					}
				}
				return events, err
			}
		}),
	}
}
