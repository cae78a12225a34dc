//go:build !tinygo

package host

import (
	"sync"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"golang.org/x/sys/unix"
)

// Device is the host's kernel as a network device. Its methods may be called
// from any goroutine. Devices have their own descriptors: those of one mean
// nothing to another.
type Device struct {
	table table

	link struct {
		sync.Mutex
		joined bool // by NetConnect
		notify func(netlink.Event)
	}
}

var (
	_ netdev.Netdever       = (*Device)(nil)
	_ netdev.PacketNetdever = (*Device)(nil)
	_ netdev.SockNamer      = (*Device)(nil)
	_ netdev.Shutdowner     = (*Device)(nil)
	_ netdev.Poller         = (*Device)(nil)
)

// New returns a device that is connected, with no sockets. It needs no close:
// a device without sockets holds nothing of the kernel's.
func New() *Device { return &Device{} }

// Socket returns a new descriptor. Beside streams and datagrams there are the
// kernel's SOCK_RAW sockets, for those who may open them. IPPROTO_TLS is
// ErrProtocolNotSupported: the kernel speaks no TLS.
func (d *Device) Socket(domain, stype, protocol int) (int, error) {
	if domain != netdev.AF_INET && domain != netdev.AF_INET6 {
		return -1, netdev.ErrFamilyNotSupported
	}
	switch {
	case stype == netdev.SOCK_STREAM && (protocol == 0 || protocol == netdev.IPPROTO_TCP):
	case stype == netdev.SOCK_DGRAM && (protocol == 0 || protocol == netdev.IPPROTO_UDP):
	case stype == netdev.SOCK_RAW && protocol >= 0 && protocol <= 0xFF && protocol != netdev.IPPROTO_TLS:
	default:
		return -1, netdev.ErrProtocolNotSupported
	}
	s, err := d.open(domain, stype, protocol)
	if err != nil {
		return -1, err
	}
	return d.enter(s)
}

// open returns a socket that has no number yet.
func (d *Device) open(domain, stype, protocol int) (*socket, error) {
	family := unix.AF_INET
	if domain == netdev.AF_INET6 {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, stype|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return nil, mapError(err)
	}
	if stype != netdev.SOCK_STREAM {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_BROADCAST, 1); err != nil {
			unix.Close(fd)
			return nil, mapError(err)
		}
	}
	return newSocket(fd, family, stype)
}

// enter gives s its number.
func (d *Device) enter(s *socket) (int, error) {
	n, err := d.table.add(s)
	if err != nil {
		s.shut(stateClosed)
		return -1, err
	}
	return n, nil
}

// use returns the socket of a descriptor. The caller releases it.
func (d *Device) use(sockfd int) (*socket, error) {
	s := d.table.get(sockfd)
	if s == nil {
		return nil, netdev.ErrInvalidSocketFd
	}
	if s.state.Load() == stateOpen && s.acquire() {
		return s, nil
	}
	if s.state.Load() == stateDown {
		return nil, netdev.ErrNetDown
	}
	return nil, netdev.ErrInvalidSocketFd
}

// Close gives the descriptor back. When it returns, the kernel's socket is
// closed and its port free, but for what TCP keeps of it.
func (d *Device) Close(sockfd int) error {
	s := d.table.remove(sockfd)
	if s == nil {
		return netdev.ErrInvalidSocketFd
	}
	_, err := s.shut(stateClosed)
	return err
}
