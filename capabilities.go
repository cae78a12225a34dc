package netdev

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// As returns dev, or the first device behind it, that has capability T. It
// looks behind a wrapper that has a method Unwrap() Netdever; such a wrapper
// shares its descriptors with what it wraps.
func As[T any](dev Netdever) (T, bool) {
	for dev != nil {
		if t, ok := dev.(T); ok {
			return t, true
		}
		w, ok := dev.(interface{ Unwrap() Netdever })
		if !ok {
			break
		}
		dev = w.Unwrap()
	}
	var zero T
	return zero, false
}

// PacketNetdever sends and receives datagrams with their addresses.
// A socket that Connect was called on refuses another peer with
// [ErrIsConnected], and hears only its own.
type PacketNetdever interface {
	// SendTo sends buf whole. A datagram too long is ErrMessageTooLong.
	SendTo(sockfd int, buf []byte, flags int, to netip.AddrPort, deadline time.Time) (int, error)
	// RecvFrom returns one datagram and its sender. A rest that buf has no
	// room for is dropped.
	RecvFrom(sockfd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error)
}

// SockNamer tells the addresses of a socket's two ends.
type SockNamer interface {
	GetSockName(sockfd int) (netip.AddrPort, error)
	// GetPeerName is ErrNotConnected where there is no peer.
	GetPeerName(sockfd int) (netip.AddrPort, error)
}

// Shutdowner closes one direction of a stream and leaves the other.
type Shutdowner interface {
	// Shutdown takes SHUT_RD, SHUT_WR or SHUT_RDWR. Calls blocked in that
	// direction return: Recv with io.EOF, Send with ErrBrokenPipe.
	Shutdown(sockfd int, how int) error
}

// SockOptGetter reads back what SetSockOpt sets, in the same types.
type SockOptGetter interface {
	GetSockOpt(sockfd int, level, opt int) (any, error)
}

// ContextConnecter is Connect with an end: when ctx is done, ConnectContext
// returns its error and the socket can only be closed.
type ContextConnecter interface {
	ConnectContext(ctx context.Context, sockfd int, host string, ip netip.AddrPort) error
}

// MultiResolver resolves a name to all of its addresses.
type MultiResolver interface {
	// LookupNetIP takes network "ip", "ip4" or "ip6". A name that does not
	// exist is ErrHostUnknown, one without such an address too.
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// DNSServerLister tells which DNS servers the device asks, so that questions
// for more than addresses can be put to them over its sockets.
type DNSServerLister interface {
	// DNSServers returns the servers' addresses, the preferred one first: those
	// of the configuration or of the lease that the device has now. It is nil
	// where there are none yet. The slice is the caller's.
	DNSServers() []netip.Addr
}

// PollEvents are the bits of poll(2).
type PollEvents uint8

const (
	PollIn  PollEvents = 0x1  // Recv or Accept does not wait
	PollOut PollEvents = 0x4  // Send takes at least a byte, or Connect has its outcome
	PollErr PollEvents = 0x8  // an error is pending
	PollHup PollEvents = 0x10 // both directions have ended
)

// Poller is readiness without blocking. A device that has it also knows
// [MSG_DONTWAIT] and [MSG_PEEK].
type Poller interface {
	// Poll returns what sockfd is ready for now.
	Poll(sockfd int) (PollEvents, error)

	// PollNotify has f called whenever Poll(sockfd) may have gained an event,
	// and on Close; it may be called when nothing changed. It replaces an
	// earlier f, and nil stops. What was ready before is not announced: call
	// Poll after PollNotify. f is called without a lock, must not block and
	// must not call the device.
	PollNotify(sockfd int, f func()) error

	// SetNonblock makes the calls on sockfd return ErrWouldBlock where they
	// would wait. Connect returns ErrInProgress once; called again after
	// PollOut it returns the outcome, nil or an error, and ErrInProgress for
	// as long as there is none. An accepted socket begins as a blocking one.
	SetNonblock(sockfd int, nonblocking bool) error
}

// TLSConfig is what a device must check, and may say, on a TLS socket.
// Certificates are always verified; there is no field to turn that off.
type TLSConfig struct {
	ServerName  string   // the name the peer's certificate must carry; "" is the host that Connect is given
	RootCAs     [][]byte // DER certificates to trust; nil trusts the device's own roots
	NextProtos  []string // ALPN, the most wanted first
	Certificate [][]byte // own chain, DER, leaf first; a server must have one
	PrivateKey  []byte   // PKCS #8 DER, for Certificate
}

// TLSConfigurer configures a TLS socket before Connect or Listen. Only a
// device that has it is trusted with TLS: it enforces all of config or refuses
// it with ErrNotSupported, and package net then does TLS itself where it can.
type TLSConfigurer interface {
	ConfigureTLS(sockfd int, config *TLSConfig) error
	// NegotiatedProtocol returns what ALPN chose, "" for nothing.
	NegotiatedProtocol(sockfd int) (string, error)
}

// MulticastJoiner joins and leaves multicast groups. iface names the
// interface; "" is the device's choice.
type MulticastJoiner interface {
	JoinGroup(sockfd int, group netip.Addr, iface string) error
	LeaveGroup(sockfd int, group netip.Addr, iface string) error
}

// Interface describes a network interface.
type Interface struct {
	Index        int // from 1
	MTU          int // bytes
	Name         string
	HardwareAddr net.HardwareAddr
	Flags        net.Flags
	Addrs        []netip.Prefix
	Groups       []netip.Addr // multicast groups joined on it; nil where the device does not tell
}

// InterfaceLister lists the device's interfaces.
type InterfaceLister interface {
	Interfaces() ([]Interface, error)
}

// SocketInfo is a line of netstat.
type SocketInfo struct {
	Sockfd       int
	Type         int // SOCK_STREAM, SOCK_DGRAM
	Local        netip.AddrPort
	Remote       netip.AddrPort // invalid where there is no peer
	State        string         // RFC 9293's name, such as "ESTABLISHED"; "" where there is none
	RecvQ, SendQ int            // bytes waiting to be read, and to be acknowledged
}

// SocketLister lists the open sockets.
type SocketLister interface {
	Sockets() ([]SocketInfo, error)
}

// Pinger sends an ICMP echo request and waits for its reply.
type Pinger interface {
	// Ping returns the round-trip time. It ends with ctx, and with an
	// unreachable message's error.
	Ping(ctx context.Context, addr netip.Addr, payload []byte) (time.Duration, error)
}
