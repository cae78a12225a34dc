package netdevtest

import (
	"context"
	"net"
	"net/netip"
)

// Peer is the other side of the device's network: a host that the device
// reaches and is reached by, without address translation between them. The
// suite asks nothing else of the world around the device.
//
// A domain is netdev.AF_INET or netdev.AF_INET6. An address that the network
// does not have is the zero value; rules about it are skipped. TCP connections
// have the methods SetLinger, SetReadBuffer and CloseWrite of net.TCPConn.
type Peer interface {
	// Addr is where the device reaches the peer.
	Addr(domain int) netip.Addr
	// DeviceAddr is where the peer reaches the device, which can bind to it.
	DeviceAddr(domain int) netip.Addr
	// Interface is the device's name of its interface to the peer, "" for the
	// only one.
	Interface() string
	// FreePort is a port that nothing on the device uses, each time another.
	FreePort() uint16

	// Listen, ListenPacket and DialContext are the peer's own sockets, "tcp"
	// and "udp", as package net describes them.
	Listen(ctx context.Context, network, address string) (net.Listener, error)
	ListenPacket(ctx context.Context, network, address string) (net.PacketConn, error)
	DialContext(ctx context.Context, network, address string) (net.Conn, error)

	// Host is a name that the device resolves to Addr, "" for none.
	Host() string
	// UnknownHost is a name that the device's name servers know not to exist.
	UnknownHost() string

	// Refused is an address at which nobody listens and TCP is refused.
	Refused() netip.AddrPort
	// Unreachable is an address for which there is no route.
	Unreachable() netip.AddrPort
	// BlackHole is an address that never answers.
	BlackHole() netip.AddrPort
}
