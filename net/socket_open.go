package net

import (
	"context"
	"errors"
	"net/netip"

	"github.com/netdev-go/netdev"
)

// An endpoint says what socket to open. An address that is not valid stands
// for one that was not given.
type endpoint struct {
	network  string
	stype    int
	protocol int
	host     string            // for the device's TLS
	tls      *netdev.TLSConfig // with IPPROTO_TLS
	local    netip.AddrPort
	remote   netip.AddrPort
}

// dialSocket opens a socket that is connected to e.remote.
func dialSocket(ctx context.Context, dev netdev.Netdever, e endpoint) (*socket, error) {
	if wildcard(e.remote.Addr()) {
		e.remote = netip.AddrPortFrom(loopback(e.network, e.remote.Addr()), e.remote.Port())
	}
	if local := e.local.Addr(); !wildcard(local) && familyOf(local) != familyOf(e.remote.Addr()) {
		return nil, &AddrError{Err: errMismatchedLocal, Addr: local.String()}
	}
	for try := 1; ; try++ {
		if err := ctx.Err(); err != nil {
			return nil, contextError(err)
		}
		s, again, err := e.dial(ctx, dev)
		if err == nil || !again || try == ephemeralTries {
			return s, err
		}
	}
}

// dial is one try. again says that another port may do better.
func (e endpoint) dial(ctx context.Context, dev netdev.Netdever) (_ *socket, again bool, err error) {
	s, err := e.open(dev, familyOf(e.remote.Addr()))
	if err != nil {
		return nil, false, err
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	s.dialOptions()
	local, chosen, err := s.bindToDial(e.local)
	if err != nil {
		return nil, chosen && portTaken(err), err
	}
	if err := s.connect(ctx, e.host, e.remote); err != nil {
		return nil, chosen && portTaken(err), err
	}
	if wildcard(local.Addr()) {
		local = netip.AddrPortFrom(facing(dev, e.remote.Addr()), local.Port())
	}
	local = s.name(local)
	s.local, s.remote = local, e.remote
	// The kernel of a host may join a socket to itself, when the port dialled
	// is a free one of the range that it chooses from.
	if e.stype == netdev.SOCK_STREAM && e.local.Port() == 0 && local == e.remote {
		return nil, true, callError("connect", netdev.ErrConnRefused)
	}
	return s, false, nil
}

func portTaken(err error) bool {
	return errors.Is(err, netdev.ErrAddrInUse) || errors.Is(err, netdev.ErrAddrNotAvailable)
}

// bindToDial binds to local as far as it is given. On a device that will not
// tell the port it chose, a port is chosen here.
func (s *socket) bindToDial(local netip.AddrPort) (_ netip.AddrPort, chosen bool, err error) {
	asked := local.Addr().IsValid() || local.Port() != 0
	_, named := netdev.As[netdev.SockNamer](s.dev)
	if named && !asked {
		return local, false, nil
	}
	if local.Port() == 0 && !named {
		chosen = true
		local = netip.AddrPortFrom(local.Addr(), ephemeralPort())
	}
	err = s.dev.Bind(s.fd, s.bindable(local))
	if err != nil && !asked && !portTaken(err) {
		// There are chips that cannot bind before they connect.
		return netip.AddrPort{}, false, nil
	}
	return local, chosen, callError("bind", err)
}

// dialOptions sets what Go sets on every socket that it dials with.
func (s *socket) dialOptions() {
	if s.stype == netdev.SOCK_DGRAM {
		s.dev.SetSockOpt(s.fd, netdev.SOL_SOCKET, netdev.SO_BROADCAST, true)
	}
}

// listenSocket opens a socket bound to e.local, which for a stream listens. A
// wildcard is both families' where the device can do that.
func listenSocket(dev netdev.Netdever, e endpoint) (*socket, error) {
	if !wildcard(e.local.Addr()) {
		return e.listenOn(dev, familyOf(e.local.Addr()), false)
	}
	local := netip.AddrPortFrom(netip.Addr{}, e.local.Port())
	switch e.network[len(e.network)-1] {
	case '4':
		e.local = local
		return e.listenOn(dev, netdev.AF_INET, false)
	case '6':
		e.local = local
		return e.listenOn(dev, netdev.AF_INET6, false)
	}
	if e.tls == nil {
		both := e
		both.local = local
		s, err := both.listenOn(dev, netdev.AF_INET6, true)
		if err == nil || errors.Is(err, netdev.ErrAddrInUse) || errors.Is(err, netdev.ErrAccess) {
			return s, err
		}
	}
	if e.local.Addr().Is6() {
		return e.listenOn(dev, netdev.AF_INET6, false)
	}
	return e.listenOn(dev, netdev.AF_INET, false)
}

func (e endpoint) listenOn(dev netdev.Netdever, family int, both bool) (*socket, error) {
	for try := 1; ; try++ {
		s, again, err := e.listen(dev, family, both)
		if err == nil || !again || try == ephemeralTries {
			return s, err
		}
	}
}

// listen is one try. again says that another port may do better.
func (e endpoint) listen(dev netdev.Netdever, family int, both bool) (_ *socket, again bool, err error) {
	s, err := e.open(dev, family)
	if err != nil {
		return nil, false, err
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if family == netdev.AF_INET6 && wildcard(e.local.Addr()) {
		if err := s.setOpt(netdev.IPPROTO_IPV6, netdev.IPV6_V6ONLY, !both); err != nil && both {
			return nil, false, err
		}
	}
	s.listenOptions(e.local.Addr())
	if e.local.Addr().IsMulticast() {
		e.local = netip.AddrPortFrom(netip.Addr{}, e.local.Port()) // the group is joined, not bound to
	}
	local := s.bindable(e.local)
	_, named := netdev.As[netdev.SockNamer](dev)
	chosen := !named && local.Port() == 0
	if chosen {
		local = netip.AddrPortFrom(local.Addr(), ephemeralPort())
	}
	if err := s.dev.Bind(s.fd, local); err != nil {
		return nil, chosen && portTaken(err), callError("bind", err)
	}
	if s.stype == netdev.SOCK_STREAM {
		if err := s.dev.Listen(s.fd, netdev.SOMAXCONN); err != nil {
			return nil, chosen && portTaken(err), callError("listen", err)
		}
	}
	s.local = s.name(unmap(local))
	return s, false, nil
}

// listenOptions sets what Go sets on every socket that it listens with. A
// device without such an option does without.
func (s *socket) listenOptions(a netip.Addr) {
	switch {
	case s.stype == netdev.SOCK_STREAM:
		s.dev.SetSockOpt(s.fd, netdev.SOL_SOCKET, netdev.SO_REUSEADDR, true)
	case a.IsMulticast():
		s.dev.SetSockOpt(s.fd, netdev.SOL_SOCKET, netdev.SO_REUSEADDR, true)
		fallthrough
	default:
		s.dev.SetSockOpt(s.fd, netdev.SOL_SOCKET, netdev.SO_BROADCAST, true)
	}
}

// loopback is what a dial to nowhere in particular means.
func loopback(network string, a netip.Addr) netip.Addr {
	if a.Is6() || network[len(network)-1] == '6' {
		return netip.IPv6Loopback()
	}
	return netip.AddrFrom4([4]byte{127, 0, 0, 1})
}

// open opens the socket, and tells the device what to check on a TLS socket.
func (e endpoint) open(dev netdev.Netdever, family int) (*socket, error) {
	s, err := openSocket(dev, e.network, family, e.stype, e.protocol)
	if err == nil && e.tls != nil {
		if err = s.configureTLS(e.tls); err != nil {
			s.close()
		}
	}
	if err != nil && e.tls != nil && refusedTLS(err) {
		err = errTLSRefused
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (s *socket) configureTLS(config *netdev.TLSConfig) error {
	d, ok := netdev.As[netdev.TLSConfigurer](s.dev)
	if !ok {
		return netdev.ErrTLSUnavailable
	}
	return callError("tls", d.ConfigureTLS(s.fd, config))
}
