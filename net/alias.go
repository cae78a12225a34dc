package net

import (
	stdnet "net"
	"net/netip"

	"github.com/netdev-go/netdev"
)

// Plain types and interfaces are the standard library's own, so that values of
// this package go wherever those do.
type (
	Addr                = stdnet.Addr
	AddrError           = stdnet.AddrError
	Buffers             = stdnet.Buffers
	Conn                = stdnet.Conn
	Error               = stdnet.Error
	Flags               = stdnet.Flags
	HardwareAddr        = stdnet.HardwareAddr
	IP                  = stdnet.IP
	IPAddr              = stdnet.IPAddr
	IPMask              = stdnet.IPMask
	IPNet               = stdnet.IPNet
	Listener            = stdnet.Listener
	OpError             = stdnet.OpError
	PacketConn          = stdnet.PacketConn
	ParseError          = stdnet.ParseError
	TCPAddr             = stdnet.TCPAddr
	UDPAddr             = stdnet.UDPAddr
	UnixAddr            = stdnet.UnixAddr
	UnknownNetworkError = stdnet.UnknownNetworkError
)

// TLSConfig says what a TLS connection must check, and may say of itself.
type TLSConfig = netdev.TLSConfig

// Lengths of an IP, in bytes.
const (
	IPv4len = stdnet.IPv4len
	IPv6len = stdnet.IPv6len
)

// Flags of an [Interface].
const (
	FlagUp           = stdnet.FlagUp
	FlagBroadcast    = stdnet.FlagBroadcast
	FlagLoopback     = stdnet.FlagLoopback
	FlagPointToPoint = stdnet.FlagPointToPoint
	FlagMulticast    = stdnet.FlagMulticast
	FlagRunning      = stdnet.FlagRunning
)

// ErrClosed is in the error of every call on a closed connection, also of one
// that Close interrupted.
var ErrClosed = stdnet.ErrClosed

// Well-known addresses.
var (
	IPv4bcast     = stdnet.IPv4bcast
	IPv4allsys    = stdnet.IPv4allsys
	IPv4allrouter = stdnet.IPv4allrouter
	IPv4zero      = stdnet.IPv4zero

	IPv6zero                   = stdnet.IPv6zero
	IPv6unspecified            = stdnet.IPv6unspecified
	IPv6loopback               = stdnet.IPv6loopback
	IPv6interfacelocalallnodes = stdnet.IPv6interfacelocalallnodes
	IPv6linklocalallnodes      = stdnet.IPv6linklocalallnodes
	IPv6linklocalallrouters    = stdnet.IPv6linklocalallrouters
)

// CIDRMask returns a mask of ones 1 bits in a total of bits.
func CIDRMask(ones, bits int) IPMask { return stdnet.CIDRMask(ones, bits) }

// IPv4 returns the address a.b.c.d.
func IPv4(a, b, c, d byte) IP { return stdnet.IPv4(a, b, c, d) }

// IPv4Mask returns the mask a.b.c.d.
func IPv4Mask(a, b, c, d byte) IPMask { return stdnet.IPv4Mask(a, b, c, d) }

// JoinHostPort joins host and port to "host:port", or "[host]:port" where host
// has a colon.
func JoinHostPort(host, port string) string { return stdnet.JoinHostPort(host, port) }

// ParseCIDR parses an address with a prefix length, such as "192.0.2.0/24".
func ParseCIDR(s string) (IP, *IPNet, error) { return stdnet.ParseCIDR(s) }

// ParseIP parses an address; nil is none.
func ParseIP(s string) IP { return stdnet.ParseIP(s) }

// ParseMAC parses an EUI-48, an EUI-64 or a 20-octet InfiniBand address.
func ParseMAC(s string) (HardwareAddr, error) { return stdnet.ParseMAC(s) }

// Pipe returns the two ends of a synchronous connection in memory.
func Pipe() (Conn, Conn) { return stdnet.Pipe() }

// SplitHostPort splits "host:port" or "[host]:port"; a zone stays with host.
func SplitHostPort(hostport string) (host, port string, err error) {
	return stdnet.SplitHostPort(hostport)
}

// TCPAddrFromAddrPort returns addr as a TCPAddr.
func TCPAddrFromAddrPort(addr netip.AddrPort) *TCPAddr { return stdnet.TCPAddrFromAddrPort(addr) }

// UDPAddrFromAddrPort returns addr as a UDPAddr.
func UDPAddrFromAddrPort(addr netip.AddrPort) *UDPAddr { return stdnet.UDPAddrFromAddrPort(addr) }
