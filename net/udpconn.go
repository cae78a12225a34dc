package net

import (
	"context"
	stdnet "net"
	"net/netip"

	"github.com/netdev-go/netdev"
)

// noPeer stands for the peer that the socket has.
var noPeer netip.AddrPort

// UDPConn is a [Conn] and a [PacketConn] over UDP. Its methods may be called
// from any goroutine.
//
// Reading and writing datagrams with their addresses needs a device with
// netdev.PacketNetdever. Without it Read and Write work, and so do ReadFrom and
// the like on a connection that has its peer; everything else is
// errors.ErrUnsupported.
type UDPConn struct {
	conn
}

// DialUDP returns a connection whose peer is raddr, from laddr unless that is
// nil. Network is "udp", "udp4" or "udp6".
func DialUDP(network string, laddr, raddr *UDPAddr) (*UDPConn, error) {
	var d Dialer
	return d.dialUDP(context.Background(), network, laddr, raddr)
}

// DialUDP is the function of that name with the Dialer's limits and ctx. Of the
// Dialer's addresses it uses none.
func (d *Dialer) DialUDP(ctx context.Context, network string, laddr, raddr netip.AddrPort) (*UDPConn, error) {
	return d.dialUDP(ctx, network, UDPAddrFromAddrPort(laddr), UDPAddrFromAddrPort(raddr))
}

func (d *Dialer) dialUDP(ctx context.Context, network string, laddr, raddr *UDPAddr) (*UDPConn, error) {
	ctx, cancel := d.bound(ctx)
	defer cancel()
	c, err := dialUDPAddrs(ctx, network, laddr, raddr)
	if err != nil {
		return nil, &OpError{Op: "dial", Net: network, Source: opUDPAddr(laddr), Addr: opUDPAddr(raddr), Err: err}
	}
	return c, nil
}

func dialUDPAddrs(ctx context.Context, network string, laddr, raddr *UDPAddr) (*UDPConn, error) {
	if t, err := transport(network); err != nil || t != "udp" {
		return nil, UnknownNetworkError(network)
	}
	if raddr == nil {
		return nil, errMissingAddress
	}
	local, err := udpAddrPort(laddr)
	if err != nil {
		return nil, err
	}
	remote, err := udpAddrPort(raddr)
	if err != nil {
		return nil, err
	}
	if err := checkFamily(network, remote.Addr()); err != nil {
		return nil, err
	}
	return dialUDP(ctx, current(), network, local, remote)
}

func dialUDP(ctx context.Context, dev netdev.Netdever, network string, local, remote netip.AddrPort) (*UDPConn, error) {
	s, err := dialSocket(ctx, dev, endpoint{
		network: network, stype: netdev.SOCK_DGRAM, protocol: netdev.IPPROTO_UDP,
		local: local, remote: remote,
	})
	if err != nil {
		return nil, err
	}
	return &UDPConn{conn{s}}, nil
}

// ListenUDP returns a connection for datagrams to laddr; nil, or one without a
// host, is every address of the device, and port 0 a free port. Network is
// "udp", "udp4" or "udp6".
func ListenUDP(network string, laddr *UDPAddr) (*UDPConn, error) {
	c, err := listenUDP(current(), network, laddr)
	if err != nil {
		return nil, &OpError{Op: "listen", Net: network, Addr: opUDPAddr(laddr), Err: err}
	}
	return c, nil
}

func listenUDP(dev netdev.Netdever, network string, laddr *UDPAddr) (*UDPConn, error) {
	if t, err := transport(network); err != nil || t != "udp" {
		return nil, UnknownNetworkError(network)
	}
	local, err := udpAddrPort(laddr)
	if err != nil {
		return nil, err
	}
	if err := checkFamily(network, local.Addr()); err != nil {
		return nil, err
	}
	s, err := listenSocket(dev, endpoint{
		network: network, stype: netdev.SOCK_DGRAM, protocol: netdev.IPPROTO_UDP, local: local,
	})
	if err != nil {
		return nil, err
	}
	return &UDPConn{conn{s}}, nil
}

