//go:build !tinygo

package net_test

import (
	"time"

	"github.com/netdev-go/netdev"
)

// watched tells when a call has reached the device, so that a test can act
// while it waits there. What it wraps keeps its capabilities.
type watched struct {
	netdev.Netdever
	recv, send chan struct{}
}

func watch(dev netdev.Netdever) *watched {
	return &watched{dev, make(chan struct{}, 1), make(chan struct{}, 1)}
}

func (w *watched) Unwrap() netdev.Netdever { return w.Netdever }

func tell(called chan<- struct{}) {
	select {
	case called <- struct{}{}:
	default:
	}
}

func (w *watched) Send(fd int, b []byte, flags int, deadline time.Time) (int, error) {
	tell(w.send)
	return w.Netdever.Send(fd, b, flags, deadline)
}

func (w *watched) Recv(fd int, b []byte, flags int, deadline time.Time) (int, error) {
	tell(w.recv)
	return w.Netdever.Recv(fd, b, flags, deadline)
}
