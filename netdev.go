package netdev

import (
	"net/netip"
	"time"
)

// Address families, the domain of [Netdever.Socket].
const (
	AF_INET  = 0x2
	AF_INET6 = 0xA
)

// Socket types, the stype of [Netdever.Socket].
const (
	SOCK_STREAM = 0x1
	SOCK_DGRAM  = 0x2
	// SOCK_RAW sockets carry ICMP. Most devices refuse them; see [Pinger].
	SOCK_RAW = 0x3
)

// Protocols of [Netdever.Socket], and levels of [Netdever.SetSockOpt].
const (
	IPPROTO_IP     = 0x0
	IPPROTO_ICMP   = 0x1
	IPPROTO_TCP    = 0x6
	IPPROTO_UDP    = 0x11
	IPPROTO_IPV6   = 0x29
	IPPROTO_ICMPV6 = 0x3A
	// IPPROTO_TLS is no IP protocol: it asks for a TCP socket on which the
	// device speaks TLS. A device that cannot refuses it.
	IPPROTO_TLS = 0xFE
)

// Socket options of level [SOL_SOCKET]. The numbers are Linux's.
const (
	SOL_SOCKET   = 0x1
	SO_REUSEADDR = 0x2  // bool
	SO_TYPE      = 0x3  // int, get only: SOCK_STREAM or SOCK_DGRAM
	SO_ERROR     = 0x4  // error or nil, get only: the pending error, which is cleared
	SO_BROADCAST = 0x6  // bool
	SO_SNDBUF    = 0x7  // int, bytes
	SO_RCVBUF    = 0x8  // int, bytes
	SO_KEEPALIVE = 0x9  // bool
	SO_LINGER    = 0xD  // int, seconds; negative is off, 0 makes Close send a reset
	SO_REUSEPORT = 0xF  // bool
	SO_ACCEPTCON = 0x1E // bool, get only: the socket listens
)

// Socket options of level [SOL_TCP].
const (
	SOL_TCP          = 0x6
	TCP_NODELAY      = 0x1  // bool
	TCP_MAXSEG       = 0x2  // int, bytes
	TCP_KEEPIDLE     = 0x4  // int, seconds
	TCP_KEEPINTVL    = 0x5  // int, seconds; a float64 is TinyGo's net speaking, in half seconds
	TCP_KEEPCNT      = 0x6  // int
	TCP_CONGESTION   = 0xD  // string, the algorithm's name, such as "cubic"; ErrInvalid for one that is not there
	TCP_USER_TIMEOUT = 0x12 // int, milliseconds (RFC 5482)
)

// Socket options of levels [IPPROTO_IP] and [IPPROTO_IPV6].
const (
	IP_TOS              = 0x1  // int
	IP_TTL              = 0x2  // int
	IP_MULTICAST_IF     = 0x20 // netip.Addr of the interface
	IP_MULTICAST_TTL    = 0x21 // int
	IP_MULTICAST_LOOP   = 0x22 // bool
	IPV6_UNICAST_HOPS   = 0x10 // int
	IPV6_MULTICAST_HOPS = 0x12 // int
	IPV6_MULTICAST_LOOP = 0x13 // bool
	IPV6_V6ONLY         = 0x1A // bool
)

// F_SETFL is part of the contract as first published; nothing here uses it.
const F_SETFL = 0x4

// Flags of Send and Recv. Only a [Poller] knows them; elsewhere they are
// [ErrNotSupported].
const (
	MSG_PEEK     = 0x2  // leave what Recv returns in the queue
	MSG_DONTWAIT = 0x40 // return ErrWouldBlock instead of waiting
)

// How of [Shutdowner].
const (
	SHUT_RD   = 0
	SHUT_WR   = 1
	SHUT_RDWR = 2
)

// SOMAXCONN is the backlog that package net asks for, as Linux has it; a device
// takes what it can.
const SOMAXCONN = 4096

// Netdever is a network device seen through BSD-like sockets: the interface of
// TinyGo's network driver model, method for method. It has eleven methods and
// never grows; what a device can do beyond them is an optional capability, see
// [As].
//
// What every method promises is docs/contract.md, rule by rule, and package
// netdevtest checks it. In short:
//
//   - Any method may be called from any goroutine. A socket that waits never
//     delays another.
//   - A deadline belongs to the call it is given to. The zero Time is none, one
//     in the past fails at once with [ErrTimeout].
//   - Close wakes every call that is blocked on the descriptor with [ErrClosed].
//     A descriptor that is closed or never was is [ErrInvalidSocketFd].
//   - Slices belong to the caller again when the call returns.
type Netdever interface {
	// GetHostByName returns an address of host name, or the address that name
	// spells. A name that does not exist is ErrHostUnknown.
	GetHostByName(name string) (netip.Addr, error)

	// Addr returns the address of the interface, from DHCP or configuration.
	Addr() (netip.Addr, error)

	// Socket returns a new descriptor, 0 or more. The device says no with
	// ErrFamilyNotSupported, ErrProtocolNotSupported or ErrNoMoreSockets.
	Socket(domain int, stype int, protocol int) (int, error)

	// Bind names the local end. Port 0 is a free port, chosen at random. A port
	// in use is ErrAddrInUse.
	Bind(sockfd int, ip netip.AddrPort) error

	// Connect connects a stream, or sets the peer of a datagram socket. If ip
	// has a port but no valid address, host is resolved. On a TLS socket host
	// is also the name that the certificate must carry.
	Connect(sockfd int, host string, ip netip.AddrPort) error

	// Listen makes a bound stream socket a listener.
	Listen(sockfd int, backlog int) error

	// Accept blocks until a peer is connected, and returns its descriptor and
	// address.
	Accept(sockfd int) (int, netip.AddrPort, error)

	// Send blocks until all of buf is taken, and returns how many bytes were,
	// also beside an error. A datagram goes out whole or not at all.
	Send(sockfd int, buf []byte, flags int, deadline time.Time) (int, error)

	// Recv returns 1 to len(buf) bytes, or 0 and io.EOF after the peer's FIN.
	// On a datagram socket it returns one datagram, whose rest is dropped;
	// 0 and nil is an empty one.
	Recv(sockfd int, buf []byte, flags int, deadline time.Time) (int, error)

	// Close gives the descriptor back. Data already taken by Send is still
	// delivered, unless SO_LINGER says otherwise.
	Close(sockfd int) error

	// SetSockOpt sets an option; the type of value stands beside its constant.
	SetSockOpt(sockfd int, level int, opt int, value interface{}) error
}
