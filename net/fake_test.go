//go:build !tinygo

package net_test

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
)

// fake is a device that does what its functions say, and where there is none
// what a device would do that has nobody to talk to. It wakes nobody on Close.
type fake struct {
	connect func(fd int, host string, to netip.AddrPort) error
	bind    func(fd int, at netip.AddrPort) error
	accept  func(fd int) (int, netip.AddrPort, error)
	send    func(b []byte, deadline time.Time) (int, error)
	recv    func(b []byte, deadline time.Time) (int, error)
	resolve func(name string) (netip.Addr, error)

	mu     sync.Mutex
	opened int
	open   map[int]bool
}

var _ netdev.Netdever = (*fake)(nil)

var fakeAddr = netip.MustParseAddr("10.0.0.2")

func (f *fake) newFd() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open == nil {
		f.open = make(map[int]bool)
	}
	fd := f.opened
	f.opened++
	f.open[fd] = true
	return fd
}

// sockets returns how many are open.
func (f *fake) sockets() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.open)
}

func (f *fake) GetHostByName(name string) (netip.Addr, error) {
	if f.resolve == nil {
		return netip.Addr{}, netdev.ErrHostUnknown
	}
	return f.resolve(name)
}

func (f *fake) Addr() (netip.Addr, error) { return fakeAddr, nil }

func (f *fake) Socket(domain, _, protocol int) (int, error) {
	if domain != netdev.AF_INET {
		return -1, netdev.ErrFamilyNotSupported
	}
	if protocol == netdev.IPPROTO_TLS {
		return -1, netdev.ErrProtocolNotSupported
	}
	return f.newFd(), nil
}

func (f *fake) Bind(fd int, at netip.AddrPort) error {
	if f.bind == nil {
		return nil
	}
	return f.bind(fd, at)
}

func (f *fake) Connect(fd int, host string, to netip.AddrPort) error {
	if f.connect == nil {
		return nil
	}
	return f.connect(fd, host, to)
}

func (f *fake) Listen(int, int) error { return nil }

func (f *fake) Accept(fd int) (int, netip.AddrPort, error) { return f.accept(fd) }

func (f *fake) Send(_ int, b []byte, _ int, deadline time.Time) (int, error) {
	if f.send == nil {
		return len(b), nil
	}
	return f.send(b, deadline)
}

func (f *fake) Recv(_ int, b []byte, _ int, deadline time.Time) (int, error) {
	if f.recv == nil {
		return untilDeadline(b, deadline)
	}
	return f.recv(b, deadline)
}

// untilDeadline moves nothing, as a device does whose peer is silent.
func untilDeadline(_ []byte, deadline time.Time) (int, error) {
	if deadline.IsZero() {
		select {}
	}
	<-time.After(time.Until(deadline))
	return 0, netdev.ErrTimeout
}

func (f *fake) Close(fd int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.open[fd] {
		return netdev.ErrInvalidSocketFd
	}
	delete(f.open, fd)
	return nil
}

func (f *fake) SetSockOpt(int, int, int, any) error { return netdev.ErrNotSupported }

// multi is a fake that knows several addresses of a host.
type multi struct {
	*fake
	addrs []netip.Addr
}

func (m multi) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	return append([]netip.Addr(nil), m.addrs...), nil
}
