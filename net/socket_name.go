package net

import (
	"math/rand"
	"net/netip"

	"github.com/netdev-go/netdev"
)

func unmap(ap netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// wildcard reports whether a names no host.
func wildcard(a netip.Addr) bool { return !a.IsValid() || a.IsUnspecified() }

func unspecified(family int) netip.Addr {
	if family == netdev.AF_INET6 {
		return netip.IPv6Unspecified()
	}
	return netip.IPv4Unspecified()
}

func familyOf(a netip.Addr) int {
	if a.Is6() {
		return netdev.AF_INET6
	}
	return netdev.AF_INET
}

// bindable is ap as this socket's Bind, Connect or SendTo takes it.
func (s *socket) bindable(ap netip.AddrPort) netip.AddrPort {
	a := ap.Addr()
	switch {
	case !a.IsValid():
		a = unspecified(int(s.family))
	case s.family == netdev.AF_INET6 && a.Is4():
		if a.IsUnspecified() {
			a = netip.IPv6Unspecified()
		} else {
			a = netip.AddrFrom16(a.As16())
		}
	}
	return netip.AddrPortFrom(a, ap.Port())
}

// ephemeralTries is how many ports are tried before the device is believed
// that all are in use.
const ephemeralTries = 64

// ephemeralPort picks a port for a device that would not tell which one it
// picked (RFC 6056 §3.3.1).
func ephemeralPort() uint16 { return uint16(49152 + rand.Intn(65536-49152)) }

// facing is the local address of a connection to peer, as far as it can be
// known on a device without netdev.SockNamer. It may be invalid.
func facing(dev netdev.Netdever, peer netip.Addr) netip.Addr {
	if peer.IsLoopback() {
		if peer.Is4() {
			return netip.AddrFrom4([4]byte{127, 0, 0, 1})
		}
		return netip.IPv6Loopback()
	}
	own, err := dev.Addr()
	if err != nil {
		return netip.Addr{}
	}
	return own.Unmap()
}

// name asks the device for the socket's own address, and takes known where the
// device cannot tell.
func (s *socket) name(known netip.AddrPort) netip.AddrPort {
	if d, ok := netdev.As[netdev.SockNamer](s.dev); ok {
		if ap, err := d.GetSockName(s.fd); err == nil && ap.IsValid() {
			return unmap(ap)
		}
	}
	return known
}

// nameAccepted sets the addresses of a socket that listener accepted.
func (s *socket) nameAccepted(listener *socket, peer netip.AddrPort) {
	if d, ok := netdev.As[netdev.SockNamer](s.dev); ok && !peer.IsValid() {
		if ap, err := d.GetPeerName(s.fd); err == nil {
			peer = unmap(ap)
		}
	}
	local := listener.local
	if wildcard(local.Addr()) {
		local = netip.AddrPortFrom(facing(s.dev, peer.Addr()), local.Port())
	}
	s.local, s.remote = s.name(local), peer
}
