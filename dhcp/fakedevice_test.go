package dhcp_test

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
)

// A fakeDevice has datagram sockets on a network of one server, which the test is.
type fakeDevice struct {
	netdev.Netdever // what is not needed panics

	sent chan datagram // what the device's user sends
	rcvd chan []byte   // what arrives

	mu      sync.Mutex
	next    int
	sockets map[int]*fakeSocket
	fail    error // of SendTo, or of Socket
}

type fakeSocket struct {
	broadcast bool
	local     netip.AddrPort
	closed    chan struct{}
}

type datagram struct {
	b    []byte
	to   netip.AddrPort
	from fakeSocket
}

func newFakeDevice() *fakeDevice {
	return &fakeDevice{
		sent: make(chan datagram, 100), rcvd: make(chan []byte, 100),
		sockets: make(map[int]*fakeSocket),
	}
}

func (d *fakeDevice) Socket(domain, stype, protocol int) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail != nil {
		return -1, d.fail
	}
	d.next++
	d.sockets[d.next] = &fakeSocket{closed: make(chan struct{})}
	return d.next, nil
}

func (d *fakeDevice) socket(fd int) (*fakeSocket, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.sockets[fd]; s != nil {
		return s, nil
	}
	return nil, netdev.ErrInvalidSocketFd
}

func (d *fakeDevice) open() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.sockets)
}

func (d *fakeDevice) failing(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail = err
}

func (d *fakeDevice) SetSockOpt(fd, level, opt int, value any) error {
	s, err := d.socket(fd)
	if err == nil && level == netdev.SOL_SOCKET && opt == netdev.SO_BROADCAST {
		s.broadcast, err = netdev.OptBool(value)
	}
	return err
}

func (d *fakeDevice) Bind(fd int, local netip.AddrPort) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.sockets {
		if s.local.Port() == local.Port() {
			return netdev.ErrAddrInUse
		}
	}
	d.sockets[fd].local = local
	return nil
}

func (d *fakeDevice) Close(fd int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.sockets[fd]
	if s == nil {
		return netdev.ErrInvalidSocketFd
	}
	delete(d.sockets, fd)
	close(s.closed)
	return nil
}

func (d *fakeDevice) SendTo(fd int, buf []byte, flags int, to netip.AddrPort, deadline time.Time) (int, error) {
	s, err := d.socket(fd)
	if err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail != nil {
		return 0, d.fail
	}
	d.sent <- datagram{append([]byte(nil), buf...), to, *s}
	return len(buf), nil
}

func (d *fakeDevice) RecvFrom(fd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error) {
	s, err := d.socket(fd)
	if err != nil {
		return 0, netip.AddrPort{}, err
	}
	var late <-chan time.Time
	if !deadline.IsZero() {
		late = time.After(time.Until(deadline))
	}
	select {
	case b, ok := <-d.rcvd:
		if !ok {
			return 0, netip.AddrPort{}, netdev.ErrNetDown
		}
		return copy(buf, b), netip.AddrPortFrom(ip("10.0.2.1"), 67), nil
	case <-s.closed:
		return 0, netip.AddrPort{}, net.ErrClosed
	case <-late:
		return 0, netip.AddrPort{}, netdev.ErrTimeout
	}
}
