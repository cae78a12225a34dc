//go:build !tinygo

package host

import (
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

var noDeadline time.Time

// Bind names the local end. An address that is not valid is the wildcard. Port
// 0 leaves the choice to the kernel, which takes a free port of its ephemeral
// range at random (RFC 6056 §3.3.1).
func (d *Device) Bind(sockfd int, ip netip.AddrPort) error {
	s, err := d.use(sockfd)
	if err != nil {
		return err
	}
	defer s.release()
	var sa sockaddr
	if err := sa.set(s.fd, s.family, ip); err != nil {
		return err
	}
	errno := bind(s.fd, &sa)
	if errno == unix.EADDRINUSE && s.stype == unix.SOCK_STREAM && !s.reuseSet.Load() {
		// Connections in TIME-WAIT do not keep a server from its port. Setting
		// the option at once would also let two sockets bind the same port.
		if unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1) == nil {
			if errno = bind(s.fd, &sa); errno != 0 {
				unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 0)
			}
		}
	}
	return toError(errno)
}

// Listen makes a stream socket a listener. One that was not bound gets a port
// from the kernel.
func (d *Device) Listen(sockfd, backlog int) error {
	s, err := d.use(sockfd)
	if err != nil {
		return err
	}
	defer s.release()
	if s.stype == unix.SOCK_STREAM && !s.reuseSet.Load() {
		// Connections inherit it, and the next server binds over those that
		// this one leaves in TIME-WAIT.
		if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
			return mapError(err)
		}
	}
	if err := unix.Listen(s.fd, min(max(backlog, 0), 1<<16-1)); err != nil {
		return mapError(err)
	}
	s.role.Store(roleListener)
	return nil
}

// Accept returns the next connection that is still alive. If the process has no
// descriptors left it returns ErrNoMoreSockets, and the connection stays in the
// backlog.
func (d *Device) Accept(sockfd int) (int, netip.AddrPort, error) {
	s, err := d.use(sockfd)
	if err != nil {
		return -1, netip.AddrPort{}, err
	}
	defer s.release()
	a := s.attempt(readable, 0, noDeadline)
	defer a.end()
	for {
		a.arm()
		var from sockaddr
		fd, errno := accept(s.fd, &from)
		switch {
		case errno == 0:
			// A connection that was reset in the backlog has no peer any more.
			var peer sockaddr
			if getpeername(fd, &peer) != 0 {
				unix.Close(fd)
				continue
			}
			return d.enterAccepted(fd, s.family, from.addrPort(fd))
		case errno == unix.EAGAIN:
			if err := a.block(); err != nil {
				return -1, netip.AddrPort{}, err
			}
		case !diedInBacklog(errno):
			return -1, netip.AddrPort{}, toError(errno)
		}
	}
}

func (d *Device) enterAccepted(fd, family int, from netip.AddrPort) (int, netip.AddrPort, error) {
	s, err := newSocket(fd, family, unix.SOCK_STREAM)
	if err != nil {
		return -1, netip.AddrPort{}, err
	}
	s.role.Store(roleConn)
	n, err := d.enter(s)
	if err != nil {
		return -1, netip.AddrPort{}, err
	}
	return n, from, nil
}

// diedInBacklog reports whether accept told of the connection, not of the
// listener: Linux hands over what is pending on the new socket.
func diedInBacklog(errno unix.Errno) bool {
	switch errno {
	case unix.EINTR, unix.ECONNABORTED, unix.ECONNRESET, unix.EPROTO, unix.ENETDOWN, unix.ENOPROTOOPT,
		unix.EHOSTDOWN, unix.ENONET, unix.EHOSTUNREACH, unix.ENETUNREACH:
		return true
	}
	return false
}
