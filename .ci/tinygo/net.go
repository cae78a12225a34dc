// Package net declares what device packages use of TinyGo's package net, which
// does not come with TinyGo's Go module. It is compiled and never run.
//
// A name that is missing here when the tinygo stage fails may be added only if
// https://github.com/tinygo-org/net has it.
package net

import (
	"net/netip"
	"time"
)

type Addr interface {
	Network() string
	String() string
}

type Conn interface {
	Read(b []byte) (n int, err error)
	Write(b []byte) (n int, err error)
	Close() error
	LocalAddr() Addr
	RemoteAddr() Addr
	SetDeadline(t time.Time) error
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
}

type PacketConn interface {
	ReadFrom(p []byte) (n int, addr Addr, err error)
	WriteTo(p []byte, addr Addr) (n int, err error)
	Close() error
	LocalAddr() Addr
	SetDeadline(t time.Time) error
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
}

type Listener interface {
	Accept() (Conn, error)
	Close() error
	Addr() Addr
}

type Error interface {
	error
	Timeout() bool
	Temporary() bool
}

type Buffers [][]byte

type HardwareAddr []byte

func (a HardwareAddr) String() string { return "" }

func ParseMAC(s string) (HardwareAddr, error) { return nil, ErrClosed }

type Flags uint

const (
	FlagUp Flags = 1 << iota
	FlagBroadcast
	FlagLoopback
	FlagPointToPoint
	FlagMulticast
	FlagRunning
)

func (f Flags) String() string { return "" }

const (
	IPv4len = 4
	IPv6len = 16
)

type (
	IP     []byte
	IPMask []byte
	IPNet  struct {
		IP   IP
		Mask IPMask
	}
)

func (ip IP) String() string     { return "" }
func (n *IPNet) Network() string { return "" }
func (n *IPNet) String() string  { return "" }

func IPv4(a, b, c, d byte) IP                         { return nil }
func IPv4Mask(a, b, c, d byte) IPMask                 { return nil }
func CIDRMask(ones, bits int) IPMask                  { return nil }
func ParseIP(s string) IP                             { return nil }
func ParseCIDR(s string) (IP, *IPNet, error)          { return nil, nil, ErrClosed }
func JoinHostPort(host, port string) string           { return "" }
func SplitHostPort(s string) (h, p string, err error) { return "", "", ErrClosed }
func Pipe() (Conn, Conn)                              { return nil, nil }

var (
	IPv4bcast, IPv4allsys, IPv4allrouter, IPv4zero    IP
	IPv6zero, IPv6unspecified, IPv6loopback           IP
	IPv6interfacelocalallnodes, IPv6linklocalallnodes IP
	IPv6linklocalallrouters                           IP
)

type IPAddr struct {
	IP   IP
	Zone string
}

func (a *IPAddr) Network() string { return "" }
func (a *IPAddr) String() string  { return "" }

type TCPAddr struct {
	IP   IP
	Port int
	Zone string
}

func (a *TCPAddr) AddrPort() netip.AddrPort { return netip.AddrPort{} }
func (a *TCPAddr) Network() string          { return "" }
func (a *TCPAddr) String() string           { return "" }

func TCPAddrFromAddrPort(addr netip.AddrPort) *TCPAddr { return nil }

type UDPAddr struct {
	IP   IP
	Port int
	Zone string
}

func (a *UDPAddr) AddrPort() netip.AddrPort { return netip.AddrPort{} }
func (a *UDPAddr) Network() string          { return "" }
func (a *UDPAddr) String() string           { return "" }

func UDPAddrFromAddrPort(addr netip.AddrPort) *UDPAddr { return nil }

type UnixAddr struct {
	Name string
	Net  string
}

func (a *UnixAddr) Network() string { return "" }
func (a *UnixAddr) String() string  { return "" }

var ErrClosed error = &AddrError{}

type OpError struct {
	Op     string
	Net    string
	Source Addr
	Addr   Addr
	Err    error
}

func (e *OpError) Unwrap() error   { return e.Err }
func (e *OpError) Error() string   { return "" }
func (e *OpError) Timeout() bool   { return false }
func (e *OpError) Temporary() bool { return false }

type AddrError struct {
	Err  string
	Addr string
}

func (e *AddrError) Error() string   { return "" }
func (e *AddrError) Timeout() bool   { return false }
func (e *AddrError) Temporary() bool { return false }

type ParseError struct {
	Type string
	Text string
}

func (e *ParseError) Error() string   { return "" }
func (e *ParseError) Timeout() bool   { return false }
func (e *ParseError) Temporary() bool { return false }

type UnknownNetworkError string

func (e UnknownNetworkError) Error() string   { return "" }
func (e UnknownNetworkError) Timeout() bool   { return false }
func (e UnknownNetworkError) Temporary() bool { return false }
