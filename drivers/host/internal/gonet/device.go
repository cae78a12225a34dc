//go:build !tinygo

package gonet

import (
	"sync"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
)

// Device is Go's own net as a network device.
type Device struct {
	mu      sync.Mutex
	sockets []*socket // by descriptor
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
func New() *Device { return &Device{} }

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
	for n, other := range d.sockets {
		if other == nil {
			d.sockets[n] = s
			return n, nil
		}
	}
	d.sockets = append(d.sockets, s)
	return len(d.sockets) - 1, nil
}

// use returns the socket of a descriptor.
func (d *Device) use(sockfd int) (*socket, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if sockfd < 0 || sockfd >= len(d.sockets) || d.sockets[sockfd] == nil {
		return nil, netdev.ErrInvalidSocketFd
	}
	s := d.sockets[sockfd]
	if err := s.ended(); err != nil {
		return nil, err
	}
	return s, nil
}

// Close gives the descriptor back.
func (d *Device) Close(sockfd int) error {
	d.mu.Lock()
	if sockfd < 0 || sockfd >= len(d.sockets) || d.sockets[sockfd] == nil {
		d.mu.Unlock()
		return netdev.ErrInvalidSocketFd
	}
	s := d.sockets[sockfd]
	d.sockets[sockfd] = nil
	d.mu.Unlock()
	s.end(netdev.ErrClosed)
	return nil
}
