package stack

import (
	"encoding/binary"
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack/tcp"
)

// checkAddr takes an address that a call was given for what a socket of IPv4 can
// use. One that is not valid is the unspecified one.
func checkAddr(a netip.AddrPort) (netip.AddrPort, error) {
	ip := a.Addr().Unmap()
	switch {
	case !ip.IsValid():
		ip = netip.IPv4Unspecified()
	case ip.Is6():
		return a, netdev.ErrFamilyNotSupported
	}
	return netip.AddrPortFrom(ip, a.Port()), nil
}

// Bind names the local end. An address that is not valid is the unspecified one.
// Connections that are being closed keep nobody from their port.
func (s *Stack) Bind(sockfd int, ip netip.AddrPort) error {
	s.lock()
	defer s.mu.Unlock()
	k, err := s.use(sockfd)
	if err != nil {
		return err
	}
	if ip, err = checkAddr(ip); err != nil {
		return err
	}
	if k.has(bound) || k.conn != nil {
		return netdev.ErrInvalid
	}
	a := ip.Addr()
	group := a.IsMulticast() || s.eth.isBroadcast(a)
	if !a.IsUnspecified() && !s.isLocal(a) && !(group && !k.isStream()) {
		return netdev.ErrAddrNotAvailable
	}
	return s.bind(k, ip)
}

// bind takes a port, an ephemeral one for port 0.
func (s *Stack) bind(k *socket, local netip.AddrPort) error {
	if k.stype == netdev.SOCK_RAW {
		k.local = netip.AddrPortFrom(local.Addr(), 0)
		k.flags |= bound
		return nil
	}
	p := s.portsOf(k)
	if local.Port() == 0 {
		// Ports for one peer come one after the other (RFC 6056 §3.3.4), so each of
		// these is for another.
		port, ok := s.alloc.Next(local.Addr(), s.somebody(), p.inUse)
		if !ok {
			return netdev.ErrAddrInUse
		}
		local = netip.AddrPortFrom(local.Addr(), port)
	} else if p.taken(k, local) {
		return netdev.ErrAddrInUse
	}
	k.local = local
	k.flags |= bound
	p.add(k)
	return nil
}

// somebody returns an address by chance.
func (s *Stack) somebody() netip.AddrPort {
	var a [4]byte
	r := s.rand()
	binary.LittleEndian.PutUint32(a[:], uint32(r))
	return netip.AddrPortFrom(netip.AddrFrom4(a), uint16(r>>32))
}

// unbind gives the port back.
func (s *Stack) unbind(k *socket) {
	if k.has(bound) && k.stype != netdev.SOCK_RAW {
		s.portsOf(k).remove(k)
	}
	k.flags &^= bound
}

func (s *Stack) portsOf(k *socket) *ports {
	if k.isStream() {
		return &s.tcp
	}
	return &s.udp
}

// autobind gives a datagram socket a port of its own before its first datagram.
func (s *Stack) autobind(k *socket) error {
	if k.has(bound) || k.isStream() {
		return nil
	}
	return s.bind(k, netip.AddrPortFrom(netip.IPv4Unspecified(), 0))
}

// GetSockName returns the address of the local end. Of a socket that was not
// bound it is the unspecified one.
func (s *Stack) GetSockName(sockfd int) (netip.AddrPort, error) {
	s.lock()
	defer s.mu.Unlock()
	k, err := s.use(sockfd)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return k.localName(), nil
}

func (k *socket) localName() netip.AddrPort {
	switch {
	case k.conn != nil:
		return k.conn.Local
	case !k.local.IsValid():
		return netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
	}
	return k.local
}

// GetPeerName returns the address of the peer.
func (s *Stack) GetPeerName(sockfd int) (netip.AddrPort, error) {
	s.lock()
	defer s.mu.Unlock()
	k, err := s.use(sockfd)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if peer := k.peerName(); peer.IsValid() {
		return peer, nil
	}
	return netip.AddrPort{}, netdev.ErrNotConnected
}

// peerName is not valid where there is no peer.
func (k *socket) peerName() netip.AddrPort {
	switch {
	case !k.isStream():
		return k.dgram.remote
	case k.conn != nil && (k.has(connected) || k.conn.State() >= tcp.StateEstablished):
		return k.conn.Remote
	}
	return netip.AddrPort{}
}
