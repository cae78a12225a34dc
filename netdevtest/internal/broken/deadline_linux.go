package broken

import (
	"sync"
	"time"

	"github.com/netdev-go/netdev"
)

func deadlineDevices() []Device {
	return []Device{
		receiving("the zero deadline is soon", "DLN-1 DLN-5", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			if deadline.IsZero() {
				deadline = time.Now().Add(time.Millisecond)
			}
			return d.Device.Recv(fd, buf, flags, deadline)
		}),
		receiving("takes what is there before it looks at the deadline", "DLN-2", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			if n, err := d.Device.Recv(fd, buf, netdev.MSG_DONTWAIT, time.Time{}); err == nil {
				return n, nil
			}
			return d.Device.Recv(fd, buf, flags, deadline)
		}),
		device("Send ignores a deadline in the past", breaks("DLN-2"), func(d *hooks) {
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				if deadline.Before(time.Now()) {
					deadline = time.Time{}
				}
				return d.Device.Send(fd, buf, flags, deadline)
			}
		}),
		receiving("times out early", "DLN-3", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			if wait := time.Until(deadline); wait > 10*time.Millisecond && wait < 100*time.Millisecond {
				deadline = deadline.Add(-wait / 2)
			}
			return d.Device.Recv(fd, buf, flags, deadline)
		}),
		receiving("never times out", "DLN-3 DLN-5 DLN-6 DLN-7", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			if deadline.After(time.Now()) {
				deadline = time.Time{}
			}
			return d.Device.Recv(fd, buf, flags, deadline)
		}),
		device("Send never times out", breaks("DLN-4"), func(d *hooks) {
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				if deadline.After(time.Now()) {
					deadline = time.Time{}
				}
				return d.Device.Send(fd, buf, flags, deadline)
			}
		}),
		device("a deadline sticks to the next call", breaks("DLN-5"), func(d *hooks) {
			var last sync.Map
			d.recv = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				if deadline.IsZero() {
					if stuck, ok := last.LoadAndDelete(fd); ok {
						deadline = stuck.(time.Time)
					}
				} else {
					last.Store(fd, deadline)
				}
				return d.Device.Recv(fd, buf, flags, deadline)
			}
		}),
		device("a timeout loses what comes next", breaks("DLN-6 DLN-7"), func(d *hooks) {
			var timedOut sync.Map
			d.recv = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				n, err := d.Device.Recv(fd, buf, flags, deadline)
				if err == netdev.ErrTimeout && time.Since(deadline) < time.Second {
					timedOut.Store(fd, true)
				} else if _, ok := timedOut.LoadAndDelete(fd); ok && err == nil && len(buf) != 10 {
					return d.Device.Recv(fd, buf, flags, deadline)
				}
				return n, err
			}
		}),
		receiving("a deadline far away is in the past", "DLN-7", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			if deadline.Year() > 2262 {
				deadline = time.Unix(1, 0)
			}
			return d.Device.Recv(fd, buf, flags, deadline)
		}),
	}
}
