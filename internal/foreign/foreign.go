// Package foreign makes the errors of a driver written for TinyGo those of
// package netdev.
//
// Such a driver is a Netdever as it stands, but what it returns are the
// variables of tinygo.org/x/drivers/netdev: the texts are the same, and
// errors.Is finds none of ours in them. What waits for a netdev.ErrTimeout
// would take its timeout for a failure.
package foreign

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

var published = [...]error{
	netdev.ErrHostUnknown,
	netdev.ErrMalAddr,
	netdev.ErrFamilyNotSupported,
	netdev.ErrProtocolNotSupported,
	netdev.ErrStartingDHCPClient,
	netdev.ErrStartingDHCPServer,
	netdev.ErrNoMoreSockets,
	netdev.ErrClosingSocket,
	netdev.ErrNotSupported,
	netdev.ErrInvalidSocketFd,
	netdev.ErrTimeout,
}

// Error returns the sentinel that has err's text, or err where there is none.
func Error(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	for _, ours := range published {
		if text == ours.Error() {
			return ours
		}
	}
	return err
}

// Device returns dev with its errors as Error has them. Capabilities are not
// touched: netdev.As finds them behind it. A device that polls is none of
// TinyGo's, and is returned as it is: it says ErrWouldBlock all day.
func Device(dev netdev.Netdever) netdev.Netdever {
	if _, done := dev.(device); done {
		return dev
	}
	if _, ours := netdev.As[netdev.Poller](dev); ours {
		return dev
	}
	return device{dev}
}

type device struct{ dev netdev.Netdever }

func (d device) Unwrap() netdev.Netdever { return d.dev }

func (d device) GetHostByName(name string) (netip.Addr, error) {
	addr, err := d.dev.GetHostByName(name)
	return addr, Error(err)
}

func (d device) Addr() (netip.Addr, error) {
	addr, err := d.dev.Addr()
	return addr, Error(err)
}

func (d device) Socket(domain, stype, protocol int) (int, error) {
	fd, err := d.dev.Socket(domain, stype, protocol)
	return fd, Error(err)
}

func (d device) Bind(fd int, ip netip.AddrPort) error { return Error(d.dev.Bind(fd, ip)) }

func (d device) Connect(fd int, host string, ip netip.AddrPort) error {
	return Error(d.dev.Connect(fd, host, ip))
}

func (d device) Listen(fd, backlog int) error { return Error(d.dev.Listen(fd, backlog)) }

func (d device) Accept(fd int) (int, netip.AddrPort, error) {
	conn, peer, err := d.dev.Accept(fd)
	return conn, peer, Error(err)
}

func (d device) Send(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
	n, err := d.dev.Send(fd, buf, flags, deadline)
	return n, Error(err)
}

func (d device) Recv(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
	n, err := d.dev.Recv(fd, buf, flags, deadline)
	return n, Error(err)
}

func (d device) Close(fd int) error { return Error(d.dev.Close(fd)) }

func (d device) SetSockOpt(fd, level, opt int, value interface{}) error {
	return Error(d.dev.SetSockOpt(fd, level, opt, value))
}