// recvFrom reads a datagram and its sender.
func (c *UDPConn) recvFrom(b []byte, call string) (n int, from netip.AddrPort, err error) {
	if !c.ok() {
		return 0, netip.AddrPort{}, netdev.ErrInvalid
	}
	if d, ok := netdev.As[netdev.PacketNetdever](c.s.dev); ok {
		n, from, err = c.s.recvFrom(d, b, call)
	} else if c.s.remote.IsValid() {
		// A connected socket hears only its peer.
		n, err = c.s.recv(b, call)
		from = c.s.remote
	} else {
		err = syscallError(call, netdev.ErrNotSupported)
	}
	if err != nil {
		return n, netip.AddrPort{}, c.s.opError("read", err)
	}
	return n, from, nil
}

// sendTo writes a datagram with an address.
func (c *UDPConn) sendTo(b []byte, to netip.AddrPort, call string) (int, error) {
	if c.s.remote.IsValid() {
		return 0, ErrWriteToConnected
	}
	d, ok := netdev.As[netdev.PacketNetdever](c.s.dev)
	if !ok {
		return 0, syscallError(call, netdev.ErrNotSupported)
	}
	to = unmap(to)
	if c.s.family == netdev.AF_INET && to.Addr().Is6() {
		return 0, &AddrError{Err: "non-IPv4 address", Addr: to.Addr().String()}
	}
	if err := checkFamily(c.s.network, to.Addr()); err != nil {
		return 0, err
	}
	if wildcard(to.Addr()) {
		to = netip.AddrPortFrom(loopback(c.s.network, to.Addr()), to.Port())
	}
	return c.s.sendDatagram(d, b, c.s.bindable(to), call)
}

// ReadFrom reads a datagram into b and returns its sender, a *UDPAddr. What b
// has no room for is lost.
func (c *UDPConn) ReadFrom(b []byte) (int, Addr, error) {
	n, from, err := c.recvFrom(b, "recvfrom")
	if err != nil {
		return n, nil, err
	}
	return n, stdnet.UDPAddrFromAddrPort(from), nil
}

// ReadFromUDP is ReadFrom with the address's own type.
func (c *UDPConn) ReadFromUDP(b []byte) (int, *UDPAddr, error) {
	n, from, err := c.recvFrom(b, "recvfrom")
	if err != nil {
		return n, nil, err
	}
	return n, stdnet.UDPAddrFromAddrPort(from), nil
}

// ReadFromUDPAddrPort is ReadFrom without an allocation. An IPv4 sender is
// never an IPv4-mapped address.
func (c *UDPConn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	return c.recvFrom(b, "recvfrom")
}

// WriteTo writes b as a datagram to addr, a *UDPAddr. On a connection that has
// its peer it is ErrWriteToConnected.
func (c *UDPConn) WriteTo(b []byte, addr Addr) (int, error) {
	if !c.ok() {
		return 0, netdev.ErrInvalid
	}
	to, ok := addr.(*UDPAddr)
	if !ok {
		return 0, &OpError{Op: "write", Net: c.s.network, Source: c.s.localAddr(), Addr: addr, Err: netdev.ErrInvalid}
	}
	return c.WriteToUDP(b, to)
}

// WriteToUDP is WriteTo with the address's own type.
func (c *UDPConn) WriteToUDP(b []byte, addr *UDPAddr) (int, error) {
	if !c.ok() {
		return 0, netdev.ErrInvalid
	}
	return c.writeUDP(b, addr, "sendto")
}

func (c *UDPConn) writeUDP(b []byte, addr *UDPAddr, call string) (int, error) {
	to, err := udpAddrPort(addr)
	if addr == nil && !c.s.remote.IsValid() {
		err = errMissingAddress
	}
	n := 0
	if err == nil {
		n, err = c.sendTo(b, to, call)
	}
	if err != nil {
		err = &OpError{Op: "write", Net: c.s.network, Source: c.s.localAddr(), Addr: opUDPAddr(addr), Err: err}
	}
	return n, err
}

// WriteToUDPAddrPort is WriteTo without an allocation.
func (c *UDPConn) WriteToUDPAddrPort(b []byte, addr netip.AddrPort) (int, error) {
	if !c.ok() {
		return 0, netdev.ErrInvalid
	}
	return c.writeAddrPort(b, addr, "sendto")
}

func (c *UDPConn) writeAddrPort(b []byte, addr netip.AddrPort, call string) (int, error) {
	n, err := c.sendTo(b, addr, call)
	if err != nil {
		err = &OpError{Op: "write", Net: c.s.network, Source: c.s.localAddr(), Addr: stdnet.UDPAddrFromAddrPort(addr), Err: err}
	}
	return n, err
}
