//go:build !tinygo

package gonet

import (
	"math"
	"sync"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
)

// Device is Go's own net as a network device.
type Device struct {
	mu      sync.Mutex
	sockets map[int]*socket // by descriptor
	next    int             // the descriptor to give out next
	down    bool
	joined  bool // by NetConnect
	notify  func(netlink.Event)
}

var (
	_ netdev.Netdever         = (*Device)(nil)
	_ netdev.PacketNetdever   = (*Device)(nil)
	_ netdev.SockNamer        = (*Device)(nil)
	_ netdev.Shutdowner       = (*Device)(nil)
	_ netdev.ContextConnecter = (*Device)(nil)
	_ netdev.MultiResolver    = (*Device)(nil)
	_ netdev.InterfaceLister  = (*Device)(nil)
	_ netlink.Netlinker       = (*Device)(nil)
)

// New returns a device that is connected, with no sockets.
func New() *Device { return &Device{sockets: make(map[int]*socket)} }

// Socket returns a new descriptor, of a stream or a datagram socket. Nothing of
// the system's is used before Bind, Connect, Listen or SendTo.
func (d *Device) Socket(domain, stype, protocol int) (int, error) {
	if domain != netdev.AF_INET && domain != netdev.AF_INET6 {
		return -1, netdev.ErrFamilyNotSupported
	}
	switch {
	case stype == netdev.SOCK_STREAM && (protocol == 0 || protocol == netdev.IPPROTO_TCP):
	case stype == netdev.SOCK_DGRAM && (protocol == 0 || protocol == netdev.IPPROTO_UDP):
	default:
		return -1, netdev.ErrProtocolNotSupported
	}
	return d.enter(newSocket(domain, stype))
}

// enter gives s its number.
func (d *Device) enter(s *socket) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.down {
		s.end(netdev.ErrNetDown)
		return -1, netdev.ErrNetDown
	}
	// A number is not used again, so that a call which comes too late finds
	// nothing rather than the next socket.
	for d.sockets[d.next] != nil {
		d.next = (d.next + 1) & math.MaxInt32
	}
	n := d.next
	d.next = (n + 1) & math.MaxInt32
	d.sockets[n] = s
	return n, nil
}

// use returns the socket of a descriptor.
func (d *Device) use(sockfd int) (*socket, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.sockets[sockfd]
	if s == nil {
		return nil, netdev.ErrInvalidSocketFd
	}
	if err := s.ended(); err != nil {
		return nil, err
	}
	return s, nil
}

// Close gives the descriptor back.
func (d *Device) Close(sockfd int) error {
	d.mu.Lock()
	s := d.sockets[sockfd]
	delete(d.sockets, sockfd)
	d.mu.Unlock()
	if s == nil {
		return netdev.ErrInvalidSocketFd
	}
	s.end(netdev.ErrClosed)
	return nil
}
