//go:build !tinygo

package host

import (
	"context"
	"net/netip"
	"sync/atomic"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host/internal/gonet"
	"golang.org/x/sys/unix"
)

// Connect connects a stream, or sets the peer of a datagram socket, which may
// be done again. A name is resolved even in non-blocking mode, and that waits.
func (d *Device) Connect(sockfd int, host string, ip netip.AddrPort) error {
	return d.ConnectContext(context.Background(), sockfd, host, ip)
}

// ConnectContext is Connect with an end.
func (d *Device) ConnectContext(ctx context.Context, sockfd int, host string, ip netip.AddrPort) error {
	s, err := d.use(sockfd)
	if err != nil {
		return err
	}
	defer s.release()
	if err := ctx.Err(); err != nil {
		return err
	}
	if !ip.Addr().IsValid() {
		if ip, err = s.resolve(ctx, host, ip.Port()); err != nil {
			return err
		}
	}
	var sa sockaddr
	if err := sa.set(s.fd, s.family, ip); err != nil {
		return err
	}
	if s.stype != unix.SOCK_STREAM {
		return s.connectDatagram(&sa, ip)
	}
	return s.connectStream(ctx, &sa)
}

// resolve finds the first address of host that the socket can reach. It ends
// with the socket.
func (s *socket) resolve(ctx context.Context, host string, port uint16) (netip.AddrPort, error) {
	if host == "" {
		return netip.AddrPort{}, netdev.ErrDestAddrRequired
	}
	network := "ip4"
	if s.family == unix.AF_INET6 {
		network = "ip"
		if only, err := unix.GetsockoptInt(s.fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY); err == nil && only != 0 {
			network = "ip6"
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-s.done:
			cancel()
		case <-stop:
		}
	}()
	addrs, err := gonet.LookupNetIP(ctx, resolver(), network, host)
	if ended := s.ended(); ended != nil {
		return netip.AddrPort{}, ended
	}
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(addrs[0], port), nil
}

// connects counts the calls of Connect on datagram sockets.
var connects atomic.Uint32

func (s *socket) connectDatagram(sa *sockaddr, peer netip.AddrPort) error {
	if errno := connect(s.fd, sa); errno != 0 {
		return toError(errno)
	}
	// The wildcard has become the loopback address. A peer without a port, as
	// a raw socket has, is one that the kernel does not tell.
	var name sockaddr
	if getpeername(s.fd, &name) == 0 {
		peer = name.addrPort(s.fd)
	}
	s.peer.Store(&peer)
	if s.stype == unix.SOCK_DGRAM {
		s.stale.Store(connects.Add(1))
	}
	return nil
}

// connectStream calls connect until it tells the outcome: EINPROGRESS, EALREADY
// for as long as there is none, then 0 or what went wrong.
func (s *socket) connectStream(ctx context.Context, sa *sockaddr) error {
	a := s.attempt(writable, 0, noDeadline)
	a.done = ctx.Done()
	defer a.end()
	for {
		a.arm()
		errno := connect(s.fd, sa)
		switch errno {
		case 0:
			s.role.Store(roleConn)
			return nil
		case unix.EINTR:
			continue
		case unix.EINPROGRESS, unix.EALREADY:
			s.role.Store(roleConn)
		default:
			return toError(errno)
		}
		switch err := a.block(); err {
		case nil:
		case netdev.ErrWouldBlock:
			return netdev.ErrInProgress
		case errContext:
			s.abandon()
			return ctx.Err()
		default:
			return err
		}
	}
}

// abandon ends a handshake, so that no peer gets a connection that nobody has.
func (s *socket) abandon() {
	var unspec sockaddr
	unspec.raw.Addr.Family = unix.AF_UNSPEC
	unspec.size = unix.SizeofSockaddrInet4
	connect(s.fd, &unspec)
}

// isPeer reports whether addr is what the socket is connected to.
func (s *socket) isPeer(addr netip.AddrPort) bool {
	var sa sockaddr
	if getpeername(s.fd, &sa) != 0 {
		return false
	}
	return sa.addrPort(s.fd) == netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
}
