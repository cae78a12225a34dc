//go:build !tinygo

package host

import (
	"net/netip"

	"github.com/netdev-go/netdev"
	"golang.org/x/sys/unix"
)

// GetSockName returns the address of the local end, unmapped.
func (d *Device) GetSockName(sockfd int) (netip.AddrPort, error) {
	s, err := d.use(sockfd)
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer s.release()
	var sa sockaddr
	if errno := getsockname(s.fd, &sa); errno != 0 {
		return netip.AddrPort{}, toError(errno)
	}
	return sa.addrPort(s.fd), nil
}

// GetPeerName returns the address of the peer, unmapped.
func (d *Device) GetPeerName(sockfd int) (netip.AddrPort, error) {
	s, err := d.use(sockfd)
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer s.release()
	var sa sockaddr
	if errno := getpeername(s.fd, &sa); errno != 0 {
		return netip.AddrPort{}, toError(errno)
	}
	return sa.addrPort(s.fd), nil
}

// Shutdown closes one direction of a stream, or both.
func (d *Device) Shutdown(sockfd, how int) error {
	s, err := d.use(sockfd)
	if err != nil {
		return err
	}
	defer s.release()
	if how != netdev.SHUT_RD && how != netdev.SHUT_WR && how != netdev.SHUT_RDWR {
		return netdev.ErrInvalid
	}
	before := s.shutRead.Load()
	if how != netdev.SHUT_WR {
		s.shutRead.Store(true) // ahead of the wake-up
	}
	if err := unix.Shutdown(s.fd, how); err != nil {
		s.shutRead.Store(before)
		return mapError(err)
	}
	s.wake(readable, writable)
	return nil
}
