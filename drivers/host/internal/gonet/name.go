//go:build !tinygo

package gonet

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// GetSockName returns the address of the local end.
func (d *Device) GetSockName(sockfd int) (netip.AddrPort, error) {
	s, err := d.use(sockfd)
	if err != nil {
		return netip.AddrPort{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.tcp != nil:
		return addrPort(s.tcp.LocalAddr()), nil
	case s.ln != nil:
		return addrPort(s.ln.Addr()), nil
	case s.udp != nil:
		return addrPort(s.udp.LocalAddr()), nil
	}
	return s.fit(netip.AddrPort{})
}

// GetPeerName returns the address of the peer.
func (d *Device) GetPeerName(sockfd int) (netip.AddrPort, error) {
	s, err := d.use(sockfd)
	if err != nil {
		return netip.AddrPort{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.tcp != nil:
		return addrPort(s.tcp.RemoteAddr()), nil
	case s.peer.IsValid():
		return s.peer, nil
	}
	return netip.AddrPort{}, netdev.ErrNotConnected
}

// Shutdown closes one direction of a stream, or both.
func (d *Device) Shutdown(sockfd, how int) error {
	s, err := d.use(sockfd)
	if err != nil {
		return err
	}
	if how != netdev.SHUT_RD && how != netdev.SHUT_WR && how != netdev.SHUT_RDWR {
		return netdev.ErrInvalid
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tcp == nil {
		return netdev.ErrNotConnected
	}
	past := time.Unix(1, 0)
	if how != netdev.SHUT_WR {
		s.shutRead = true
		s.tcp.SetReadDeadline(past)
		err = s.tcp.CloseRead()
	}
	if how != netdev.SHUT_RD && err == nil {
		s.shutWrite = true
		s.tcp.SetWriteDeadline(past)
		err = s.tcp.CloseWrite()
	}
	return toError(err)
}
